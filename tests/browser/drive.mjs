// A browser in which somebody works: going to pages, keys, pictures on a desktop, in the dark and on a phone, and axe-core on every page.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { axeCore, axeFindings, inBrowser } from "./browser.mjs";

/** Starts a browser, has somebody work in it, and ends with what went wrong. `expected` are the messages of the console that are no errors of the pages. */
export async function drive({ chromium, address, pictures, axePath, expected, paper = false }, work) {
    const axe = axeCore(axePath);
    const wrong = [];
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const drivePage = async (page) => {
        const value = async (expression) => {
            const { result, exceptionDetails } = await page.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
            if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
            return result.value;
        };
        /** Does something that leads to another page, and waits for that. */
        const leads = async (act) => {
            const loaded = new Promise((resolve, reject) => {
                page.loaded = resolve;
                setTimeout(() => reject(new Error("no page came")), 180_000).unref();
            });
            await act();
            await loaded;
            await ready();
        };
        /** Waits until the page can be typed into: what it gives the focus to gets that after it was loaded, with its first picture. */
        const ready = async () => {
            const there = `location.href !== "about:blank" && document.readyState === "complete"`;
            const focused = `(!document.querySelector("[autofocus]") || document.activeElement !== document.body)`;
            for (let tries = 0; tries < 100 && !(await value(`${there} && ${focused}`)); tries++) await pause(50);
        };
        const go = (path) => leads(() => page.send("Page.navigate", { url: address + path }));
        const until = async (expression, what) => {
            for (let tries = 0; tries < 1200; tries++) {
                if (await value(expression)) return;
                await pause(100);
            }
            wrong.push(`never: ${what}`);
        };
        const key = async (name, code, { text, modifiers = 0, physical = name } = {}) => {
            const about = { key: name, code: physical, windowsVirtualKeyCode: code, modifiers };
            await page.send("Input.dispatchKeyEvent", { type: "keyDown", ...about, text });
            await page.send("Input.dispatchKeyEvent", { type: "keyUp", ...about });
        };
        const size = (width, height, mobile) => page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: mobile ? 2 : 1, mobile });
        const picture = async (name) => {
            const shot = await page.send("Page.captureScreenshot", { format: "png" });
            writeFileSync(join(pictures, `${name}.png`), Buffer.from(shot.data, "base64"));
        };
        /** Goes on with the Tab key until a selector has the focus. */
        const tabTo = async (selector) => {
            for (let times = 0; times < 400; times++) {
                if (await value(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
                await key("Tab", 9);
            }
            wrong.push(`no way to ${selector} by keyboard`);
        };
        /** A page as it looks on a desktop, in the dark, on a phone and, where that is asked for, on paper. */
        const look = async (name) => {
            if (axe) {
                for (const scheme of ["light", "dark"]) {
                    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
                    await pause(200);
                    // Colours that are still changing are those of neither scheme.
                    await value("Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => true)");
                    wrong.push(...(await axeFindings(page, axe, 120)).map((one) => `${name} (${scheme}): ${one}`));
                    if (scheme === "dark") await picture(`${name}-dark`);
                }
                await page.send("Emulation.setEmulatedMedia", { features: [] });
                await pause(300);
            }
            await picture(`${name}-desktop`);
            await size(360, 740, true);
            const wide = await value("document.documentElement.scrollWidth");
            if (wide > 360) wrong.push(`${name}: ${wide} pixels wide on a phone`);
            await picture(`${name}-phone`);
            await size(1280, 800, false);
            if (paper) {
                const printed = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
                writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(printed.data, "base64"));
            }
            console.log(`${name}: looked at`);
        };
        await size(1280, 800, false);
        await work({ page, wrong, value, leads, go, until, key, picture, tabTo, look, pause });
        wrong.push(...page.logged.filter((text) => !expected.test(text)));
    };
    try {
        await inBrowser(chromium, (url) => url.startsWith(address), drivePage);
    } catch (error) {
        wrong.push(String(error.stack));
    }
    if (wrong.length > 0) console.error(wrong.join("\n"));
    else console.log(`all of it is as it should be${axe || !axePath ? "" : "; axe-core could not be had and was not run"}`);
    process.exit(wrong.length > 0 ? 1 : 0);
}
