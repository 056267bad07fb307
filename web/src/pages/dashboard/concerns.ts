// Why a credential should be looked at, in words.
import type { Dashboard } from "../../api/types";

interface Concern {
  title: (of: { old_password_days: number; unused_days: number }) => string;
  /** What the moment beside each credential is. */
  since: string;
  /** What stands where there is no such moment. */
  none: string;
  tone?: "red" | "amber";
}

export const CONCERNS: Record<string, Concern> = {
  no_second_factor: { title: () => "Without a second factor", since: "Added", none: "–" },
  old_password: {
    title: (of) => `Password older than ${of.old_password_days} days`,
    since: "Password changed",
    none: "–",
    tone: "amber",
  },
  unused: { title: (of) => `Not used for ${of.unused_days} days`, since: "Last used", none: "Never" },
  site_moved: { title: () => "Site has moved", since: "Moved", none: "Unknown", tone: "amber" },
  change_failed: { title: () => "Last change failed", since: "Ended", none: "–", tone: "red" },
  checked_out: { title: () => "Checked out now", since: "Until", none: "–" },
  unverified: { title: () => "Password unverified", since: "Started", none: "–", tone: "red" },
};

export const concernTitle = (concern: string, of: Pick<Dashboard, "old_password_days" | "unused_days">): string =>
  CONCERNS[concern]?.title(of) ?? concern;
