import type { SeedInput, Totp } from "./api/types";

/** A whole address (otpauth://…) says algorithm, digits and period itself. */
export function isAddress(text: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** The body of a call that saves this seed: what is not chosen is left to the server's defaults. */
export function totpOf(input: SeedInput): Totp {
  if (isAddress(input.text)) return { uri: input.text.trim() };
  const { text, ...choices } = input;
  return { secret: text, ...choices };
}

/** The body of a check: choices count only where the text does not say them itself. */
export function checkOf(input: SeedInput): SeedInput {
  return isAddress(input.text) ? { text: input.text } : input;
}

/** Pixels of the longer edge above which a photograph is made smaller before it is sent. */
export const LONG_EDGE = 2000;

/** Width and height so that the longer edge is at most `LONG_EDGE`. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONG_EDGE / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
