// How the form around a field would be sent, read from the document; and the look at it once more when it is.
import { attribute, is, rootAround, type Root } from "./plain.ts";
import { perilOfForm, perilWhenSent, type Peril, type Sending, type Way } from "./sent.ts";

const SUBMITS = `button:not([type=button i], [type=reset i]), input:is([type=submit i], [type=image i])`;

/** What a button says comes before what its form says. */
function wayOf(form: HTMLFormElement, by: Element | null): Way {
  const own = (name: string) => (by ? attribute(by, `form${name}`) : null) ?? attribute(form, name);
  return { method: own("method"), action: own("action") };
}

const around = (el: HTMLInputElement): Omit<Sending, "ways"> => ({
  origin: self.origin,
  base: document.baseURI,
  named: Boolean(attribute(el, "name")),
});

/** What is wrong with the form around a field; `undefined` also where there is none, since scripts alone send what it holds. */
export function perilAround(el: HTMLInputElement, origins?: readonly string[]): Peril | undefined {
  const { form } = el;
  if (!form) return undefined;
  const buttons = [...rootAround(form).querySelectorAll<HTMLButtonElement | HTMLInputElement>(SUBMITS)];
  const ways = [null, ...buttons.filter((one) => one.form === form)].map((by) => wayOf(form, by));
  return perilOfForm({ ...around(el), ways }, origins);
}

/** Fields with a secret that was typed into them here, and where it may be sent. */
const watched = new Map<HTMLInputElement, readonly string[]>();

/** Stops a form that no script has taken and that would carry a secret where it does not belong. */
function look(event: Event): void {
  const form = event.target;
  if (event.defaultPrevented || !event.isTrusted || !(form instanceof HTMLFormElement)) return;
  const submitter = event instanceof SubmitEvent ? event.submitter : null;
  const way = wayOf(form, submitter && is(submitter, SUBMITS) ? submitter : null);
  for (const [el, origins] of watched) {
    if (el.form !== form || el.value === "") continue;
    const peril = perilWhenSent(way, around(el), origins);
    if (!peril) continue;
    event.preventDefault();
    void chrome.runtime.sendMessage({ stopped: peril }).catch(() => undefined);
    return;
  }
}

/** Watches over a field with a secret in it, for as long as its document lives: what its form says may have changed by then. */
export function watch(el: HTMLInputElement, origins: readonly string[]): void {
  watched.set(el, origins);
  // After the scripts of the page, so that what they send themselves is left to them. The event stays within a shadow tree.
  const root: Root = rootAround(el);
  (root === document ? window : root).addEventListener("submit", look);
}
