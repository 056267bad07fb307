// Words for what the contract says in figures and codes.
import { actWords } from "./act-words";
import type { Role, SecondFactor } from "./api/types";
import { number, t } from "./language";

export { actWords };
export { factorWords, hostOf, isWebAddress } from "./row-words";

/** With the algorithm, where there is room. */
export function factorSentence(factor: SecondFactor): string {
  const { kind, algorithm, digits, period } = factor;
  const values = { algorithm, digits, period: period ?? 30 };
  if (kind === "hotp") return t("HOTP, {algorithm}, {digits} digits", values);
  if (kind === "steam") return t("Steam, {algorithm}, {digits} characters, every {period} s", values);
  return t("TOTP, {algorithm}, {digits} digits, every {period} s", values);
}

/** What kind of actor a record names. */
export const actorWords = actWords;

/** With a capital at its front, as a label begins; the rest as it is. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** With a small letter at its front, as within a sentence; the rest as it is. */
export function small(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const SECOND_FACTORS: Readonly<Record<string, string>> = {
  authenticator_app: t("Authenticator app"),
  passkey: t("Passkey"),
};

/** What somebody shows beside their password, or in its place. */
export function secondFactorWords(name: string): string {
  return SECOND_FACTORS[name] ?? capital(name.replaceAll("_", " "));
}

/** A user by name; a service account is told from people. */
export function userWords(user: { name: string; service_account?: boolean }): string {
  return user.service_account ? t("{name} (service account)", { name: user.name }) : user.name;
}

export const ROLE_NAMES: Record<Role, string> = {
  administrator: t("Administrator"),
  manager: t("Manager"),
  member: t("Member"),
  auditor: t("Auditor"),
};

/** A role by its name; one that this page does not know by the server's. */
export const roleName = (role: string): string => (ROLE_NAMES as Record<string, string>)[role] ?? role;

/** What each role may do. */
export const ROLE_WORDS: Record<Role, string> = {
  administrator: t("Full access, including users"),
  manager: t("Creates and edits credentials and grants access to them"),
  member: t("Uses the credentials they have access to"),
  auditor: t("Reads the audit log; no access to secrets"),
};

/** "a, b,c" → ["a", "b", "c"]; empty and doubled ones fall out. */
export function tagsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(",")
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ""),
    ),
  ];
}

/** From how many seconds on a site's clock is plainly another than ours. */
export const CLOCK_OFF_SECONDS = 10;

/** "passkeys (2), cards (3)": what an import leaves out, by its names in the plural. */
export const leftOutWords = (items: readonly { what: string; count: number }[]): string =>
  items.map(({ what, count }) => `${what} (${number(count)})`).join(", ");
