// The keyboard command: fills in the credential of the page where there is one, or the one that was chosen last for it; else it
// opens the pop-up to choose.
import { Refusal } from "./answers.ts";
import { fillIn, originOf, told } from "./fill.ts";
import { isPeril, STOPPED } from "./page/sent.ts";
import { candidates } from "./server.ts";

const BADGE_MS = 4000;

/** Says in a sign on the button that the command did not do it, with the reason as its title. */
async function say(tabId: number, text: string, mark: string): Promise<void> {
  await chrome.action.setBadgeText({ tabId, text: mark });
  await chrome.action.setTitle({ tabId, title: `Countersign: ${text}` });
  setTimeout(() => void chrome.action.setBadgeText({ tabId, text: "" }).catch(() => undefined), BADGE_MS);
}

async function fillByCommand(tab: chrome.tabs.Tab, tabId: number): Promise<void> {
  const origin = originOf(tab);
  if (!origin) return say(tabId, "this is no page of a site", "!");
  const { items: found } = await candidates(origin);
  const key = `chosen ${origin}`;
  const chosen = (await chrome.storage.session.get(key))[key];
  const one = found.find(({ id }) => id === chosen) ?? (found.length === 1 ? found[0] : undefined);
  if (!one) {
    await say(tabId, found.length === 0 ? "there is no credential for this page" : "choose a credential", "?");
    // Where the browser opens none by itself, the sign tells to.
    if (found.length > 1) await chrome.action.openPopup().catch(() => undefined);
    return;
  }
  const outcome = await fillIn(tabId, origin, one, {});
  await say(tabId, told(outcome), outcome.parts.length > 0 ? "" : "!");
}

/** The tabs in which it is under way: a key that is held down asks many times. */
const busy = new Set<number>();

chrome.commands.onCommand.addListener((command, tab) => {
  const tabId = tab?.id;
  if (command !== "fill" || !tab || tabId === undefined || busy.has(tabId)) return;
  busy.add(tabId);
  const done = fillByCommand(tab, tabId).catch(async (thrown: unknown) => {
    await say(tabId, thrown instanceof Error ? thrown.message : String(thrown), "!");
    // What it is for can be said in the pop-up.
    const unmet = thrown instanceof Refusal && thrown.unmet.length > 0;
    if (unmet) await chrome.action.openPopup().catch(() => undefined);
  });
  void done.catch(() => undefined).finally(() => busy.delete(tabId));
});

// What the script in a page says of a form that it has stopped.
chrome.runtime.onMessage.addListener((message: unknown, { tab }) => {
  const stopped = (message as { stopped?: unknown } | null)?.stopped;
  if (tab?.id !== undefined && isPeril(stopped)) void say(tab.id, STOPPED[stopped], "!").catch(() => undefined);
});
