// Connecting this browser with a server: its address and the code that its page shows.
import { forget, forgetLeft, keep, keptLeft, keptServer } from "./kept.ts";
import { addressOf, pair, removeSelf } from "./server.ts";
import { newKey } from "./sign.ts";

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [form, status, paired] = [at<HTMLFormElement>("form"), at("status"), at("paired")];
const value = (id: string) => at<HTMLInputElement>(id).value.trim();

function say(text: string, tone: "plain" | "wrong" | "done" = "plain"): void {
  status.textContent = text;
  status.className = tone;
}

/** A host without its port, as patterns name it. */
const patternOf = (address: string) => {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`;
};

async function show(): Promise<void> {
  const server = await keptServer();
  paired.hidden = !server;
  form.hidden = Boolean(server);
  at("heading").textContent = server ? "Connected to Countersign" : "Connect to Countersign";
  at("who").textContent = server ? `${server.user} at ${server.address}` : "";
  const left = await keptLeft();
  at("left").hidden = !left;
  at("left-name").textContent = left?.name ?? "this browser";
  at<HTMLAnchorElement>("left-link").href = left ? `${left.address}/#/settings/browser-extensions` : "";
}

const giveUp = (address: string) => chrome.permissions.remove({ origins: [patternOf(address)] }).catch(() => false);

async function connect(): Promise<void> {
  const address = addressOf(value("address"));
  // First of all, since a browser asks its person only right after they have pressed something.
  const granted = await chrome.permissions.request({ origins: [patternOf(address)] });
  if (!granted)
    throw new Error("Without access to the server's address, nothing can be asked of it: press Connect and allow it.");
  try {
    const key = await newKey();
    await keep(key, await pair(key, address, value("code"), value("name")));
  } catch (thrown) {
    // An address that was mistyped, or that somebody else gave, keeps no access to what it would answer.
    await giveUp(address);
    throw thrown;
  }
  form.reset();
  say("Connected. Press the button of the extension at a sign-in page.", "done");
  await show();
}

async function disconnect(): Promise<void> {
  const server = await keptServer();
  const removed = await removeSelf().then(
    () => true,
    // Out of reach, or refused: what is left is said.
    () => false,
  );
  await forget();
  if (removed) await forgetLeft();
  if (server) await giveUp(server.address);
  say(
    removed
      ? "Disconnected: this browser is no longer listed, and nothing can be filled in with it any more."
      : "The key of this browser is gone: nothing can be filled in with it any more.",
  );
  await show();
}

/** Does one thing at a time: pressed twice, a code would be used up by the first and refused for the second. */
async function run(work: () => Promise<void>): Promise<void> {
  const main = document.querySelector("main");
  if (main) main.inert = true;
  try {
    await work();
  } catch (thrown) {
    say(thrown instanceof Error ? thrown.message : String(thrown), "wrong");
  } finally {
    if (main) main.inert = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void run(connect);
});
at("disconnect").addEventListener("click", () => void run(disconnect));
at("left-done").addEventListener("click", () => void run(() => forgetLeft().then(show)));
void run(show);
