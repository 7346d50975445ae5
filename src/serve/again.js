// A page that tells how far something is looks again by itself. Without this, its link does.
"use strict";

(() => {
    const live = document.getElementById("live");

    async function look() {
        const old = document.querySelector("[data-again]");
        if (!old) return;
        try {
            const response = await fetch(location.href, { redirect: "error" });
            const page = new DOMParser().parseFromString(await response.text(), "text/html");
            const next = page.getElementById(old.id);
            if (!response.ok || !next) return;
            // A link that has the focus stays where it is.
            if (next.innerHTML !== old.innerHTML && !(old.contains(document.activeElement) && next.hasAttribute("data-again"))) {
                old.replaceWith(document.importNode(next, true));
                if (next.dataset.say) live.textContent = next.dataset.say;
            }
        } catch {
            live.textContent = live.dataset.lost ?? "It cannot be told how far it is: the program has ended.";
            return;
        }
        setTimeout(look, 1000);
    }

    setTimeout(look, 1000);
})();
