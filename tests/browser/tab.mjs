// A tab of Chromium, driven over the DevTools protocol through a pipe and so without a library.

/** A tab: commands and their answers, and what the page logs; what it fetches that is not ours is logged, too. */
export async function tab(browser, isOurs) {
    const [, , , into, from] = browser.stdio;
    const waiting = new Map();
    const one = { logged: [], loaded: () => {}, session: undefined };
    let number = 0;
    let text = "";
    from.setEncoding("utf8");
    from.on("data", (piece) => {
        text += piece;
        for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0")) {
            hear(JSON.parse(text.slice(0, end)));
            text = text.slice(end + 1);
        }
    });
    function hear(message) {
        if (message.id) {
            const { done, failed } = waiting.get(message.id);
            waiting.delete(message.id);
            message.error ? failed(new Error(JSON.stringify(message.error))) : done(message.result);
        } else if (message.method === "Page.loadEventFired") {
            one.loaded();
        } else if (message.method === "Log.entryAdded") {
            one.logged.push(message.params.entry.text);
        } else if (message.method === "Runtime.exceptionThrown" || message.method === "Runtime.consoleAPICalled") {
            one.logged.push(JSON.stringify(message.params));
        } else if (message.method === "Network.requestWillBeSent") {
            const { url } = message.params.request;
            if (!isOurs(url) && url !== "about:blank" && !url.startsWith("data:")) one.logged.push(`it fetches ${url}`);
        }
    }
    one.send = (method, params = {}) => new Promise((done, failed) => {
        waiting.set(++number, { done, failed });
        into.write(JSON.stringify({ id: number, method, params, sessionId: one.session }) + "\0");
    });
    const { targetId } = await one.send("Target.createTarget", { url: "about:blank" });
    one.session = (await one.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Log", "Runtime", "Network"]) await one.send(`${domain}.enable`);
    return one;
}
