// What a person chose for this browser. Nothing secret is ever kept here.

/** What this browser keeps under a name; null where it keeps nothing. */
export function read(name: string): string | null {
  try {
    return localStorage.getItem(`countersign.${name}`);
  } catch {
    return null;
  }
}

/** Keeps it, or with null forgets it. */
export function write(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`countersign.${name}`);
    else localStorage.setItem(`countersign.${name}`, value);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
