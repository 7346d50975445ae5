// Signs in, and says who may work here, by keyboard and without scripts.
//
//   node users.mjs CHROMIUM ADDRESS FOLDER-FOR-PICTURES [AXE-CORE]

import { drive } from "./drive.mjs";

const [chromium, address, pictures, axePath] = process.argv.slice(2);
const password = process.env.REGIMEN_TEST_PASSWORD;
// Browsers log what is refused, and it is refused on purpose here.
const expected = /status of (403|404)/;

await drive({ chromium, address, pictures, axePath, expected }, async ({ page, wrong, value, leads, go, key, tabTo, look }) => {
    const enter = () => key("Enter", 13, { text: "\r" });
    const type = (text) => page.send("Input.insertText", { text });
    const holds = async (text, what) => {
        if (!(await value(`document.body.textContent.includes(${JSON.stringify(text)})`))) wrong.push(what);
    };
    // Where somebody wanted to be is where they get once they have signed in. A wrong password is told, and leaves the name.
    await go("/decisions");
    await look("sign-in");
    await type("Ada Example");
    await tabTo("#password");
    await type("not the password");
    await leads(enter);
    await look("sign-in-wrong");
    await holds("R868", "a wrong password is not told");
    if (!(await value(`document.querySelector("#who").value === "Ada Example" && document.activeElement.id === "password"`))) wrong.push("the name was lost, or the focus is not where one types on");
    await type(password);
    await leads(enter);
    if (!(await value(`location.pathname === "/decisions"`))) wrong.push("signing in leads elsewhere");

    // Somebody else is let in, by keyboard.
    await go("/users");
    await look("users");
    await tabTo("#name");
    await type("Nurse Berta");
    await tabTo("#password");
    await type(password);
    await leads(enter);
    await holds("Nurse Berta", "the new user is not listed");
    for (const [name, path] of [["user", "/users/Nurse%20Berta"], ["visits", "/users/visits"], ["password", "/you/password"], ["not-permitted", "/protocols/hpv/text"]]) {
        await go(path);
        await look(name);
    }
    await holds("R867", "what is for another role is not refused");
    await leads(async () => { await tabTo("form.who button"); await enter(); });
    await holds("Sign in", "signing out leads elsewhere");

    // The same without scripts.
    await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    await go("/patients");
    await type("Nurse Berta");
    await key("Tab", 9);
    await type(password);
    await leads(enter);
    await page.send("Emulation.setScriptExecutionDisabled", { value: false });
    await go("/patients");
    await holds("P-0001", "without scripts nobody can sign in");
    if (await value(`document.querySelector('header nav a[href="/users"]') !== null`)) wrong.push("a part is offered that may not be used");
});
