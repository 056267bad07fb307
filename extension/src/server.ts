// What the extension asks its server.
import { keptKey, keptServer, type Server } from "./kept.ts";
import type { Part, Secrets } from "./page/told.ts";
import { authorization, pairingProof } from "./sign.ts";

/** Why the server does not do it, in its own words. */
export class Refusal extends Error {
  /** Stable: `denied`, `device-refused`. */
  readonly kind: string;
  /** The conditions that do not hold: `reason`, `ticket`, `approval`. */
  readonly unmet: readonly string[];

  constructor(kind: string, detail: string, unmet: readonly string[] = []) {
    super(detail);
    this.kind = kind;
    this.unmet = unmet;
  }
}

/** A credential of a site. No secret is in it. */
export interface Candidate {
  id: string;
  name: string;
  username: string;
  password: boolean;
  token: boolean;
}

/** What somebody says that it is for. */
export interface Purpose {
  reason?: string | undefined;
  ticket?: string | undefined;
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Refusal("unreachable", `${new URL(url).origin} cannot be reached: see that it runs`);
  }
  const body = (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined;
  if (response.ok && body) return body as T;
  const text = (name: string) => (typeof body?.[name] === "string" ? body[name] : undefined);
  const kind = (text("type") ?? "").replace("urn:countersign:problem:", "");
  const detail = text("detail") ?? `the server answered ${response.status}`;
  throw new Refusal(kind, detail, Array.isArray(body?.["unmet"]) ? body["unmet"].map(String) : []);
}

const JSON_TYPE = { "Content-Type": "application/json" };

/** A request that is signed with the key of this browser. */
async function ask<T>(method: string, target: string, body?: unknown, purpose: Purpose = {}): Promise<T> {
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
export const candidates = (origin: string) =>
  ask<{ items: Candidate[]; more: boolean }>("GET", `/api/v1/fill?${new URLSearchParams({ origin })}`);

/** The parts of a credential that are to be filled in at a page, and where its forms may be sent. */
export const secretsOf = (id: string, origin: string, what: Part[], purpose: Purpose) =>
  ask<Secrets & { origins: string[] }>("POST", `/api/v1/fill/${id}`, { origin, what }, purpose);

/** Pairs a new key with who made the code. */
export async function pair(key: CryptoKeyPair, address: string, code: string, name: string): Promise<Server> {
  const proof = await pairingProof(key, new URL(address).origin, code, name);
  const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(proof) };
  const paired = await send<{ device: { id: string }; user: string }>(`${address}/api/v1/devices`, init);
  return { address, device: paired.device.id, user: paired.user };
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
