// Drives the web application as people do: by keyboard, on a desktop, a phone and paper, with and without scripts.
//
//   node serve.mjs CHROMIUM ADDRESS FOLDER-FOR-PICTURES [AXE-CORE]

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tab } from "./tab.mjs";

const [chromium, address, pictures, axePath] = process.argv.slice(2);
const axe = axePath && existsSync(axePath) ? readFileSync(axePath, "utf8") : undefined;
const profile = mkdtempSync(join(tmpdir(), "serve-"));
const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const ended = new Promise((resolve) => browser.once("exit", resolve));
const wrong = [];

try {
    const page = await tab(browser, (url) => url.startsWith(address));
    const value = async (expression) => {
        const { result, exceptionDetails } = await page.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
        if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
        return result.value;
    };
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    /** Does something that leads to another page, and waits for that. */
    const leads = async (act) => {
        const loaded = new Promise((resolve, reject) => {
            page.loaded = resolve;
            setTimeout(() => reject(new Error("no page came")), 60_000).unref();
        });
        await act();
        await loaded;
    };
    const go = (path) => leads(() => page.send("Page.navigate", { url: address + path }));
    const until = async (expression, what) => {
        for (let tries = 0; tries < 300; tries++) {
            if (await value(expression)) return;
            await pause(100);
        }
        wrong.push(`never: ${what}`);
    };
    const key = async (name, code, text) => {
        await page.send("Input.dispatchKeyEvent", { type: "keyDown", key: name, code: name, windowsVirtualKeyCode: code, text });
        await page.send("Input.dispatchKeyEvent", { type: "keyUp", key: name, code: name, windowsVirtualKeyCode: code });
    };
    const press = { Tab: () => key("Tab", 9), Enter: () => key("Enter", 13, "\r"), Space: () => key(" ", 32, " ") };
    const type = (text) => page.send("Input.insertText", { text });
    const desktop = () => page.send("Emulation.setDeviceMetricsOverride", { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false });
    const phone = () => page.send("Emulation.setDeviceMetricsOverride", { width: 360, height: 740, deviceScaleFactor: 2, mobile: true });
    const picture = async (name) => {
        const shot = await page.send("Page.captureScreenshot", { format: "png" });
        writeFileSync(join(pictures, `${name}.png`), Buffer.from(shot.data, "base64"));
    };
    /** Goes on with the Tab key until a selector has the focus. */
    const tabTo = async (selector) => {
        for (let times = 0; times < 400; times++) {
            if (await value(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return true;
            await press.Tab();
        }
        wrong.push(`no way to ${selector} by keyboard`);
        return false;
    };
    /** A page as it looks on a desktop, in the dark, on a phone and on paper. */
    const look = async (name) => {
        if (axe) {
            for (const scheme of ["light", "dark"]) {
                await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
                await pause(200);
                await page.send("Runtime.evaluate", { expression: axe });
                const found = await value("axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes[0].html.slice(0, 120)))");
                wrong.push(...found.map((one) => `${name} (${scheme}): axe: ${one}`));
                if (scheme === "dark") await picture(`${name}-dark`);
            }
            await page.send("Emulation.setEmulatedMedia", { features: [] });
            await pause(300);
        }
        await picture(`${name}-desktop`);
        await phone();
        const wide = await value("document.documentElement.scrollWidth");
        if (wide > 360) wrong.push(`${name}: ${wide} pixels wide on a phone`);
        await picture(`${name}-phone`);
        await desktop();
        const paper = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
        writeFileSync(join(pictures, `${name}.pdf`), Buffer.from(paper.data, "base64"));
        console.log(`${name}: looked at`);
    };

    await desktop();
    await go("/patients");
    await look("you");
    await type("Dr Example");
    await leads(press.Enter);
    await look("patients");

    // A new patient, treated by keyboard: nothing is known, and an answer settles it.
    await tabTo("#id");
    await type("P-0017");
    await leads(press.Enter);
    await look("overview-new");
    await go("/patients/P-0017/treat/microneedling-acne-scars");
    await look("questions");
    const settles = 'input[name="fact:isotretinoin_status"][value="=current"]';
    await tabTo('input[name="fact:isotretinoin_status"]');
    await value(`document.querySelector('${settles}').focus()`);
    await press.Space();
    await until(`document.querySelector("#answer h2").textContent.startsWith("DO NOT TREAT")`, "an answer that follows what is chosen");
    await until(`document.getElementById("live").textContent.startsWith("DO NOT TREAT")`, "the new answer being said");
    if (!(await value(`document.activeElement.matches('${settles}')`))) wrong.push("the focus was lost when the answer came");
    await picture("questions-preview-desktop");
    await leads(async () => { await tabTo(".save button.primary"); await press.Enter(); });
    if (!(await value(`document.body.textContent.includes("Saved.")`))) wrong.push("it does not say that it was saved");

    // One that is known: the verdict, its dates and reasons stand on the screen without scrolling.
    await go("/patients/P-0001/treat/microneedling-acne-scars?as_of=2026-03-02");
    const below = await value(`[...document.querySelectorAll("#answer h2, #answer .dates, #answer .reasons, #answer .actions form")]
        .filter((one) => one.getBoundingClientRect().bottom > innerHeight).map((one) => one.className || one.tagName)`);
    if (below.length > 0) wrong.push(`not on the screen: ${below.join(", ")}`);
    await look("answer");
    await leads(async () => { await tabTo('#answer button[value="show"]'); await press.Enter(); });
    await look("decision");
    for (const [name, path] of [
        ["overview", "/patients/P-0001?as_of=2026-03-02"], ["plan", "/patients/P-0001/plan?as_of=2026-03-02"], ["sessions", "/patients/P-0001/sessions?as_of=2026-03-02"],
        ["record", "/patients/P-0001/record?as_of=2026-03-02"], ["why", "/patients/P-0001/why/microneedling-acne-scars?as_of=2026-03-02"],
        ["when", "/patients/P-0017/when/microneedling-acne-scars"], ["erase", "/patients/P-0017/erase"], ["decisions", "/decisions"],
        ["verify", "/decisions/verify"], ["replay", "/decisions/1/replay"], ["handout", "/decisions/1/handout"], ["nothing", "/patients/P-9"],
    ]) {
        await go(path);
        await look(name);
    }

    // The same without scripts.
    await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    await go("/patients/P-0002/treat/microneedling-acne-scars?as_of=2026-03-02&change=fact%3Asmoker");
    await leads(async () => {
        const { root } = await page.send("DOM.getDocument", { depth: 1 });
        const find = async (selector) => (await page.send("DOM.querySelector", { nodeId: root.nodeId, selector })).nodeId;
        await page.send("DOM.focus", { nodeId: await find('input[name="fact:smoker"][value="=yes"]') });
        await press.Space();
        await page.send("DOM.focus", { nodeId: await find(".save button.primary") });
        await press.Enter();
    });
    await page.send("Emulation.setScriptExecutionDisabled", { value: false });
    await go("/patients/P-0002/record?as_of=2026-03-02");
    if (!(await value(`document.querySelector(".history").textContent.includes(": yes")`))) wrong.push("without scripts nothing was saved");

    // A page that is not there, and the refusal of one, are no errors of these pages.
    wrong.push(...page.logged.filter((text) => !text.includes("status of 404")));
} catch (error) {
    wrong.push(String(error.stack));
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
console.log(`the web application is as it should be${axe ? "" : "; axe-core could not be had and was not run"}`);
process.exit(0);
