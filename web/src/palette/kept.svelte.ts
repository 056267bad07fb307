import { session } from "../state/session.svelte";
import { read, write } from "../state/storage";

/** Credentials by their ids; names and secrets are not kept. */
export interface Ids {
  /** In the order in which they were added. */
  readonly favourites: readonly string[];
  /** The last one first. */
  readonly recent: readonly string[];
}

/** How many of the last ones are known. */
export const RECENT = 8;
const NONE: Ids = { favourites: [], recent: [] };

export function used(ids: Ids, id: string): Ids {
  return { ...ids, recent: [id, ...ids.recent.filter((each) => each !== id)].slice(0, RECENT) };
}

/** One that is a favourite is none any more, and the other way round. */
export function toggled(ids: Ids, id: string): Ids {
  const { favourites } = ids;
  return {
    ...ids,
    favourites: favourites.includes(id) ? favourites.filter((each) => each !== id) : [...favourites, id],
  };
}

/** Without one that is gone. */
export function without(ids: Ids, id: string): Ids {
  const others = (list: readonly string[]) => list.filter((each) => each !== id);
  return { favourites: others(ids.favourites), recent: others(ids.recent) };
}

/** What was kept; nothing where it is not what this page keeps. */
export function parsed(text: string | null): Ids {
  try {
    const kept = JSON.parse(text ?? "") as Partial<Record<keyof Ids, unknown>> | null;
    const list = (from: unknown) =>
      Array.isArray(from) ? from.filter((id): id is string => typeof id === "string") : [];
    return { favourites: list(kept?.favourites), recent: list(kept?.recent).slice(0, RECENT) };
  } catch {
    return NONE;
  }
}

/** Favourites and the credentials that were used last, for each person in this browser. */
class Kept {
  #changed = $state(0);
  /** Where the browser keeps nothing they last until the page is closed. */
  readonly #memory = new Map<string, string>();

  get ids(): Ids {
    void this.#changed;
    return parsed(this.#read());
  }

  use(id: string): void {
    this.#write(used(this.ids, id));
  }

  toggle(id: string): void {
    this.#write(toggled(this.ids, id));
  }

  forget(id: string): void {
    this.#write(without(this.ids, id));
  }

  get #name(): string {
    return `kept.${session.me?.user.id ?? ""}`;
  }

  #read(): string | null {
    return read(this.#name) ?? this.#memory.get(this.#name) ?? null;
  }

  #write(ids: Ids): void {
    const text = JSON.stringify(ids);
    this.#memory.set(this.#name, text);
    write(this.#name, text);
    this.#changed++;
  }
}

export const kept = new Kept();
