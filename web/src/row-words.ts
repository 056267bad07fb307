// Words that a row of the first list needs; all others come with the pages that say them.
import type { SecondFactor } from "./api/types";

/** "6 digits, 30 s", "HOTP, 6 digits", "Steam". */
export function factorWords(factor: SecondFactor): string {
  if (factor.kind === "steam") return "Steam";
  if (factor.kind === "hotp") return `HOTP, ${factor.digits} digits`;
  return `${factor.digits} digits, ${factor.period ?? 30} s`;
}

/** The part of an address one knows a site by; the text itself when it is no address. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host.replace(/^www\./, "") || url;
  } catch {
    return url;
  }
}

/** Addresses one may follow with a click. A stored `javascript:` never becomes a link. */
export function isWebAddress(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url).protocol);
  } catch {
    return false;
  }
}
