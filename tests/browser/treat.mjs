// The five patients of the practitioner's tutorial, treated through the page; then a decision is altered, and an auditor finds it.
//
//   node treat.mjs CHROMIUM ADDRESS FOLDER-FOR-PICTURES ARCHIVE

import { execFileSync } from "node:child_process";
import { drive } from "./drive.mjs";

const [chromium, address, pictures, archive] = process.argv.slice(2);
const day = "2026-03-02";
const protocol = "microneedling-acne-scars";
const expected = /status of 4\d\d/;

await drive({ chromium, address, pictures, expected }, async ({ page, wrong, value, leads, go, until, key, picture }) => {
    const enter = () => key("Enter", 13, { text: "\r" });
    const says = () => value(`document.querySelector("#answer h2").textContent`);
    const click = (selector) => leads(() => value(`document.querySelector(${JSON.stringify(selector)}).click()`));
    /** Chooses a value of a question, or types into it, as somebody does; the answer beside it follows. */
    const choose = (name, choice) => value(`(() => {
        const input = document.querySelector('input[name="${name}"][value="=${choice}"]');
        if (!input.checked) input.click();
        return input.checked;
    })()`);
    const type = (name, text) => value(`(() => {
        const input = document.querySelector('input[name="${name}~"]');
        input.value = ${JSON.stringify(text)};
        input.dispatchEvent(new Event("input", { bubbles: true }));
    })()`);
    const treat = async (patient, change = []) =>
        go(`/patients/${patient}/treat/${protocol}?as_of=${day}${change.map((one) => `&change=${encodeURIComponent(`fact:${one}`)}`).join("")}`);
    const save = () => click(".save button.primary");
    /** What was decided, and that it is recorded. */
    const decides = async (patient, verdict) => {
        await treat(patient);
        if (!(await says()).startsWith(verdict)) wrong.push(`${patient}: ${await says()}, and not ${verdict}`);
        await click('#answer button[value="show"]');
        if (!(await value(`document.body.textContent.includes("Recorded as entry") && document.body.textContent.includes(${JSON.stringify(verdict)})`))) {
            wrong.push(`${patient}: the decision was not recorded as it was shown`);
        }
    };

    await go("/patients");
    await page.send("Input.insertText", { text: "Dr Example" });
    await leads(enter);

    // Berta had her first session two weeks ago.
    await go(`/patients/berta/sessions?as_of=${day}`);
    await value(`(() => {
        document.querySelector("form.visit select[name=treatment]").value = "microneedling";
        document.querySelector("form.visit input[name=date]").value = "2026-02-16";
    })()`);
    await click("form.visit button.primary");
    await decides("berta", "NOT TODAY: deferred, not before 2026-03-16");

    // Clara took her last isotretinoin on 15 November.
    await treat("clara", ["isotretinoin_status", "isotretinoin_last_dose_date"]);
    await choose("fact:isotretinoin_status", "past");
    await type("fact:isotretinoin_last_dose_date", "2025-11-15");
    await until(`document.querySelector("#answer h2").textContent.includes("2026-05-15")`, "the day on which the waiting ends");
    await picture("clara-desktop");
    await save();
    await decides("clara", "NOT TODAY: deferred, not before 2026-05-15");

    // Nobody has asked Dora whether she is pregnant: that is not a no.
    await treat("dora");
    if (!(await says()).startsWith("ASK FIRST")) wrong.push(`dora: ${await says()}`);
    await choose("fact:pregnancy_status", "not_pregnant");
    await until(`document.querySelector("#answer h2").textContent.startsWith("TREAT")`, "the answer for Dora");
    await save();
    await decides("dora", "TREAT: session 1 of 4 is due");
    // She changes her answer, and goes back.
    await treat("dora", ["pregnancy_status"]);
    await choose("fact:pregnancy_status", "pregnant");
    await until(`!document.querySelector("#answer h2").textContent.startsWith("TREAT")`, "the other answer for Dora");
    await choose("fact:pregnancy_status", "not_pregnant");
    await until(`document.querySelector("#answer h2").textContent.startsWith("TREAT")`, "the first answer for Dora again");

    // Emma is pregnant, and has a keloid on the jaw: for good, and nothing else is asked.
    await treat("emma", ["pregnancy_status", "keloid_history", "treatment_area"]);
    await choose("fact:pregnancy_status", "pregnant");
    await choose("fact:keloid_history", "face");
    await value(`document.querySelector('input[name="fact:treatment_area"][value="=cheek"]').click()`);
    await choose("fact:treatment_area", "jaw");
    await save();
    await treat("emma");
    if (await value(`document.querySelector("#questions .q") !== null`)) wrong.push("emma is asked something that makes no difference");
    await decides("emma", "DO NOT TREAT: contraindicated");

    // Fay has six pustules and a nodule: the waiting ends with an event, and no day is told.
    await treat("fay", ["acne_papules_pustules_in_area", "acne_nodules_in_area"]);
    await type("fact:acne_papules_pustules_in_area", "6");
    await type("fact:acne_nodules_in_area", "1");
    await save();
    await decides("fay", "NOT TODAY: deferred until the area has been free of nodules");
    await picture("fay-desktop");

    // An auditor sees that all is as it was written; then a decision is altered, and it is named.
    await go("/decisions/verify");
    if (!(await value(`document.body.textContent.includes("It is as it was written")`))) wrong.push("the archive is not as it was written");
    execFileSync("python3", ["-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
(trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_stays'").fetchone()
db.execute("DROP TRIGGER entry_stays")
body = db.execute("SELECT body FROM entry WHERE number = 3").fetchone()[0]
db.execute("UPDATE entry SET body = ? WHERE number = 3", (body.replace(b"Dr Example", b"Dr Nobody!"),))
db.execute(trigger)
db.commit()
`, archive]);
    await go("/decisions/verify");
    if (!(await value(`document.body.textContent.includes("It is not as it was written") && document.body.textContent.includes("entry 3 was altered")`))) {
        wrong.push("the altered decision was not found");
    }
    await picture("altered-desktop");
});
