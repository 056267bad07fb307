import { locale } from "./language";

/** What a list is ordered by: a key, or `-key` for the other way round. */
export type By<T> = Record<string, (item: T) => string | number | null | undefined>;

/** The same list in order. What has nothing to be ordered by comes last, either way; what is alike stays as it was. */
export function sorted<T>(items: readonly T[], sort: string, by: By<T>): readonly T[] {
  const down = sort.startsWith("-");
  const key = by[down ? sort.slice(1) : sort];
  if (!key) return items;
  return items.toSorted((one, other) => {
    const [a, b] = [key(one) ?? "", key(other) ?? ""];
    if (a === "" || b === "") return Number(a === "") - Number(b === "");
    const order =
      typeof a === "number" && typeof b === "number"
        ? a - b
        : String(a).localeCompare(String(b), locale, { numeric: true });
    return down ? -order : order;
  });
}

/** What a press on a column's head asks for: its order, and the other way round the second time. */
export function pressed(sort: string, key: string): string {
  return sort === key ? `-${key}` : key;
}

/** What a column's head says of the order, for screen readers. */
export function ariaSort(sort: string, key: string): "ascending" | "descending" | "none" {
  return sort === key ? "ascending" : sort === `-${key}` ? "descending" : "none";
}
