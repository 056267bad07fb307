import type { Change, Page } from "../api/types";

type Ask = (cursor: string | undefined) => Promise<Page<Change>>;

/**
 * Changes, newest first, kept true while they stand on the page: each look brings those shown up to date in their places.
 * Newer ones wait in `fresh` until they are wanted, so that nothing moves under the pointer.
 */
export class ChangeList {
  items = $state.raw<Change[]>([]);
  fresh = $state.raw<Change[]>([]);
  cursor = $state<string | null>(null);
  loaded = $state(false);
  loading = $state(false);
  error = $state<unknown>(null);
  readonly #ask: Ask;
  readonly #one: (id: string) => Promise<Change>;

  constructor(ask: Ask, one: (id: string) => Promise<Change>) {
    this.#ask = ask;
    this.#one = one;
  }

  /** The first page, or a look at what is shown. */
  async look(): Promise<void> {
    try {
      const answer = await this.#ask(undefined);
      if (!this.loaded || this.items.length === 0) {
        this.items = newestFirst(answer.items);
        this.cursor = answer.next_cursor ?? null;
      } else {
        const here = new Map(answer.items.map((change) => [change.id, change]));
        const shown = new Set(this.items.map((change) => change.id));
        const newest = this.items[0]?.created_at ?? "";
        // One that left the filter, or the first page, is asked for by itself as long as it may still move.
        this.items = await Promise.all(
          this.items.map(
            async (change) => here.get(change.id) ?? (change.open ? this.#one(change.id).catch(() => change) : change),
          ),
        );
        this.fresh = newestFirst(answer.items.filter((change) => !shown.has(change.id) && change.created_at >= newest));
      }
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = error;
      throw error;
    }
  }

  async more(): Promise<void> {
    if (this.cursor === null) return;
    this.loading = true;
    try {
      const answer = await this.#ask(this.cursor);
      const shown = new Set(this.items.map((change) => change.id));
      this.items = newestFirst([...this.items, ...answer.items.filter((change) => !shown.has(change.id))]);
      this.cursor = answer.next_cursor ?? null;
    } catch (error) {
      this.error = error;
    }
    this.loading = false;
  }

  showFresh(): void {
    this.items = [...this.fresh, ...this.items];
    this.fresh = [];
  }
}

/** Two lists of the server as one. The cursor of the whole is those of the parts. */
export function together(asks: readonly Ask[]): Ask {
  return async (cursor) => {
    const cursors = cursor === undefined ? asks.map(() => undefined) : (JSON.parse(cursor) as (string | null)[]);
    const pages = await Promise.all(
      asks.map(async (ask, i) => (cursors[i] === null ? { items: [] } : ask(cursors[i]))),
    );
    const next = pages.map((page: Page<Change>) => page.next_cursor ?? null);
    return {
      items: pages.flatMap((page) => page.items),
      next_cursor: next.every((each) => each === null) ? null : JSON.stringify(next),
    };
  };
}

function newestFirst(changes: readonly Change[]): Change[] {
  return changes.toSorted((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
}
