// What requests say in codes, as people read it. Pure.
import type { AccessRequest } from "../../api/types";
import { t } from "../../language";
import { capital } from "../../words";
import { flagsOf } from "./words";

export const STATES: Record<
  AccessRequest["state"],
  { word: string; tone: string; icon: "clock" | "check" | "ban" | "close" }
> = {
  pending: { word: t("Pending"), tone: "amber", icon: "clock" },
  approved: { word: t("Approved##request"), tone: "ok", icon: "check" },
  rejected: { word: t("Rejected##request"), tone: "red", icon: "ban" },
  cancelled: { word: t("Cancelled##request"), tone: "", icon: "close" },
  revoked: { word: t("Revoked##request"), tone: "red", icon: "ban" },
  expired: { word: t("Expired##request"), tone: "", icon: "clock" },
};

/** "Use the token", without the credential's being seen, which nobody has to ask for. */
export function wantedOf(request: Pick<AccessRequest, "permissions">): string {
  return capital(flagsOf(request.permissions).join(", "));
}

/** "1 h 30 min". */
export function duration(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [
    days ? t("{days} d", { days }) : "",
    hours ? t("{hours} h", { hours }) : "",
    rest ? t("{minutes} min", { minutes: rest }) : "",
  ];
  return parts.filter(Boolean).join(" ");
}
