// Words for what the contract says in figures and codes.
import type { Role, SecondFactor } from "./api/types";

/** "6 digits, 30 s", "HOTP, 6 digits", "Steam". */
export function factorWords(factor: SecondFactor): string {
  if (factor.kind === "steam") return "Steam";
  if (factor.kind === "hotp") return `HOTP, ${factor.digits} digits`;
  return `${factor.digits} digits, ${factor.period ?? 30} s`;
}

/** With the algorithm, where there is room. */
export function factorSentence(factor: SecondFactor): string {
  const kind = factor.kind === "hotp" ? "HOTP" : factor.kind === "steam" ? "Steam" : "TOTP";
  const period = factor.kind === "hotp" ? "" : `, every ${factor.period ?? 30} s`;
  return `${kind}, ${factor.algorithm}, ${factor.digits} ${factor.kind === "steam" ? "characters" : "digits"}${period}`;
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

/** "token.read" → "token read"; for acts that the page has no better word for. */
export function actWords(act: string): string {
  return act.replace(/[._]/g, " ");
}

export const ROLE_WORDS: Record<Role, string> = {
  administrator: "Everything, and the users",
  manager: "Creates and edits credentials, grants them to others",
  member: "Uses what has been granted",
  auditor: "Reads the audit log, takes no secret",
};

/** "a, b,c" → ["a", "b", "c"]; empty and doubled ones fall out. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}

/** From how many seconds on a site's clock is plainly another than ours. */
export const CLOCK_OFF_SECONDS = 10;

/** "75 s behind", "3 min ahead of": a clock's place beside another, from their difference in seconds. */
export function offsetWords(seconds: number): string {
  const amount = Math.abs(seconds) < 120 ? `${Math.abs(seconds)} s` : `${Math.round(Math.abs(seconds) / 60)} min`;
  return `${amount} ${seconds > 0 ? "ahead of" : "behind"}`;
}
