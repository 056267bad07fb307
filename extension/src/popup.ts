// The pop-up: the credentials of the page in front, of which one is filled in at a press.
import { Refusal, type Candidate } from "./answers.ts";
import { fillIn, originOf, told } from "./fill.ts";
import { keptServer } from "./kept.ts";
import { candidates, type Purpose } from "./server.ts";

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [list, status, purpose] = [at<HTMLUListElement>("list"), at("status"), at<HTMLFormElement>("purpose")];

function say(text: string, tone: "plain" | "wrong" | "done" = "plain"): void {
  status.textContent = text;
  status.className = tone;
}

/** A window of its own names its tab: `popup.html#tab=12`. No page of a site can open it. */
async function tabInFront(): Promise<chrome.tabs.Tab | undefined> {
  const named = new URLSearchParams(location.hash.slice(1)).get("tab");
  if (named) return chrome.tabs.get(Number(named));
  return (await chrome.tabs.query({ active: true, currentWindow: true }))[0];
}

/** What was asked for and refused for want of a reason or a ticket. */
let waiting: (() => Promise<void>) | undefined;

const given = (): Purpose => ({
  reason: at<HTMLInputElement>("reason").value.trim() || undefined,
  ticket: at<HTMLInputElement>("ticket").value.trim() || undefined,
});

async function fill(tabId: number, origin: string, credential: Candidate): Promise<void> {
  say(`Filling in ${credential.name}…`);
  // Pressed twice, it would be taken and recorded twice.
  list.inert = purpose.inert = true;
  try {
    const outcome = await fillIn(tabId, origin, credential, given());
    await chrome.storage.session.set({ [`chosen ${origin}`]: credential.id });
    purpose.hidden = true;
    say(told(outcome), outcome.parts.length > 0 ? "done" : "wrong");
  } catch (thrown) {
    const unmet = thrown instanceof Refusal ? thrown.unmet : [];
    say(thrown instanceof Error ? thrown.message : String(thrown), "wrong");
    at("reason-line").hidden = !unmet.includes("reason");
    at("ticket-line").hidden = !unmet.includes("ticket");
    purpose.hidden = !unmet.includes("reason") && !unmet.includes("ticket");
    waiting = () => fill(tabId, origin, credential);
  } finally {
    list.inert = purpose.inert = false;
  }
}

function row(credential: Candidate, press: () => void): HTMLLIElement {
  const [item, button, name, user] = [
    document.createElement("li"),
    document.createElement("button"),
    document.createElement("strong"),
    document.createElement("span"),
  ];
  button.type = "button";
  name.textContent = credential.name;
  user.textContent = credential.username;
  button.append(name, user);
  button.addEventListener("click", press);
  item.append(button);
  return item;
}

async function show(): Promise<void> {
  const server = await keptServer();
  at("pair").addEventListener("click", () => void chrome.runtime.openOptionsPage());
  if (!server) {
    at("pair").textContent = "Connect to Countersign";
    return say("This browser is not connected yet.");
  }
  at<HTMLAnchorElement>("server").href = `${server.address}/`;
  at<HTMLAnchorElement>("server").hidden = false;
  at("user").textContent = server.user;
  const tab = await tabInFront();
  const [tabId, origin] = [tab?.id, tab && originOf(tab)];
  if (tabId === undefined || !origin) return say("This page belongs to no site.");
  // A server may take its time.
  say("Asking Countersign…");
  const { items: found, more } = await candidates(origin);
  const shown = more ? `The first ${found.length} for ${origin}: find others in Countersign.` : `For ${origin}`;
  say(found.length === 0 ? `There is no credential for ${origin} that you may use.` : shown);
  list.replaceChildren(...found.map((one) => row(one, () => void fill(tabId, origin, one))));
  list.querySelector("button")?.focus();
}

purpose.addEventListener("submit", (event) => {
  event.preventDefault();
  void waiting?.();
});
void show().catch((thrown: unknown) => say(thrown instanceof Error ? thrown.message : String(thrown), "wrong"));
