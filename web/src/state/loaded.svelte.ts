import type { Page } from "../api/types";

/** An answer that a page is waiting for: the value once it is there, the error if it failed, and how to ask again. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  error = $state<unknown>(null);
  busy = $state(false);
  readonly #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
    void this.load();
  }

  readonly load = async (): Promise<void> => {
    this.busy = true;
    this.error = null;
    try {
      this.value = await this.#ask();
    } catch (error) {
      this.error = error;
    }
    this.busy = false;
  };

  /** Does something that changes the answer, then asks again. */
  async after<A>(act: Promise<A>): Promise<A> {
    const answer = await act;
    await this.load();
    return answer;
  }
}

/** A list that comes page by page; an overtaken call is called off. */
export class Listed<T> {
  items = $state.raw<T[]>([]);
  total = $state<number | null | undefined>();
  cursor = $state<string | null>(null);
  loading = $state(true);
  /** There has been an answer. */
  loaded = $state(false);
  error = $state<unknown>(null);
  readonly #ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
  #abort = new AbortController();

  constructor(ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {
    this.#ask = ask;
  }

  async load(more = false): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    this.loading = true;
    this.error = null;
    try {
      const answer = await this.#ask(more ? (this.cursor ?? undefined) : undefined, abort.signal);
      this.items = more ? [...this.items, ...answer.items] : answer.items;
      this.cursor = answer.next_cursor ?? null;
      // Counted for the first page only.
      if (!more) this.total = answer.total;
      this.loaded = true;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }
}
