import { hashFor, parseHash, type Place } from "../router";

type Guard = () => boolean;

class Route {
  #place = $state<Place>(parseHash(location.hash));
  #guards = new Set<Guard>();
  #leaving = false;
  #here = location.hash;
  /** What the person wanted, such as to go elsewhere, while a form held unsaved text. */
  heldBack = $state.raw<(() => void) | null>(null);

  constructor() {
    addEventListener("hashchange", () => this.#changed());
    addEventListener("beforeunload", (event) => {
      if (this.#unsaved()) event.preventDefault();
    });
  }

  get path(): string[] {
    return this.#place.path;
  }

  get query(): Record<string, string> {
    return this.#place.query;
  }

  go(path: readonly string[], query: Record<string, string | undefined> = {}): void {
    this.#to(hashFor(path, query));
  }

  /** As `go`, but the place left is not one to come back to. */
  replace(path: readonly string[], query: Record<string, string | undefined> = {}): void {
    const hash = hashFor(path, query);
    history.replaceState(null, "", hash);
    this.#here = hash;
    this.#place = parseHash(hash);
  }

  /** Holds people back while `unsaved` says so; answers a function that lets them go. */
  hold(unsaved: Guard): () => void {
    this.#guards.add(unsaved);
    return () => this.#guards.delete(unsaved);
  }

  /** Leaves the page itself; asks first where text is unsaved, so that the browser need not. */
  leave(action: () => void): void {
    if (this.#unsaved()) {
      this.heldBack = () => this.leave(action);
      return;
    }
    this.#guards.clear();
    action();
  }

  /** Asks before what would lose typed text, such as closing a dialog. */
  ask(action: () => void): void {
    this.heldBack = action;
  }

  /** Does what was held back after all, or stays. */
  decide(leave: boolean): void {
    const action = this.heldBack;
    this.heldBack = null;
    if (!leave || action === null) return;
    // Closing a dialog may lead elsewhere: it has been asked about.
    this.#leaving = true;
    action();
    this.#leaving = false;
  }

  #unsaved(): boolean {
    return !this.#leaving && [...this.#guards].some((guard) => guard());
  }

  /** At once, not by an event later: what is asked next already finds the new place. */
  #to(hash: string): void {
    if (this.#unsaved()) {
      this.heldBack = () => this.#to(hash);
      return;
    }
    history.pushState(null, "", hash);
    this.#here = hash;
    this.#place = parseHash(hash);
  }

  #changed(): void {
    if (location.hash === this.#here) return;
    if (this.#unsaved()) {
      const hash = location.hash;
      this.heldBack = () => this.#to(hash);
      history.replaceState(null, "", this.#here || "#/");
      return;
    }
    this.#here = location.hash;
    this.#place = parseHash(location.hash);
  }
}

export const route = new Route();
