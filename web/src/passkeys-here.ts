import type { Status } from "./api/types";

/** Why passkeys cannot be used in this page, as a sentence; null where they can. */
export function whyNoPasskeys(at: Status["passkeys"], origin: string, known: boolean): string | null {
  if (!at.usable) return at.problem ?? "Passkeys cannot be used at this server.";
  if (at.origin !== origin) return `Passkeys work only at ${at.origin}: open this page there.`;
  return known ? null : "This browser does not support passkeys.";
}

/** The same of the page as it is. */
export const whyNoneHere = (status: Status | null): string | null =>
  status && whyNoPasskeys(status.passkeys, location.origin, "PublicKeyCredential" in window);
