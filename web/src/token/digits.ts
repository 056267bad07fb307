/** Splits a token into two groups to read by: 6 → 3 3, 7 → 3 4, 8 → 4 4, 10 → 5 5; five characters stay one. */
export function grouped(token: string): string[] {
  if (token.length <= 5) return [token];
  if (token.length === 9) return [token.slice(0, 3), token.slice(3, 6), token.slice(6)];
  const half = Math.floor(token.length / 2);
  return [token.slice(0, half), token.slice(half)];
}

/** The last seconds, in which a token may be too old when it arrives. */
export const HURRY_SECONDS = 5;
/** From here on the next token is fetched and shown. */
export const NEXT_SECONDS = 10;

/** Whole seconds left, rounded up, so that "1" stands until the very end and "0" is never shown. */
export function secondsLeft(now: number, endsAt: number): number {
  return Math.max(0, Math.ceil((endsAt - now) / 1000));
}

/** Milliseconds until `secondsLeft` changes. */
export function untilNextSecond(now: number, endsAt: number): number {
  const left = endsAt - now;
  if (left <= 0) return 0;
  return left % 1000 || 1000;
}
