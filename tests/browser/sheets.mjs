// Looks at protocols' sheets: on a phone 360 pixels wide, where nothing may run off the page, and on paper, where every page has its number, the
// title, the version and the hash, and the last one room for the signature.
//
//   node sheets.mjs CHROMIUM FOLDER-OF-SHEETS FOLDER-FOR-PICTURES [AXE-CORE]

import { spawnSync } from "node:child_process";
import { lookAtFiles } from "./files.mjs";

await lookAtFiles({ what: "sheets", least: 1, scale: 1 }, async ({ value, find }) => {
    const off = await value(`[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > 360.5)
        .map((one) => one.outerHTML.slice(0, 80))`);
    if (off.length > 0) find(`it runs off the page of a phone: ${off[0]}`);
    // A table is read row by row there, each value under the title of its column.
    const untitled = await value(`[...document.querySelectorAll("td")].filter((one) =>
        one.textContent && !getComputedStyle(one, "::before").content.replaceAll('"', "")).map((one) => one.outerHTML.slice(0, 80))`);
    if (untitled.length > 0) find(`a cell without its title: ${untitled[0]}`);
}, async ({ value, find, pdf }) => {
    const [title, version, hash] = await value(`[document.title, document.querySelector("dd").textContent,
        document.querySelector("footer").textContent.match(/SHA-256 ([0-9a-f]{64})/)?.[1]]`);
    // What stands on each page is read where there is a reader of PDF.
    const read = spawnSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
    const texts = read.status === 0 ? read.stdout.split("\f").slice(0, -1) : [];
    const plain = (text) => text.replaceAll(/\s+/g, "");
    const pageWord = await value("document.documentElement.lang") === "de" ? "Seite" : "page";
    for (const [at, text] of texts.entries()) {
        for (const what of [title, version, hash, `${pageWord} ${at + 1}`]) {
            if (!plain(text).includes(plain(what ?? "?"))) find(`page ${at + 1} does not say “${what}”`);
        }
    }
    if (texts.length > 0 && !plain(texts.at(-1)).includes("Signature") && !plain(texts.at(-1)).includes("Unterschrift")) {
        find(`no room for a signature on the last page`);
    }
    return `${texts.length || "?"} pages`;
});
