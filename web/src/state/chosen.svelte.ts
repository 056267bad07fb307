/** What is chosen of a list that may hold more than is shown: one by one, a range, or many at once. */
export class Chosen<T extends { id: string }> {
  #items = $state.raw<ReadonlyMap<string, T>>(new Map());
  /** Where a range begins: the last one that was chosen by itself. */
  #anchor: string | null = null;

  get items(): T[] {
    return [...this.#items.values()];
  }

  get count(): number {
    return this.#items.size;
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** Chooses one, or lets go of it; with `range` also all between it and the one before, as they are shown. */
  toggle(item: T, shown: readonly T[], range = false): void {
    const on = !this.has(item.id);
    const items = new Map(this.#items);
    for (const each of range ? this.#between(item, shown) : [item]) {
      if (on) items.set(each.id, each);
      else items.delete(each.id);
    }
    this.#items = items;
    this.#anchor = item.id;
  }

  set(items: readonly T[]): void {
    this.#items = new Map(items.map((each) => [each.id, each]));
    this.#anchor = null;
  }

  clear(): void {
    this.set([]);
  }

  #between(item: T, shown: readonly T[]): readonly T[] {
    const here = shown.findIndex((each) => each.id === item.id);
    const there = shown.findIndex((each) => each.id === this.#anchor);
    return here < 0 || there < 0 ? [item] : shown.slice(Math.min(here, there), Math.max(here, there) + 1);
  }
}
