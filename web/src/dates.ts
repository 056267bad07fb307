// Dates as the first page says them.
import { locale, timeZone } from "./language";

const DATE = new Intl.DateTimeFormat(locale, { timeZone, year: "numeric", month: "short", day: "numeric" });
const DATE_TIME = new Intl.DateTimeFormat(locale, {
  timeZone,
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

const TIME = new Intl.DateTimeFormat(locale, { timeZone, hour: "2-digit", minute: "2-digit" });

export function date(at: string): string {
  return DATE.format(new Date(at));
}

/** "24 Nov 2026, 09:00" in the reader's own zone. */
export function dateTime(at: string): string {
  return DATE_TIME.format(new Date(at));
}

/** "09:00", below its date. */
export function time(at: string): string {
  return TIME.format(new Date(at));
}
