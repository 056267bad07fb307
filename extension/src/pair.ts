// Connecting this browser with a server: its address and the code that its page shows.
import { forget, keep, keptServer } from "./kept.ts";
import { addressOf, pair } from "./server.ts";
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
}

async function connect(): Promise<void> {
  const address = addressOf(value("address"));
  // First of all, since a browser asks its person only right after they have pressed something.
  const granted = await chrome.permissions.request({ origins: [patternOf(address)] });
  if (!granted)
    throw new Error("Without access to the server's address, nothing can be asked of it: press Connect and allow it.");
  const key = await newKey();
  const server = await pair(key, address, value("code"), value("name"));
  await keep(key, server);
  form.reset();
  say("Connected. Press the button of the extension at a sign-in page.", "done");
  await show();
}

async function disconnect(): Promise<void> {
  const server = await keptServer();
  await forget();
  if (server) await chrome.permissions.remove({ origins: [patternOf(server.address)] }).catch(() => false);
  say("The key of this browser is gone. Remove the extension in Countersign too, under Settings › Browser extensions.");
  await show();
}

const run = (work: Promise<void>) =>
  void work.catch((thrown: unknown) => say(thrown instanceof Error ? thrown.message : String(thrown), "wrong"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(connect());
});
at("disconnect").addEventListener("click", () => run(disconnect()));
run(show());
