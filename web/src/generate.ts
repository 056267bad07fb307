const LOWER = "abcdefghijkmnopqrstuvwxyz";
const UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS = "23456789";
const MARKS = "!#%+-=?@_";

/** A password of so many characters with at least one of each class, without characters that look alike. */
export function generatePassword(length: number, random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const classes = [LOWER, UPPER, DIGITS, MARKS];
  const all = classes.join("");
  for (;;) {
    const password = Array.from({ length }, () => all[below(all.length, random)]).join("");
    // Drawn again as a whole instead of patched, so that every allowed password stays equally likely.
    if (classes.every((set) => [...set].some((character) => password.includes(character)))) return password;
  }
}

/** A number under `limit` without modulo bias. */
function below(limit: number, random: (bytes: Uint8Array<ArrayBuffer>) => void): number {
  const byte = new Uint8Array(1);
  const fair = 256 - (256 % limit);
  for (;;) {
    random(byte);
    const value = byte[0] ?? 0;
    if (value < fair) return value % limit;
  }
}
