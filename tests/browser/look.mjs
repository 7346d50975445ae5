// Looks at handouts: on a phone, and on one or two sheets of paper, black on white.
//
//   node look.mjs CHROMIUM FOLDER-OF-PAGES FOLDER-FOR-PICTURES [AXE-CORE]

import { lookAtFiles } from "./files.mjs";

await lookAtFiles({ what: "pages", least: 12, scale: 2 }, async ({ value, find }) => {
    const wide = await value("document.documentElement.scrollWidth");
    if (wide > 360) find(`${wide} pixels wide`);
    // What is read on paper is black on white: nothing may hang on a background.
    const coloured = await value(`[...document.querySelectorAll("body *")].filter((one) => {
        const style = getComputedStyle(one);
        return style.backgroundColor !== "rgba(0, 0, 0, 0)" || style.backgroundImage !== "none" || style.color !== "rgb(0, 0, 0)";
    }).map((one) => one.outerHTML.slice(0, 80))`);
    if (coloured.length > 0) find(`not black on white: ${coloured[0]}`);
    const unnamed = await value(`[...document.querySelectorAll("svg")].filter((one) =>
        !document.getElementById(one.getAttribute("aria-labelledby"))?.textContent).length`);
    if (unnamed > 0) find(`a picture without its text`);
    // Labels of the picture lie in it, and on no other label.
    const meeting = await value(`(() => {
        const svg = document.querySelector("svg");
        if (!svg) return "";
        const all = [...svg.querySelectorAll("text")].map((one) => ({ box: one.getBoundingClientRect(), text: one.textContent }));
        const outer = svg.getBoundingClientRect();
        for (const { box, text } of all) {
            if (box.left < outer.left || box.right > outer.right || box.top < outer.top || box.bottom > outer.bottom) return text + " lies outside";
        }
        for (const [at, one] of all.entries()) for (const other of all.slice(at + 1)) {
            const a = one.box, b = other.box;
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4) return one.text + " lies on " + other.text;
        }
        return "";
    })()`);
    if (meeting) find(`in the picture, ${meeting}`);
    return `${wide} pixels`;
}, async ({ find, bytes }) => {
    const sheets = bytes.toString("latin1").match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0;
    if (sheets < 1 || sheets > 2) find(`${sheets} sheets`);
    return `${sheets} ${sheets === 1 ? "sheet" : "sheets"}`;
});
