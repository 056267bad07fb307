import type { Page, Summary } from "../api/types";
import type { Surroundings } from "../token/token-run.svelte";

/** So long after the last key a search is asked. */
export const PAUSE_MS = 120;

/** Credentials found while somebody types: not for each key, and an answer that comes late never replaces a later one. */
export class Finder {
  items = $state.raw<Summary[]>([]);
  /** How many there are, of which `items` are the first. */
  total = $state(0);
  /** An answer is on its way, or soon asked for. */
  busy = $state(false);
  error = $state.raw<unknown>(null);
  readonly #ask: (search: string, signal: AbortSignal) => Promise<Page<Summary>>;
  readonly #around: Pick<Surroundings, "after">;
  #abort = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(
    ask: (search: string, signal: AbortSignal) => Promise<Page<Summary>>,
    around: Pick<Surroundings, "after">,
  ) {
    this.#ask = ask;
    this.#around = around;
  }

  find(text: string): void {
    this.stop();
    const wanted = text.trim();
    if (wanted === "") {
      this.items = [];
      this.total = 0;
      return;
    }
    this.busy = true;
    const { signal } = this.#abort;
    this.#cancel = this.#around.after(PAUSE_MS, () => void this.#look(wanted, signal));
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#cancel();
    this.#abort.abort();
    this.#abort = new AbortController();
    this.busy = false;
    this.error = null;
  }

  async #look(wanted: string, signal: AbortSignal): Promise<void> {
    try {
      const { items, total } = await this.#ask(wanted, signal);
      if (signal.aborted) return;
      this.items = items;
      this.total = total ?? items.length;
    } catch (error) {
      if (signal.aborted) return;
      this.items = [];
      this.total = 0;
      this.error = error;
    }
    this.busy = false;
  }
}
