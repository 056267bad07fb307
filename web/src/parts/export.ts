// What can be exported as what, and what is said of it.
import * as api from "../api";
import type { Export, Exported, ExportRequest } from "../api/types";
import { oneTimeKey } from "../handover";
import { number, plural, t } from "../language";

/** A file that is in this page only. */
export interface OpenFile {
  name: string;
  file: Blob;
}

/** Has the server make the files, sealed for a key that is made here, and opens them. */
export async function exportFiles(what: Omit<Export, "recipient">): Promise<{ result: Exported; files: OpenFile[] }> {
  const key = await oneTimeKey();
  const result = await api.exportCredentials({ ...what, recipient: key.recipient });
  const opened = result.files.map(async (one) => ({
    name: one.name,
    file: new Blob([await key.open(one)], { type: one.media_type }),
  }));
  return { result, files: await Promise.all(opened) };
}

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

/** What it is called. */
const nameOf = (format: string): string => ALL.find(([each]) => each === format)?.[1] ?? format;

/** "All credentials, as CSV with all fields". */
export function exportWanted({ turn_off: off, all, tag, credentials, format }: ExportRequest): string {
  if (off) return t("Turn off the approval of exports");
  const values = { format: nameOf(format ?? "") };
  if (all) return t("All credentials, as {format}", values);
  if (tag != null) return t("Credentials with the tag {tag}, as {format}", { ...values, tag });
  return plural(credentials.length, "{count} credential, as {format}", "{count} credentials, as {format}", values);
}

export const EXPORT_STATES: Record<
  ExportRequest["state"],
  { word: string; tone: string; icon: "clock" | "check" | "ban" | "close" }
> = {
  pending: { word: t("Pending"), tone: "amber", icon: "clock" },
  approved: { word: t("Approved##request"), tone: "ok", icon: "check" },
  rejected: { word: t("Rejected##request"), tone: "red", icon: "ban" },
  cancelled: { word: t("Cancelled##request"), tone: "", icon: "close" },
  expired: { word: t("Expired##request"), tone: "", icon: "clock" },
  used: { word: t("Used##request"), tone: "", icon: "check" },
};

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
