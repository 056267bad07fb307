// Moments in the reader's time zone, for fields of dates and times.
import { timeZone } from "./language";

/** The name of the reader's zone, such as "America/Sao_Paulo". */
export const ownZone = (): string => timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment as a field shows it, to the minute: "2026-11-24T09:00". */
export function fieldOf(at: string, zone = ownZone()): string {
  return new Date(shownAt(Date.parse(at), zone)).toISOString().slice(0, 16);
}

/** The moment at which the zone's clocks show what a field holds. */
export function momentAt(field: string, zone = ownZone()): string {
  const shown = Date.parse(`${field}Z`);
  // How far the zone is from UTC may be another at the moment itself, beside the end of its summer time.
  const near = shown - (shownAt(shown, zone) - shown);
  return new Date(shown - (shownAt(near, zone) - near)).toISOString();
}

/** What the zone's clocks show at a moment, as the moment at which UTC shows it. */
function shownAt(moment: number, zone: string): number {
  const shown = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(shown.find((each) => each.type === type)?.value);
  const seconds = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return seconds + (((moment % 1000) + 1000) % 1000);
}
