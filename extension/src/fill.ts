// Filling in: it is looked what the page wants, that much is asked of the server, and it is put in. Nothing of it is kept.
import type { Candidate } from "./answers.ts";
import type { Filled, Found, PageTools, Part, Refused } from "./page/told.ts";
import { secretsOf, type Purpose } from "./server.ts";

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

/**
 * While something is looked at as it is drawn, nothing lets the pointer through: a search by point then finds what lies over a field
 * though no press would reach it. As the person's own style it stands above each of the page, and within shadow trees.
 */
const NO_WAY_THROUGH = `
*, *::before, *::after { pointer-events: auto !important; transition-behavior: normal !important; }
* { interactivity: auto !important; }
::view-transition { pointer-events: auto !important; }`;

/** Does something while nothing in a tab lets the pointer through. */
async function asDrawn<T>(tabId: number, work: () => Promise<T>): Promise<T> {
  const style = { target: { tabId, allFrames: true }, origin: "USER" as const, css: NO_WAY_THROUGH };
  await chrome.scripting.insertCSS(style);
  try {
    return await work();
  } finally {
    // A tab that has gone needs no tidying.
    await chrome.scripting.removeCSS(style).catch(() => undefined);
  }
}

/** A page whose scripts let nobody else have a turn holds nobody up for longer. */
const PATIENCE_MS = 10_000;

/** What a page answers, unless it takes too long: then why. */
async function answered<T>(work: Promise<T>, why: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Sight = Parameters<PageTools["find"]>[1];

/** What the documents of a tab say that can be filled in, looked at in that way. */
const ask = (tabId: number, origin: string, sight: Sight) =>
  chrome.scripting.executeScript({
    target: { tabId, allFrames: true },
    func: (wanted: string, how: Sight) => globalThis.countersignTools?.find(wanted, how),
    args: [origin, sight],
  });

/** What the documents of a tab want that are of its own origin, the page itself first. */
async function spots(tabId: number, origin: string): Promise<Spot[]> {
  await chrome.scripting.executeScript({ target: { tabId, allFrames: true }, files: ["page.js"] }).catch(() => {
    // A page of the browser's own or of its shop, or another one by now.
    throw new Error("the browser lets no extension into this page: load it again, and press anew");
  });
  const pressed = await ask(tabId, origin, "pressed");
  const found = pressed.filter(({ result }) => result && !result.foreign);
  if (!found.some(({ result }) => result?.parts.length))
    return found.sort(byFrame).flatMap((one) => spotOf(tabId, one));
  // What can be pressed may be covered all the same, by what lets the pointer through.
  const drawn = await asDrawn(tabId, () => ask(tabId, origin, "drawn"));
  const both = found.map((one) => {
    const other = drawn.find(({ frameId, documentId }) => frameId === one.frameId && documentId === one.documentId);
    return { ...one, result: one.result && other?.result ? agreed(one.result, other.result) : undefined };
  });
  return both.sort(byFrame).flatMap((one) => spotOf(tabId, one));
}

type Answer = Omit<chrome.scripting.InjectionResult<unknown>, "result"> & { result?: Found | null | undefined };

const byFrame = (a: Answer, b: Answer) => a.frameId - b.frameId;

/** What can be filled in by both ways of looking, and why the rest cannot. */
const agreed = (one: Found, other: Found): Found => ({
  foreign: one.foreign || other.foreign,
  parts: one.parts.filter((part) => other.parts.includes(part)),
  refused: [...one.refused, ...other.refused.filter(([part]) => !one.refused.some(([already]) => already === part))],
});

function spotOf(tabId: number, { frameId, documentId, result }: Answer): Spot[] {
  if (!result || result.foreign) return [];
  // The document that was looked at, and no other that has taken its place.
  const target = documentId ? { tabId, documentIds: [documentId] } : { tabId, frameIds: [frameId] };
  return [{ target, found: result }];
}

export interface Outcome {
  parts: Part[];
  refused: Refused;
}

/** Fills a credential in at the page of a tab. `origin`: of the page that its person sees. */
export async function fillIn(
  tabId: number,
  origin: string,
  credential: Pick<Candidate, "id" | "username" | "password" | "token">,
  purpose: Purpose,
): Promise<Outcome> {
  const has = (part: Part) => Boolean(credential[part]);
  const all = await answered(spots(tabId, origin), "this page does not answer: load it again, and press anew");
  const secret = all.find(({ found }) => found.parts.some((part) => part !== "username" && has(part)));
  const spot = secret ?? all.find(({ found }) => found.parts.some(has));
  const refused = all.flatMap(({ found }) => found.refused);
  if (!spot) return { parts: [], refused };
  const wanted = PARTS.filter((part) => spot.found.parts.includes(part) && has(part));
  const { origins, ...secrets } = await secretsOf(credential.id, origin, wanted, purpose);
  const typing = typeIn(tabId, spot.target, [origin, origins, secrets, Date.now() + PATIENCE_MS]);
  const filled = await answered(typing, "this page does not answer any more: look what was filled in there");
  if (!filled) return { parts: [], refused: [[wanted[0] ?? "password", "the page has changed meanwhile"]] };
  return { parts: filled.parts, refused: [...filled.refused, ...spot.found.refused] };
}

/** Types into a document; `undefined` where it has gone while the server was asked. */
async function typeIn(
  tabId: number,
  target: chrome.scripting.InjectionTarget,
  args: Parameters<PageTools["fill"]>,
): Promise<Filled | undefined> {
  const func = (...of: Parameters<PageTools["fill"]>) => globalThis.countersignTools?.fill(...of);
  try {
    const [answer] = await asDrawn(tabId, () => chrome.scripting.executeScript({ target, func, args }));
    return answer?.result ?? undefined;
  } catch {
    return undefined;
  }
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
