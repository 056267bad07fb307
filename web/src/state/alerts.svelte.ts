// Notifications of this browser for changes that begin to need attention while the page is open.
import type { Change } from "../api/types";
import { t } from "../language";
import type { Surroundings } from "../token/token-run.svelte";

/** What the browser offers, so that tests can stand in for it. */
export interface Notifier {
  permission(): "granted" | "denied" | "default" | "unsupported";
  ask(): Promise<void>;
  show(title: string, body: string, tag: string, onclick: () => void): void;
}

/** The browser's own. */
export const browser: Notifier = {
  permission: () => ("Notification" in window ? Notification.permission : "unsupported"),
  async ask() {
    await Notification.requestPermission();
  },
  show(title, body, tag, onclick) {
    const shown = new Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onclick();
    };
  },
};

const KEY = "countersign.alerts";

/** Keeps which changes were seen waiting, so that each waiting is told once. */
export class Alerts {
  /** Whether a person wants them in this browser. */
  on = $state(false);
  permission = $state<ReturnType<Notifier["permission"]>>("default");
  #seen: Set<string> | null = null;
  readonly #notifier: Notifier;
  readonly #go: (change: string) => void;

  constructor(notifier: Notifier, go: (change: string) => void, kept = read()) {
    this.#notifier = notifier;
    this.#go = go;
    this.permission = notifier.permission();
    this.on = kept && this.permission === "granted";
  }

  async turnOn(): Promise<void> {
    if (this.#notifier.permission() === "default") await this.#notifier.ask();
    this.permission = this.#notifier.permission();
    this.on = this.permission === "granted";
    write(this.on);
  }

  turnOff(): void {
    this.on = false;
    write(false);
  }

  /** The changes that wait now. What waited already when the page was opened is no news. */
  look(waiting: readonly Pick<Change, "id" | "credential" | "waiting_until">[]): void {
    // The same change may wait a second time: then it waits until another time.
    const now = new Set(waiting.map((change) => `${change.id} ${change.waiting_until ?? ""}`));
    const before = this.#seen;
    this.#seen = now;
    if (before === null || !this.on) return;
    for (const change of waiting) {
      if (before.has(`${change.id} ${change.waiting_until ?? ""}`)) continue;
      const title = t("{name} needs attention", { name: change.credential.name });
      const body = t("The password change is waiting for you to act. Click to open it.");
      this.#notifier.show(title, body, `countersign-${change.id}`, () => this.#go(change.id));
    }
  }
}

const LOOK_MS = 20_000;
/** Nobody has touched the page for a working day: it stops asking, so that the sign-in can end. */
const DAY_MS = 8 * 60 * 60_000;

/** Looks while the page is hidden too. Answers a function that ends it. */
export function watchHidden(look: () => Promise<void>, around: Surroundings): () => void {
  const since = around.now();
  let cancel: (() => void) | undefined;
  let ended = false;
  const next = () => {
    if (ended || around.now() - since > DAY_MS) return;
    cancel = around.after(
      LOOK_MS,
      () =>
        void look()
          .catch(() => undefined)
          .then(next),
    );
  };
  next();
  return () => {
    ended = true;
    cancel?.();
  };
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function write(on: boolean): void {
  try {
    if (on) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
