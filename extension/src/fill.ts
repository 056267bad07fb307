// Filling in: it is looked what the page wants, that much is asked of the server, and it is put in. Nothing of it is kept.
import type { Found, Part, Refused, Secrets } from "./page/told.ts";
import { secretsOf, type Candidate, type Purpose } from "./server.ts";

/** Where in a tab something can be filled in. */
interface Spot {
  target: chrome.scripting.InjectionTarget;
  found: Found;
}

/** The origin of the page in a tab; `undefined` where there is none that belongs to a site. */
export function originOf(tab: chrome.tabs.Tab): string | undefined {
  const url = URL.parse(tab.url ?? "");
  return url && ["http:", "https:"].includes(url.protocol) ? url.origin : undefined;
}

const PARTS: readonly Part[] = ["username", "password", "token"];

/** What the documents of a tab want that are of its own origin, the page itself first. */
async function spots(tabId: number, origin: string): Promise<Spot[]> {
  const target = { tabId, allFrames: true };
  await chrome.scripting.executeScript({ target, files: ["page.js"] });
  const answers = await chrome.scripting.executeScript({
    target,
    func: (wanted: string) => globalThis.countersignTools?.find(wanted),
    args: [origin],
  });
  return answers
    .sort((a, b) => a.frameId - b.frameId)
    .flatMap(({ frameId, documentId, result }) => {
      if (!result || result.foreign) return [];
      // The document that was looked at, and no other that has taken its place.
      const one = documentId ? { tabId, documentIds: [documentId] } : { tabId, frameIds: [frameId] };
      return [{ target: one, found: result }];
    });
}

export interface Outcome {
  parts: Part[];
  refused: Refused;
}

/** Fills a credential in at the page of a tab. `origin`: of the page that its person sees. */
export async function fillIn(
  tabId: number,
  origin: string,
  credential: Pick<Candidate, "id" | "password" | "token">,
  purpose: Purpose,
): Promise<Outcome> {
  const has = (part: Part) => part === "username" || credential[part];
  const all = await spots(tabId, origin);
  const secret = all.find(({ found }) => found.parts.some((part) => part !== "username" && has(part)));
  const spot = secret ?? all.find(({ found }) => found.parts.some(has));
  const refused = all.flatMap(({ found }) => found.refused);
  if (!spot) return { parts: [], refused };
  const wanted = PARTS.filter((part) => spot.found.parts.includes(part) && has(part));
  const { origins, ...secrets } = await secretsOf(credential.id, origin, wanted, purpose);
  const [answer] = await chrome.scripting.executeScript({
    target: spot.target,
    func: (own: string, others: string[], texts: Secrets) => globalThis.countersignTools?.fill(own, others, texts),
    args: [origin, origins, secrets],
  });
  const filled = answer?.result;
  if (!filled) return { parts: [], refused: [["password", "the page has changed meanwhile"]] };
  return { parts: filled.parts, refused: [...filled.refused, ...spot.found.refused] };
}

const NAMES: Record<Part, string> = { username: "User name", password: "Password", token: "Token" };

/** What came of it, in words. */
export function told({ parts, refused }: Outcome): string {
  const done = parts.map((part, place) => (place === 0 ? NAMES[part] : NAMES[part].toLowerCase()));
  const list = [done.slice(0, -1).join(", "), done.at(-1)].filter(Boolean).join(" and ");
  const not = refused.map(([part, why]) => `${NAMES[part]} not filled in: ${why}.`);
  if (parts.length === 0 && not.length === 0) return "There is nothing to fill in on this page.";
  return [...(list ? [`${list} filled in.`] : []), ...not].join(" ");
}
