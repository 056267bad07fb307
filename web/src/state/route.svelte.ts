import { hashFor, parseHash, type Place } from "../router";

type Guard = () => boolean;

class Route {
  #place = $state<Place>(parseHash(location.hash));
  #guard: Guard | null = null;
  #here = location.hash;
  /** Where the person wanted to go while a form held unsaved text. */
  heldBack = $state<string | null>(null);

  constructor() {
    addEventListener("hashchange", () => this.#changed());
    addEventListener("beforeunload", (event) => {
      if (this.#guard?.()) event.preventDefault();
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
    this.#guard = unsaved;
    return () => {
      if (this.#guard === unsaved) this.#guard = null;
    };
  }

  /** Leaves after all, or stays. */
  decide(leave: boolean): void {
    const target = this.heldBack;
    this.heldBack = null;
    if (!leave || target === null) return;
    this.#guard = null;
    this.#to(target);
  }

  /** At once, not by an event later: what is asked next already finds the new place. */
  #to(hash: string): void {
    if (this.#guard?.()) {
      this.heldBack = hash;
      return;
    }
    history.pushState(null, "", hash);
    this.#here = hash;
    this.#place = parseHash(hash);
  }

  #changed(): void {
    if (location.hash === this.#here) return;
    if (this.#guard?.()) {
      this.heldBack = location.hash;
      history.replaceState(null, "", this.#here || "#/");
      return;
    }
    this.#here = location.hash;
    this.#place = parseHash(location.hash);
  }
}

export const route = new Route();
