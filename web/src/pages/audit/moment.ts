import { momentAt } from "../../zone";

/** A day as its owner means it: from its first moment here to its last, in UTC for the server. */
export function moment(day: string | undefined, end = false): string | undefined {
  if (!day || Number.isNaN(Date.parse(day))) return undefined;
  return momentAt(`${day}T${end ? "23:59:59.999" : "00:00:00"}`);
}
