// What a credential lacks for Countersign to sign in with it, in words. Pure.
import type { Summary } from "../api/types";
import { t } from "../language";

/** That it is missing, and what leads to adding it; null where nothing is missing. */
export function missingOf(credential: Pick<Summary, "site" | "has_password">): { says: string; add: string } | null {
  if (!credential.site && !credential.has_password)
    return {
      says: t("This credential has no site and no password yet. Countersign needs both to sign in."),
      add: t("Add the site and the password"),
    };
  if (!credential.site)
    return { says: t("This credential has no site yet. Countersign needs one to sign in at."), add: t("Add the site") };
  if (!credential.has_password)
    return {
      says: t("This credential has no password yet. Countersign needs it to sign in."),
      add: t("Add the password"),
    };
  return null;
}
