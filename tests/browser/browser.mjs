// A Chromium of one's own: started for one piece of work, and gone afterwards with its profile.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { tab } from "./tab.mjs";

/** Starts a browser and gives its tab to `work`. What the tab fetches must be ours. */
export async function inBrowser(chromium, isOurs, work) {
    const profile = mkdtempSync(join(tmpdir(), "regimen-browser-"));
    // Without a sandbox, because scripts that install packages run as root; the pages are ours.
    const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
        `--user-data-dir=${profile}`, "about:blank"], { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const ended = new Promise((resolve) => browser.once("exit", resolve));
    try {
        return await work(await tab(browser, isOurs));
    } finally {
        // Only the browser that was started here, with its children: they have its group, outlive it, and write to the profile.
        try {
            process.kill(-browser.pid, "SIGKILL");
            await ended;
        } catch {
            // It had ended by itself: what `work` says about that is the better message.
        }
        await remove(profile);
    }
}

/** Removes a profile. What was looked at does not depend on it: where a child still writes, it is tried again, and then left. */
async function remove(profile) {
    for (let left = 50; ; left -= 1) {
        try {
            return rmSync(profile, { recursive: true, force: true });
        } catch (error) {
            if (left === 0) return console.error(`${profile} could not be removed: ${error.message}`);
            await setTimeout(100);
        }
    }
}

/** The text of axe-core; none, where it could not be had. */
export function axeCore(path) {
    return path && existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** What axe-core finds on the page that a tab shows, with so much of the first element of each kind. */
export async function axeFindings(page, axe, length) {
    await page.send("Runtime.evaluate", { expression: axe });
    const expression = `axe.run().then((found) => found.violations.map((one) => one.id + ': ' + one.nodes[0].html.slice(0, ${length})))`;
    const { result, exceptionDetails } = await page.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(`axe-core: ${JSON.stringify(exceptionDetails)}`);
    return result.value.map((one) => `axe: ${one}`);
}
