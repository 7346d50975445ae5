// Drives the web application as people do: by keyboard, on a desktop, a phone and paper, with and without scripts.
//
//   node serve.mjs CHROMIUM ADDRESS FOLDER-FOR-PICTURES [AXE-CORE]

import { drive } from "./drive.mjs";

const [chromium, address, pictures, axePath] = process.argv.slice(2);
// A page that is not there, and the refusal of one, are no errors of these pages.
const expected = /status of 404/;

await drive({ chromium, address, pictures, axePath, expected, paper: true }, async ({ page, wrong, value, leads, go, until, key, picture, tabTo, look }) => {
    const press = { Enter: () => key("Enter", 13, { text: "\r" }), Space: () => key(" ", 32, { text: " " }) };
    const type = (text) => page.send("Input.insertText", { text });
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
    const seen = async (what) => {
        const below = await value(`[...document.querySelectorAll("#answer h2, #answer .dates:not(.again), #answer .reasons, #answer .actions")]
            .filter((one) => one.getBoundingClientRect().bottom > innerHeight + 1).map((one) => one.className || one.tagName)`);
        const covered = await value(`(() => { const reasons = document.querySelector("#answer .reasons"), actions = document.querySelector("#answer .actions");
            return reasons !== null && reasons.getBoundingClientRect().bottom > actions.getBoundingClientRect().top + 1; })()`);
        if (below.length > 0 || covered) wrong.push(`${what}: not on the screen: ${below.join(", ")}${covered ? " the reasons" : ""}`);
    };
    /** The same pages in each language: in German every sentence is longer. */
    const seenInAll = async (pages) => {
        for (const language of ["de", "en"]) {
            await page.send("Network.setExtraHTTPHeaders", { headers: { "Accept-Language": language } });
            for (const [what, path] of pages) {
                await go(path);
                if ((await value("document.documentElement.lang")) !== language) wrong.push(`${what}: it is not in ${language}`);
                await seen(`${what}, ${language}`);
            }
        }
    };
    await seenInAll([["treat", "/patients/P-0001/treat/microneedling-acne-scars?as_of=2026-03-02"]]);
    await look("answer");
    await leads(async () => { await tabTo('#answer button[value="show"]'); await press.Enter(); });
    await look("decision");
    // The same where it is full: many reasons, many answers to ask again, sessions with doubts.
    await seenInAll([
        ["many reasons", "/patients/P-0002/treat/microneedling-acne-scars?as_of=2026-03-02"],
        ["another protocol", "/patients/P-0001/treat/laser-hair-reduction?as_of=2026-03-02"],
    ]);
    for (const [list, date] of [["given", "2026-02-16"], ["given", "2026-02-16"], ["given", "2026-01"], ["planned", "2026-03-30"]]) {
        await go("/patients/P-0001/sessions?as_of=2026-03-02");
        await value(`(() => { const form = document.querySelector("form.visit"); form.list.value = "${list}"; form.treatment.value = "microneedling"; form.date.value = "${date}"; })()`);
        await leads(async () => { await value(`document.querySelector("form.visit button.primary").click()`); });
    }
    const days = ["2026-03-02", "2026-05-01"];
    await seenInAll(["microneedling-acne-scars", "laser-hair-reduction"].flatMap((protocol) =>
        days.map((day) => [`${protocol} with sessions on ${day}`, `/patients/P-0001/treat/${protocol}?as_of=${day}`])));
    await look("answer-with-doubts");
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
});
