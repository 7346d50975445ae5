// The answer follows what is typed. Everything works without this: it saves nothing and decides nothing; the server is asked what the answer would be.
"use strict";

(() => {
    const form = document.querySelector("form[data-preview]");
    if (!form) return;
    const live = document.getElementById("live");
    let said = document.getElementById("answer")?.dataset.say;
    let asked = 0;
    let waiting;

    /** Whether somebody has put something into a question. */
    const isTouched = (question) => [...question.querySelectorAll("input")].some((input) =>
        input.type === "text" ? input.value.trim() !== "" : input.checked);

    /** Takes over which questions are asked now. What is there stays, with its focus and what is in it. */
    function questions(next) {
        const here = document.getElementById("questions");
        const keys = new Set([...next.querySelectorAll(".q")].map((one) => one.dataset.key));
        for (const question of here.querySelectorAll(".q")) {
            const stays = keys.has(question.dataset.key) || isTouched(question) || question.contains(document.activeElement);
            if (!stays) question.remove();
        }
        const find = (root, selector, name, value) =>
            [...root.querySelectorAll(selector)].find((one) => one.dataset[name] === value);
        for (const group of next.querySelectorAll(".group")) {
            const own = find(here, ".group", "group", group.dataset.group);
            if (!own) {
                here.append(document.importNode(group, true));
                continue;
            }
            for (const question of group.querySelectorAll(".q")) {
                const there = find(here, ".q", "key", question.dataset.key);
                if (there) {
                    // What cannot be an answer is told while it stands there.
                    there.querySelector(":scope > .wrong")?.remove();
                    const wrong = question.querySelector(":scope > .wrong");
                    if (wrong) there.querySelector(":scope > legend").after(document.importNode(wrong, true));
                    continue;
                }
                const last = [...own.querySelectorAll(":scope > .q")].pop();
                const copy = document.importNode(question, true);
                if (last) last.after(copy); else own.append(copy);
            }
        }
        for (const group of here.querySelectorAll(".group")) if (!group.querySelector(".q")) group.remove();
        for (const empty of here.querySelectorAll(":scope > .empty")) empty.remove();
        const none = next.querySelector(":scope > .empty");
        if (none) here.append(document.importNode(none, true));
    }

    async function look() {
        const number = ++asked;
        const body = new URLSearchParams(new FormData(form));
        let response;
        try {
            response = await fetch(form.dataset.preview, { method: "POST", body, redirect: "error" });
        } catch {
            live.textContent = live.dataset.ended ?? "The answer cannot be asked for: the program has ended.";
            return;
        }
        // An older answer never comes over a newer one.
        if (number !== asked) return;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        if (number !== asked) return;
        const answer = page.getElementById("answer");
        if (!response.ok || !answer) {
            live.textContent = live.dataset.old ?? "This page is out of date: load it again.";
            return;
        }
        const old = document.getElementById("answer");
        const isOpen = old.querySelector(".whole")?.open;
        const copy = document.importNode(answer, true);
        if (isOpen) copy.querySelector(".whole").open = true;
        old.replaceWith(copy);
        questions(page.getElementById("questions"));
        // Told once it is another one, and not with each key.
        if (copy.dataset.say !== said) {
            said = copy.dataset.say;
            live.textContent = said;
        }
    }

    function soon() {
        clearTimeout(waiting);
        waiting = setTimeout(look, 120);
    }

    // Of a value that is typed and one that is chosen, the later one is meant.
    form.addEventListener("input", (event) => {
        const question = event.target.closest?.(".q");
        if (!question) return;
        if (event.target.type === "text" && event.target.value.trim() !== "") {
            for (const other of question.querySelectorAll("input:checked")) other.checked = false;
        } else if (event.target.checked) {
            for (const other of question.querySelectorAll("input[type=text]")) other.value = "";
        }
    });
    form.addEventListener("input", soon);
    form.addEventListener("reset", () => setTimeout(look, 0));
    // A choice that was a slip is taken back by choosing it again.
    form.addEventListener("pointerdown", (event) => {
        const input = event.target.closest?.(".pill")?.querySelector("input[type=radio]");
        if (input) input.dataset.was = String(input.checked);
    });
    form.addEventListener("click", (event) => {
        if (event.target.type !== "radio" || event.target.dataset.was !== "true") return;
        event.target.checked = false;
        event.target.dataset.was = "false";
        soon();
    });
    // What was typed is not lost by going elsewhere without a warning.
    let isSaving = false;
    form.addEventListener("submit", () => { isSaving = true; });
    window.addEventListener("beforeunload", (event) => {
        if (!isSaving && [...form.elements].some((one) =>
            one.type === "text" ? one.value !== one.defaultValue : "defaultChecked" in one && one.checked !== one.defaultChecked)) {
            event.preventDefault();
        }
    });
})();
