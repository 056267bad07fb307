import type { Status } from "./api/types";
import { t } from "./language";

/** Why passkeys cannot be used in this page, as a sentence; null where they can. */
export function whyNoPasskeys(at: Status["passkeys"], origin: string, known: boolean): string | null {
  if (!at.usable) return at.problem ?? t("Passkeys cannot be used at this server.");
  if (at.origin !== origin)
    return t("Passkeys work only at {origin}: open this page there.", { origin: at.origin ?? "" });
  return known ? null : t("This browser does not support passkeys.");
}

/** The same of the page as it is. */
export const whyNoneHere = (status: Status | null): string | null =>
  status && whyNoPasskeys(status.passkeys, location.origin, "PublicKeyCredential" in window);
