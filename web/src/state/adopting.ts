// What somebody chose is kept with their account, and taken into this browser when they come in.
import type { Me } from "../api/types";
import { read, write } from "./storage";

type Kept = Me["preferences"];

/** By which name this browser keeps what the account does. */
const NAMES = [
  ["language", "language"],
  ["time_zone", "time-zone"],
] as const;

/** What is to be kept in this browser, by its name there: only what differs. What the account has nothing of stays. */
export function differing(kept: Kept, here: (name: string) => string | null): [name: string, value: string | null][] {
  return NAMES.flatMap(([field, name]) => {
    const chosen = kept[field];
    if (chosen === null || chosen === undefined) return [];
    // As the browser has it: then nothing is kept here.
    const value = chosen === "browser" ? null : chosen;
    return value === here(name) ? [] : [[name, value] as [string, string | null]];
  });
}

/** Takes it in. Whether the page has to be loaded anew for it: never for what this browser does not keep, or it would be for ever. */
export function adopt(kept: Kept): boolean {
  const changes = differing(kept, read);
  for (const [name, value] of changes) write(name, value);
  return changes.some(([name, value]) => read(name) === value);
}
