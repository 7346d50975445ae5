// Looks at protocols' sheets: on a phone 360 pixels wide, where nothing may run off the page, and on paper, where every page has its number, the
// title, the version and the hash, and the last one room for the signature.
//
//   node sheets.mjs CHROMIUM FOLDER-OF-SHEETS FOLDER-FOR-PICTURES [AXE-CORE]

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { tab } from "./tab.mjs";

const [chromium, sheets, pictures, axePath] = process.argv.slice(2);
const axe = axePath && existsSync(axePath) ? readFileSync(axePath, "utf8") : undefined;
const files = readdirSync(sheets).filter((name) => name.endsWith(".html")).sort();
const profile = mkdtempSync(join(tmpdir(), "sheets-"));
const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const ended = new Promise((resolve) => browser.once("exit", resolve));

const wrong = [];
if (files.length === 0) wrong.push(`no sheet in ${sheets}`);
try {
    const page = await tab(browser, (url) => url.startsWith("file:"));
    const value = async (expression) => (await page.send("Runtime.evaluate", { expression, returnByValue: true })).result.value;
    for (const file of files) {
        page.logged.length = 0;
        await page.send("Emulation.setDeviceMetricsOverride", { width: 360, height: 740, deviceScaleFactor: 1, mobile: true });
        const loaded = new Promise((resolve) => { page.loaded = resolve; });
        await page.send("Page.navigate", { url: `file://${resolve(sheets, file)}` });
        await loaded;
        const name = basename(file, ".html");
        const off = await value(`[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > 360.5)
            .map((one) => one.outerHTML.slice(0, 80))`);
        if (off.length > 0) wrong.push(`${file}: it runs off the page of a phone: ${off[0]}`);
        // A table is read row by row there, each value under the title of its column.
        const untitled = await value(`[...document.querySelectorAll("td")].filter((one) =>
            one.textContent && !getComputedStyle(one, "::before").content.replaceAll('"', "")).map((one) => one.outerHTML.slice(0, 80))`);
        if (untitled.length > 0) wrong.push(`${file}: a cell without its title: ${untitled[0]}`);
        if (axe) {
            await page.send("Runtime.evaluate", { expression: axe });
            const expression = "axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes[0].html.slice(0, 90)))";
            const found = await page.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
            wrong.push(...found.result.value.map((one) => `${file}: axe: ${one}`));
        }
        const phone = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
        writeFileSync(join(pictures, `${name}-phone.png`), Buffer.from(phone.data, "base64"));
        const [title, version, hash] = await value(`[document.title, document.querySelector("dd").textContent,
            document.querySelector("footer").textContent.match(/SHA-256 ([0-9a-f]{64})/)?.[1]]`);
        await page.send("Emulation.clearDeviceMetricsOverride");
        const paper = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
        const pdf = join(pictures, `${name}.pdf`);
        writeFileSync(pdf, Buffer.from(paper.data, "base64"));
        // What stands on each page is read where there is a reader of PDF.
        const read = spawnSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
        const texts = read.status === 0 ? read.stdout.split("\f").slice(0, -1) : [];
        const plain = (text) => text.replaceAll(/\s+/g, "");
        const pageWord = await value("document.documentElement.lang") === "de" ? "Seite" : "page";
        for (const [at, text] of texts.entries()) {
            for (const what of [title, version, hash, `${pageWord} ${at + 1}`]) {
                if (!plain(text).includes(plain(what ?? "?"))) wrong.push(`${file}: page ${at + 1} does not say “${what}”`);
            }
        }
        if (texts.length > 0 && !plain(texts.at(-1)).includes("Signature") && !plain(texts.at(-1)).includes("Unterschrift")) {
            wrong.push(`${file}: no room for a signature on the last page`);
        }
        wrong.push(...page.logged.map((text) => `${file}: ${text}`));
        console.log(`${file}: ${texts.length || "?"} pages`);
    }
} finally {
    // Only the browser that was started here.
    browser.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
if (wrong.length > 0) {
    console.error(wrong.join("\n"));
    process.exit(1);
}
console.log(`${files.length} sheets are as they should be${axe ? "" : "; axe-core could not be had and was not run"}`);
process.exit(0);
