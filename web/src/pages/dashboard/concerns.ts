// Why a credential should be looked at, in words.
import type { Dashboard } from "../../api/types";
import { plural, t } from "../../language";

interface Concern {
  title: (of: { old_password_days: number; unused_days: number }) => string;
  /** What the moment beside each credential is. */
  since: string;
  /** What stands where there is no such moment. */
  none: string;
  tone?: "red" | "amber";
}

export const CONCERNS: Record<string, Concern> = {
  no_second_factor: { title: () => t("Without a second factor"), since: t("Added"), none: "–" },
  old_password: {
    title: (of) => plural(of.old_password_days, "Password older than {count} day", "Password older than {count} days"),
    since: t("Password changed"),
    none: "–",
    tone: "amber",
  },
  unused: {
    title: (of) => plural(of.unused_days, "Not used for {count} day", "Not used for {count} days"),
    since: t("Last used"),
    none: t("Never"),
  },
  site_moved: { title: () => t("Site has moved"), since: t("Moved"), none: t("Unknown"), tone: "amber" },
  change_failed: { title: () => t("Last change failed"), since: t("Ended"), none: "–", tone: "red" },
  checked_out: { title: () => t("Checked out now"), since: t("Until"), none: "–" },
  unverified: { title: () => t("Password unverified"), since: t("Started"), none: "–", tone: "red" },
};

export const concernTitle = (concern: string, of: Pick<Dashboard, "old_password_days" | "unused_days">): string =>
  CONCERNS[concern]?.title(of) ?? concern;
