// What can be exported as what, and what is said of it.
import type { Exported } from "../api/types";

/** The API's word, what it is called, and what is in it. */
const ALL: readonly (readonly [string, string, string])[] = [
  ["bitwarden", "Bitwarden JSON", "Most password managers read it."],
  ["csv", "CSV with all fields", "Countersign reads it again as it was."],
  ["cxf", "Credential Exchange Format (CXF)", "The FIDO Alliance's own, unencrypted."],
  ["otpauth", "otpauth:// URLs", "Setup keys only, one on each line."],
  ["google", "Google Authenticator", "Setup keys only, as QR codes and as URLs."],
];

export const FORMATS: readonly (readonly [string, string])[] = ALL.map(([format, name]) => [format, name]);

export const hintOf = (format: string): string => ALL.find(([each]) => each === format)?.[2] ?? "";

/** "12 credentials exported, 1 left out." */
export function exportedWords({ exported, left_out }: Exported): string {
  const left = left_out.length > 0 ? `, ${left_out.length} left out` : "";
  return `${exported} ${exported === 1 ? "credential" : "credentials"} exported${left}.`;
}

/** "passwords (2), notes (1)"; empty where the format holds everything. */
export const withoutWords = ({ without }: Exported): string =>
  without.map(({ what, count }) => `${what} (${count})`).join(", ");
