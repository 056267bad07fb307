// What the extension asks its server.
import { readAnswer, readCandidates, readPaired, readSecrets, Refusal } from "./answers.ts";
import { keptKey, keptServer, type Server } from "./kept.ts";
import type { Part } from "./page/told.ts";
import { authorization, pairingProof } from "./sign.ts";

/** What somebody says that it is for. */
export interface Purpose {
  reason?: string | undefined;
  ticket?: string | undefined;
}

/** A server that does not answer holds nobody up for longer. */
const PATIENCE_MS = 20_000;

async function send(url: string, init: RequestInit) {
  try {
    const response = await fetch(url, {
      ...init,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return await readAnswer(response);
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown;
    throw new Refusal("unreachable", `${new URL(url).origin} cannot be reached: see that it runs`);
  }
}

const JSON_TYPE = { "Content-Type": "application/json" };

/** A request that is signed with the key of this browser. */
async function ask(method: string, target: string, body?: unknown, purpose: Purpose = {}) {
  const [server, key] = [await keptServer(), await keptKey()];
  if (!server || !key) throw new Refusal("not-paired", "this browser is not paired with Countersign yet");
  const text = body === undefined ? "" : JSON.stringify(body);
  const parts = {
    ...{ method, target, device: server.device, origin: new URL(server.address).origin },
    body: new TextEncoder().encode(text),
    at: Math.floor(Date.now() / 1000),
    nonce: crypto.getRandomValues(new Uint8Array(16)),
  };
  const said = Object.entries({ "Countersign-Reason": purpose.reason, "Countersign-Ticket": purpose.ticket });
  const headers = {
    Authorization: await authorization(key, parts),
    ...(text ? JSON_TYPE : {}),
    ...Object.fromEntries(said.flatMap(([name, value]) => (value ? [[name, encodeURIComponent(value)]] : []))),
  };
  return send(`${server.address}${target}`, { method, headers, ...(text ? { body: text } : {}) });
}

/** The credentials of a page's site, and whether there may be more than these. */
export const candidates = async (origin: string) =>
  readCandidates(await ask("GET", `/api/v1/fill?${new URLSearchParams({ origin })}`));

/** The parts of a credential that are to be filled in at a page, and where its forms may be sent. */
export const secretsOf = async (id: string, origin: string, what: Part[], purpose: Purpose) =>
  readSecrets(await ask("POST", `/api/v1/fill/${id}`, { origin, what }, purpose), what);

/** Has the server remove this browser from the list. */
export const removeSelf = () => ask("DELETE", "/api/v1/devices/self");

/** Pairs a new key with who made the code. */
export async function pair(key: CryptoKeyPair, address: string, code: string, name: string): Promise<Server> {
  const proof = await pairingProof(key, new URL(address).origin, code, name);
  const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(proof) };
  return { address, name, ...readPaired(await send(`${address}/api/v1/devices`, init)) };
}

/**
 * The address of a server as it was typed, without a slash at the end. What is signed travels by TLS, or within this machine.
 */
export function addressOf(typed: string): string {
  const text = typed.trim();
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  const local = url !== null && ["localhost", "127.0.0.1"].includes(url.hostname);
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && local)) || url.username || url.password) {
    throw new Error("This is no address of a server: write it as the page shows it, https://vault.example.com");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
