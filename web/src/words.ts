// Words for what the contract says in figures and codes.
import type { Role, SecondFactor } from "./api/types";

export { factorWords, hostOf, isWebAddress } from "./row-words";

/** With the algorithm, where there is room. */
export function factorSentence(factor: SecondFactor): string {
  const kind = factor.kind === "hotp" ? "HOTP" : factor.kind === "steam" ? "Steam" : "TOTP";
  const period = factor.kind === "hotp" ? "" : `, every ${factor.period ?? 30} s`;
  return `${kind}, ${factor.algorithm}, ${factor.digits} ${factor.kind === "steam" ? "characters" : "digits"}${period}`;
}

/** Acts whose stable names say it otherwise than the page does. */
const ACT_WORDS: Record<string, string> = {
  "access emergency": "emergency access used",
  "check out begun": "checked out",
  "check out extended": "check-out extended",
  "check out ended": "checked in",
  "check out awaited": "check-out awaited",
  "check out not awaited": "check-out no longer awaited",
  "check out refused": "check-out refused",
  "grant reviews set": "review period changed",
  "access decision refused": "decision about access refused",
  "change candidate stored": "change stored the new password",
  "change in doubt": "change unverified",
  "change waiting": "change needs attention",
  "session end asked": "session end requested",
  "session act denied": "session action denied",
  "session thawed": "session resumed",
  "sink created": "audit destination added",
  "sink edited": "audit destination edited",
  "sink paused": "audit destination paused or resumed",
  "sink removed": "audit destination removed",
  "sink tested": "audit destination tested",
  "sink rewound": "audit destination sent again",
  sink: "audit destination",
  "session control given": "session control released",
  "session address opened": "session URL opened",
  "user set up link made": "user set-up link created",
  "user set up link used": "user set-up link used",
  "user recovery codes made": "user recovery codes created",
  "user provider connected": "user connected with the sign-in provider",
  "user provider disconnected": "user disconnected from the sign-in provider",
  "user provider refused": "sign-in with the provider refused",
  "provider edited": "sign-in provider edited",
  "provider removed": "sign-in provider removed",
  "provider tested": "sign-in provider tested",
  "user ways in ended": "user signed out everywhere",
  "session link made": "session link created",
  device: "browser extension",
  extension: "browser extension",
  "device code made": "pairing code created",
  "device paired": "browser extension connected",
  "device pairing refused": "browser extension refused",
  "device locked out": "browser extensions locked out",
  "device removed": "browser extension removed",
  "credential fill refused": "filling in at another site refused",
  "web session": "signed-in device",
  "web session ended": "device signed out",
};

/** "token.read" → "token read", "change.in_doubt" → "change unverified": an act, or another stable name, in words. */
export function actWords(act: string): string {
  const words = act
    .replace(/[._]/g, " ")
    .replace(/^api /, "API ")
    .replace(/^scim\b/, "SCIM");
  return ACT_WORDS[words] ?? words;
}

/** What kind of actor a record names. */
export function actorWords(kind: string): string {
  return kind === "nobody" ? "not signed in" : actWords(kind);
}

/** With a capital at its front, as a label begins; the rest as it is. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What somebody shows beside their password, or in its place. */
export function secondFactorWords(name: string): string {
  return capital(name.replaceAll("_", " "));
}

/** A user by name; a service account is told from people. */
export function userWords(user: { name: string; service_account?: boolean }): string {
  return user.service_account ? `${user.name} (service account)` : user.name;
}

export const ROLE_WORDS: Record<Role, string> = {
  administrator: "Full access, including users",
  manager: "Creates and edits credentials and grants access to them",
  member: "Uses the credentials they have access to",
  auditor: "Reads the audit log; no access to secrets",
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
  items.map(({ what, count }) => `${what} (${count.toLocaleString()})`).join(", ");
