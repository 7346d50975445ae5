// A manager breaks and mends a protocol, sees who is affected, and saves: by keyboard, with and without scripts.
//
//   node manager.mjs CHROMIUM ADDRESS FOLDER-FOR-PICTURES AXE-CORE CLINIC-FOLDER

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drive } from "./drive.mjs";

const [chromium, address, pictures, axePath, clinic] = process.argv.slice(2);
const name = "microneedling-acne-scars";
const path = `/protocols/${name}`;
const file = () => readFileSync(join(clinic, name, "protocol.toml"), "utf8");

// A page that is not there, a refusal, and a warning before leaving are no errors of these pages.
const expected = /status of 4\d\d/;

await drive({ chromium, address, pictures, axePath, expected }, async ({ page, wrong, value, leads, go, until, key, picture, tabTo, look }) => {
    const enter = () => key("Enter", 13, { text: "\r" });
    /** Puts a text in the place of another, as if it was typed. */
    const type = (old, text) => value(`(() => {
        const area = document.getElementById("text");
        const at = area.value.indexOf(${JSON.stringify(old)});
        area.focus();
        area.setSelectionRange(at, at + ${old.length});
        document.execCommand("insertText", false, ${JSON.stringify(text)});
    })()`);
    await go("/protocols");
    await page.send("Input.insertText", { text: "M. Manager" });
    await leads(enter);
    await look("protocols");
    await go(path);
    await look("sheet");
    await go("/codes/R103");
    await look("code");

    // A mistake is told at its line as one types, and the focus stays.
    await go(`${path}/text`);
    await look("text");
    await type('version   = "1.0.0"', "version   = 1.0.0");
    await until(`document.getElementById("summary").textContent.includes("1 mistake")`, "a mistake that is told");
    await until(`document.getElementById("live").textContent.includes("line 5")`, "a mistake that is said");
    if (!(await value(`document.activeElement.id === "text"`))) wrong.push("the focus was lost when the mistakes came");
    if (!(await value(`document.querySelector(".gutter span:nth-child(5)").className === "error"`))) wrong.push("the line is not marked");
    await look("text-broken");
    await tabTo("#found a.line");
    await enter();
    if ((await value(`(() => { const area = document.getElementById("text"); return area.value.slice(0, area.selectionStart).split("\\n").length; })()`)) !== 5) {
        wrong.push("the line does not lead to its place");
    }
    // Names are completed.
    await type("version   = 1.0.0", 'version   = "1.0.1"\nreview_');
    await key(" ", 32, { modifiers: 2, physical: "Space" });
    await until(`document.querySelector("#completions [aria-selected=true]")?.textContent === "review_by"`, "a name to complete with");
    await picture("completion-desktop");
    await enter();
    if (!(await value(`document.getElementById("text").value.includes("review_by\\nstatus")`))) wrong.push("the name was not completed");
    await type("\nreview_by\n", "\n");
    // Who is affected, before anything is saved.
    const before = file();
    await type("when    = 'isotretinoin_status == \"current\"'", "when    = 'isotretinoin_status == \"current\" || age >= 20'");
    await until(`(() => { const told = document.getElementById("summary").textContent; return told === "No mistakes" || !told.includes("mistake"); })()`, "the mended text");
    await leads(async () => { await tabTo(".save button.primary"); await enter(); });
    await look("review");
    if (!(await value(`document.body.textContent.includes("of 3 patients")`))) wrong.push("it does not say who is affected");
    if (file() !== before) wrong.push("the review has written the file");
    await leads(async () => { await tabTo("form.review button.primary"); await enter(); });
    await look("saved");
    if (!file().includes("|| age >= 20")) wrong.push("it was not saved");

    // The parameters alone.
    await go(`${path}/parameters`);
    await look("parameters");
    await value(`document.querySelector('input[name="p:max_papules_pustules"]').value = "9"`);
    await leads(async () => { await value(`document.querySelector("form.parameters button.primary").click()`); });
    await look("parameters-wrong");
    await value(`document.querySelector('input[name="p:max_papules_pustules"]').value = "4"`);
    await leads(async () => { await value(`document.querySelector("form.parameters button.primary").click()`); });
    await look("parameters-review");

    // Tables, cases, and who saved what.
    for (const [picture, at] of [
        ["tables", "/protocols/glycolic-peel/tables"], ["cases", `${path}/cases`], ["saved-texts", "/saved"], ["saved-text", "/saved/1"],
    ]) {
        await go(at);
        await look(picture);
    }
    if (!(await value(`document.querySelector(".difference").textContent.includes("age >= 20")`))) wrong.push("it is not told what was saved");

    // Publishing: refused in words, then published with a reason for what is left: one change of this protocol goes unnoticed by its cases.
    const small = "/protocols/zoster";
    const fill = (name, text) => value(`document.querySelector('form.publish input[name="${name}"]').value = ${JSON.stringify(text)}`);
    const publish = async (survivors) => {
        await go(`${small}/versions`);
        await fill("why", "agreed by the board");
        await fill("from", "2099-01-01");
        await fill("survivors", survivors);
        await leads(async () => { await tabTo("form.publish button.primary"); await enter(); });
    };
    await publish("");
    await look("publishing");
    await until(`document.getElementById("progress").textContent.includes("is not published")`, "that it is not published");
    await until(`document.getElementById("live").textContent === "It is not published."`, "that it is not published, said");
    await look("publish-refused");
    await publish("the rest is tried by hand");
    await until(`document.getElementById("progress").textContent.includes("is published")`, "that it is published");
    await look("published");
    for (const [picture, at] of [["versions", `${small}/versions`], ["version", `${small}/versions/1.0.0`], ["compare", `${small}/compare?old=1.0.0`]]) {
        await go(at);
        await look(picture);
    }
    // The figures of the cases come as they are found.
    const counted = () => value(`document.body.textContent.includes("% covered")`);
    for (let tries = 0; tries < 100; tries++) {
        await go("/protocols");
        if (await counted()) break;
        await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    if (!(await counted())) wrong.push("it is not told how the cases come out");
    await look("protocols-counted");

    // The same without scripts: a text that is broken is saved with a word, and said on every page.
    await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    const press = async (selector) => {
        const { root } = await page.send("DOM.getDocument", { depth: 1 });
        const { nodeId } = await page.send("DOM.querySelector", { nodeId: root.nodeId, selector });
        await page.send("DOM.focus", { nodeId });
    };
    await go(`${path}/text`);
    await press("#text");
    await page.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Home", code: "Home", windowsVirtualKeyCode: 36, modifiers: 2 });
    await page.send("Input.insertText", { text: "a mistake\n" });
    await leads(async () => { await press(".save button:not(.primary)"); await enter(); });
    await leads(async () => { await press(".save button.primary"); await enter(); });
    await press("input[name=broken]");
    await key(" ", 32, { text: " ", physical: "Space" });
    await picture("review-broken-desktop");
    await leads(async () => { await press("form.review button.primary"); await enter(); });
    await page.send("Emulation.setScriptExecutionDisabled", { value: false });
    if (!file().includes("a mistake\n")) wrong.push("without scripts nothing was saved");
    await look("saved-broken");
    await go("/patients/P-0001");
    if (!(await value(`document.body.textContent.includes("R857")`))) wrong.push("it is not said that the last good version is in use");
    await go("/protocols");
    await look("protocols-broken");
});
