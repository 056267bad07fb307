// Words that a row of the first list needs; all others come with the pages that say them.
import type { SecondFactor } from "./api/types";
import { t } from "./language";

/** "6 digits, 30 s", "HOTP, 6 digits", "Steam". */
export function factorWords(factor: SecondFactor): string {
  const { kind, digits, period } = factor;
  // not-a-text: a name
  if (kind === "steam") return "Steam";
  if (kind === "hotp") return t("HOTP, {digits} digits", { digits });
  return t("{digits} digits, {period} s", { digits, period: period ?? 30 });
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
