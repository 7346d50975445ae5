// Pages that lie in a folder, looked at one after the other: on a phone 360 pixels wide, by axe-core, and on paper.

import { readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { axeCore, axeFindings, inBrowser } from "./browser.mjs";

/**
 * Looks at each page of the folder that the command line names, and ends with what is wrong.
 * `onPhone` looks at the page; `onPaper` gets the file that was printed and its bytes, and says in a few words what they came to.
 */
export async function lookAtFiles({ what, least, scale }, onPhone, onPaper) {
    const [chromium, folder, pictures, axePath] = process.argv.slice(2);
    const axe = axeCore(axePath);
    const files = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
    if (files.length < least) {
        console.error(`only ${files.length} ${what} in ${folder}`);
        process.exit(1);
    }
    const wrong = [];
    await inBrowser(chromium, (url) => url.startsWith("file:"), async (page) => {
        const value = async (expression) => (await page.send("Runtime.evaluate", { expression, returnByValue: true })).result.value;
        for (const file of files) {
            const find = (found) => wrong.push(`${file}: ${found}`);
            page.logged.length = 0;
            await page.send("Emulation.setDeviceMetricsOverride", { width: 360, height: 740, deviceScaleFactor: scale, mobile: true });
            const loaded = new Promise((resolve) => { page.loaded = resolve; });
            await page.send("Page.navigate", { url: `file://${resolve(folder, file)}` });
            await loaded;
            const name = basename(file, ".html");
            const seen = await onPhone({ value, find });
            if (axe) (await axeFindings(page, axe, 90)).forEach(find);
            const phone = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
            writeFileSync(join(pictures, `${name}-phone.png`), Buffer.from(phone.data, "base64"));
            await page.send("Emulation.clearDeviceMetricsOverride");
            const paper = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
            const [pdf, bytes] = [join(pictures, `${name}.pdf`), Buffer.from(paper.data, "base64")];
            writeFileSync(pdf, bytes);
            const printed = await onPaper({ value, find, pdf, bytes });
            page.logged.forEach(find);
            console.log(`${file}: ${[seen, printed].filter(Boolean).join(", ")}`);
        }
    });
    if (wrong.length > 0) {
        console.error(wrong.join("\n"));
        process.exit(1);
    }
    console.log(`${files.length} ${what} are as they should be${axe ? "" : "; axe-core could not be had and was not run"}`);
    process.exit(0);
}
