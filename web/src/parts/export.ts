// What can be exported as what, and what is said of it.
import type { Exported } from "../api/types";
import { number, plural, t } from "../language";

/** The API's word, what it is called, and what is in it. */
const ALL: readonly (readonly [string, string, string])[] = [
  ["bitwarden", t("Bitwarden JSON"), t("Most password managers read it.")],
  ["csv", t("CSV with all fields"), t("Countersign can import it again with all fields.")],
  ["cxf", t("Credential Exchange Format (CXF)"), t("The FIDO Alliance's format, unencrypted.")],
  ["otpauth", t("otpauth:// URLs"), t("Setup keys only, one on each line.")],
  ["google", t("Google Authenticator"), t("Setup keys only, as QR codes and as URLs.")],
];

export const FORMATS: readonly (readonly [string, string])[] = ALL.map(([format, name]) => [format, name]);

export const hintOf = (format: string): string => ALL.find(([each]) => each === format)?.[2] ?? "";

/** "12 credentials exported, 1 left out." */
export function exportedWords({ exported, left_out }: Exported): string {
  if (left_out.length === 0) return plural(exported, "{count} credential exported.", "{count} credentials exported.");
  const left = { left: left_out.length };
  return plural(
    exported,
    "{count} credential exported, {left} left out.",
    "{count} credentials exported, {left} left out.",
    left,
  );
}

/** What a format may have no place for, by the API's names. */
const PARTS: Record<string, string> = {
  notes: t("notes"),
  passwords: t("passwords"),
  sites: t("sites"),
  tags: t("tags"),
};

/** "passwords (2), notes (1)"; empty where the format holds everything. */
export const withoutWords = ({ without }: Exported): string =>
  without.map(({ what, count }) => `${PARTS[what] ?? what} (${number(count)})`).join(", ");
