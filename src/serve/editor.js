// What is wrong with a text follows what is typed, at its line; names can be completed. Everything works without this: the button "Check" asks the
// same, and nothing is saved here.
"use strict";

(() => {
    const form = document.querySelector("form[data-check]");
    if (!form) return;
    const text = form.querySelector("textarea");
    const live = document.getElementById("live");
    const say = (words) => { live.textContent = words; };

    // Line numbers, with a mark where something is wrong. They stand beside the text for the eye: the list says the same.
    const gutter = document.createElement("div");
    gutter.className = "gutter";
    gutter.setAttribute("aria-hidden", "true");
    text.before(gutter);
    const ranks = ["note", "warning", "error"];
    function number() {
        const marks = new Map();
        for (const link of document.querySelectorAll("#found li > p:first-child a.line")) {
            const [line, rank] = [Number(link.dataset.line), ranks.indexOf(link.closest("li").className)];
            marks.set(line, Math.max(marks.get(line) ?? 0, rank));
        }
        const count = text.value.split("\n").length;
        const all = [];
        for (let line = 1; line <= count; line++) {
            const span = document.createElement("span");
            span.textContent = String(line);
            if (marks.has(line)) span.className = ranks[marks.get(line)];
            all.push(span);
        }
        gutter.replaceChildren(...all);
        follow();
    }
    const follow = () => { gutter.scrollTop = text.scrollTop; };
    text.addEventListener("scroll", follow);

    // Checking, a moment after the last key.
    let asked = 0;
    let waiting;
    let said = document.getElementById("summary").dataset.say;
    async function check() {
        const mine = ++asked;
        let response;
        try {
            response = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
        } catch {
            say(form.dataset.ended ?? "The text cannot be checked: the program has ended.");
            return;
        }
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const found = page.getElementById("found");
        // An older answer never comes over a newer one.
        if (mine !== asked) return;
        if (!response.ok || !found) {
            say(form.dataset.old ?? "This page is out of date: copy your text, and load it again.");
            return;
        }
        document.getElementById("found").replaceChildren(...[...found.childNodes].map((one) => document.importNode(one, true)));
        number();
        const summary = document.getElementById("summary").dataset.say;
        if (summary !== said) say(summary);
        said = summary;
    }
    text.addEventListener("input", () => {
        number();
        clearTimeout(waiting);
        waiting = setTimeout(check, 400);
    });

    // A line of the list leads to its place in the text.
    document.getElementById("found").addEventListener("click", (event) => {
        const link = event.target.closest("a.line");
        if (!link) return;
        event.preventDefault();
        text.focus();
        text.setSelectionRange(Number(link.dataset.from), Number(link.dataset.to));
        const height = parseFloat(getComputedStyle(text).lineHeight);
        text.scrollTop = (Number(link.dataset.line) - 1) * height - text.clientHeight / 3;
    });

    // Ctrl+Space completes the name before the cursor: arrows choose, Enter takes, Escape leaves.
    const known = [...document.querySelectorAll("#names > li")].map((one) => one.textContent);
    const list = document.createElement("ul");
    list.id = "completions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Names");
    list.hidden = true;
    text.closest(".lines").after(list);
    let chosen = 0;
    const before = () => /[A-Za-z_][\w-]*$/.exec(text.value.slice(0, text.selectionStart))?.[0] ?? "";
    function close() {
        list.hidden = true;
        text.removeAttribute("aria-activedescendant");
    }
    function choose(at) {
        chosen = (at + list.children.length) % list.children.length;
        [...list.children].forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
        text.setAttribute("aria-activedescendant", list.children[chosen].id);
        list.children[chosen].scrollIntoView({ block: "nearest" });
    }
    function open() {
        const start = before();
        const own = text.value.match(/[A-Za-z_][\w-]{2,}/g) ?? [];
        const names = [...new Set([...known, ...own])].filter((name) => name !== start && name.startsWith(start)).sort().slice(0, 40);
        if (names.length === 0) {
            close();
            say(form.dataset.none ?? "No name begins like this.");
            return;
        }
        list.replaceChildren(...names.map((name, at) => {
            const one = document.createElement("li");
            one.id = `completion-${at}`;
            one.setAttribute("role", "option");
            one.textContent = name;
            return one;
        }));
        list.hidden = false;
        choose(0);
        const words = form.dataset.names ?? "{} names, the first: {}";
        say(names.length === 1 ? (form.dataset.name ?? "1 name: {}").replace("{}", () => names[0]) : words.replace("{}", names.length).replace("{}", () => names[0]));
    }
    function take() {
        const [name, start] = [list.children[chosen].textContent, before()];
        // As if it was typed: it can be undone.
        const end = text.selectionStart;
        text.setSelectionRange(end - start.length, text.selectionEnd);
        if (!document.execCommand("insertText", false, name)) text.setRangeText(name, end - start.length, text.selectionEnd, "end");
        close();
        text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    text.setAttribute("aria-controls", "completions");
    text.addEventListener("keydown", (event) => {
        if (event.ctrlKey && event.code === "Space") {
            event.preventDefault();
            open();
            return;
        }
        if (list.hidden) return;
        const act = { ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1), Enter: take, Escape: close }[event.key];
        if (act) {
            event.preventDefault();
            act();
        } else if (["ArrowLeft", "ArrowRight", "Tab"].includes(event.key)) {
            close();
        }
    });
    text.addEventListener("input", () => {
        if (!list.hidden) { if (before()) open(); else close(); }
    });
    list.addEventListener("mousedown", (event) => {
        const at = [...list.children].indexOf(event.target);
        if (at < 0) return;
        event.preventDefault();
        choose(at);
        take();
    });

    // What was typed is not lost by going elsewhere without a warning.
    let isSending = false;
    form.addEventListener("submit", () => { isSending = true; });
    window.addEventListener("beforeunload", (event) => {
        if (!isSending && text.value !== text.defaultValue) event.preventDefault();
    });
    number();
})();
