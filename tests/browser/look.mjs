// Drives Chromium over its DevTools protocol, through a pipe and so without a library.
//
//   node look.mjs CHROMIUM FOLDER-OF-PAGES FOLDER-FOR-PICTURES [AXE-CORE]

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { tab } from "./tab.mjs";

const [chromium, pages, pictures, axePath] = process.argv.slice(2);
const axe = axePath && existsSync(axePath) ? readFileSync(axePath, "utf8") : undefined;
const files = readdirSync(pages).filter((name) => name.endsWith(".html")).sort();
if (files.length < 12) {
    console.error(`only ${files.length} pages in ${pages}`);
    process.exit(1);
}

const profile = mkdtempSync(join(tmpdir(), "handouts-"));
// Without a sandbox, because scripts that install packages run as root; the pages are ours and have no scripts.
const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const ended = new Promise((resolve) => browser.once("exit", resolve));

const wrong = [];
try {
    const page = await tab(browser, (url) => url.startsWith("file:"));
    const value = async (expression) => (await page.send("Runtime.evaluate", { expression, returnByValue: true })).result.value;
    for (const file of files) {
        page.logged.length = 0;
        await page.send("Emulation.setDeviceMetricsOverride", { width: 360, height: 740, deviceScaleFactor: 2, mobile: true });
        const loaded = new Promise((resolve) => { page.loaded = resolve; });
        await page.send("Page.navigate", { url: `file://${resolve(pages, file)}` });
        await loaded;
        const name = basename(file, ".html");
        const wide = await value("document.documentElement.scrollWidth");
        if (wide > 360) wrong.push(`${file}: ${wide} pixels wide`);
        // What is read on paper is black on white: nothing may hang on a background.
        const coloured = await value(`[...document.querySelectorAll("body *")].filter((one) => {
            const style = getComputedStyle(one);
            return style.backgroundColor !== "rgba(0, 0, 0, 0)" || style.backgroundImage !== "none" || style.color !== "rgb(0, 0, 0)";
        }).map((one) => one.outerHTML.slice(0, 80))`);
        if (coloured.length > 0) wrong.push(`${file}: not black on white: ${coloured[0]}`);
        const unnamed = await value(`[...document.querySelectorAll("svg")].filter((one) =>
            !document.getElementById(one.getAttribute("aria-labelledby"))?.textContent).length`);
        if (unnamed > 0) wrong.push(`${file}: a picture without its text`);
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
        if (meeting) wrong.push(`${file}: in the picture, ${meeting}`);
        if (axe) {
            await page.send("Runtime.evaluate", { expression: axe });
            const expression = "axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes[0].html.slice(0, 90)))";
            const found = await page.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
            wrong.push(...found.result.value.map((one) => `${file}: axe: ${one}`));
        }
        const phone = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
        writeFileSync(join(pictures, `${name}-phone.png`), Buffer.from(phone.data, "base64"));
        await page.send("Emulation.clearDeviceMetricsOverride");
        const paper = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
        const pdf = Buffer.from(paper.data, "base64");
        writeFileSync(join(pictures, `${name}.pdf`), pdf);
        const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length ?? 0;
        if (sheets < 1 || sheets > 2) wrong.push(`${file}: ${sheets} sheets`);
        wrong.push(...page.logged.map((text) => `${file}: ${text}`));
        console.log(`${file}: ${wide} pixels, ${sheets} ${sheets === 1 ? "sheet" : "sheets"}`);
    }
} finally {
    // Only the browser that was started here.
    browser.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
if (wrong.length > 0) {
    console.error(wrong.join("\n"));
    process.exit(1);
}
console.log(`${files.length} pages are as they should be${axe ? "" : "; axe-core could not be had and was not run"}`);
process.exit(0);
