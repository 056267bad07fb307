// What the server answers, read: nothing is taken for what it should be. A server that is broken, or none at all behind that
// address, gives one plain sentence, never a half-filled page.
import type { Part, Secrets } from "./page/told.ts";

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

/** More than any answer: 500 credentials with the longest names. */
export const MOST_BYTES = 1024 * 1024;
const LONGEST_SENTENCE = 400;

const WRONG = () => new Refusal("wrong-answer", "this is no answer of Countersign: see that the address is right");

/** Letters that turn the order of those around them, and those that are not drawn at all: a name may pretend by them. */
const TURNING = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
export const shown = (text: string): string => text.replace(TURNING, "");

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fields(value: unknown): Fields {
  if (!isFields(value)) throw WRONG();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw WRONG();
  return value;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw WRONG();
  return value;
}

/** An id as the server makes them; it goes into paths and headers. */
function id(value: unknown): string {
  const read = text(value);
  if (!/^[0-9a-f-]{36}$/.test(read)) throw WRONG();
  return read;
}

/** The bytes of an answer as JSON; `undefined` where they are none. */
async function json(response: Response): Promise<unknown> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let [read, bytes] = ["", 0];
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > MOST_BYTES) {
      await reader?.cancel();
      throw WRONG();
    }
    read += decoder.decode(part.value, { stream: true });
  }
  try {
    return JSON.parse(read) as unknown;
  } catch {
    return undefined;
  }
}

/** What an answer holds, or what it says against it. */
export async function readAnswer(response: Response): Promise<Fields> {
  if (response.status === 204) return {};
  const body = await json(response);
  if (response.ok) return fields(body);
  const said = isFields(body) ? body : {};
  const known = (name: string) => (typeof said[name] === "string" ? said[name] : undefined);
  const kind = (known("type") ?? "").replace("urn:countersign:problem:", "");
  const detail = known("detail") ?? `the server answered ${response.status}`;
  const unmet = Array.isArray(said["unmet"]) ? said["unmet"].map(String) : [];
  throw new Refusal(kind, shown(detail).slice(0, LONGEST_SENTENCE), unmet);
}

export function readCandidates(body: Fields): { items: Candidate[]; more: boolean } {
  const items = list(body["items"]).map(fields);
  return {
    items: items.map((one) => ({
      id: id(one["id"]),
      name: shown(text(one["name"])),
      username: shown(text(one["username"])),
      password: one["password"] === true,
      token: one["token"] === true,
    })),
    more: body["more"] === true,
  };
}

/** The parts that were asked for, and no others; each has to be there. */
export function readSecrets(body: Fields, what: readonly Part[]): Secrets & { origins: string[] } {
  const secrets = Object.fromEntries(what.map((part) => [part, text(body[part])]));
  return { ...(secrets as Secrets), origins: list(body["origins"]).map(text) };
}

export function readPaired(body: Fields): { device: string; user: string } {
  return { device: id(fields(body["device"])["id"]), user: shown(text(body["user"])) };
}
