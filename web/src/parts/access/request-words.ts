// What requests say in codes, as people read it. Pure.
import type { AccessRequest } from "../../api/types";
import { allowed } from "./words";

export const STATES: Record<
  AccessRequest["state"],
  { word: string; tone: string; icon: "clock" | "check" | "ban" | "close" }
> = {
  pending: { word: "Pending", tone: "amber", icon: "clock" },
  approved: { word: "Approved", tone: "ok", icon: "check" },
  rejected: { word: "Rejected", tone: "red", icon: "ban" },
  cancelled: { word: "Cancelled", tone: "", icon: "close" },
  revoked: { word: "Revoked", tone: "red", icon: "ban" },
  expired: { word: "Expired", tone: "", icon: "clock" },
};

/** "Use the token", without the credential's being seen, which nobody has to ask for. */
export function wantedOf(request: Pick<AccessRequest, "permissions">): string {
  const [, ...rest] = allowed(request.permissions).split(", ");
  const text = rest.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "1 h 30 min". */
export function duration(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [days ? `${days} d` : "", hours ? `${hours} h` : "", rest ? `${rest} min` : ""].filter(Boolean);
  return parts.join(" ");
}
