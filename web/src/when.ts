import { dateTime } from "./dates";
import { locale, plural, t, timeZone } from "./language";

export { date, dateTime } from "./dates";

const PRECISE = new Intl.DateTimeFormat(locale, {
  timeZone,
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** "24 Nov 2026, 09:00:12", for the audit log. */
export function precise(at: string): string {
  return PRECISE.format(new Date(at));
}

/** "just now", "4 s ago", "3 min ago", "2 h ago", "5 days ago", then the date. */
export function ago(at: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(at)) / 1000);
  if (seconds < 1) return t("just now");
  if (seconds < 60) return t("{count} s ago", { count: seconds });
  if (seconds < 3600) return t("{count} min ago", { count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("{count} h ago", { count: Math.floor(seconds / 3600) });
  const days = Math.floor(seconds / 86_400);
  if (days <= 30) return days === 1 ? t("yesterday") : plural(days, "{count} day ago", "{count} days ago");
  return dateTime(at);
}

/** "12 s", "4 min 05 s", "2 h 10 min", "3 days": how long something still takes; nothing below zero. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600);
  if (seconds < 60) return t("{seconds} s", { seconds });
  if (seconds < 3600) return t("{minutes} min {seconds} s", { minutes, seconds: two(seconds % 60) });
  if (seconds < 86_400 * 2) return t("{hours} h {minutes} min", { hours, minutes: two(minutes % 60) });
  return plural(Math.floor(seconds / 86_400), "{count} day", "{count} days");
}

const CLOCK = new Intl.DateTimeFormat(locale, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** "09:00:12" in the reader's own zone. */
export function clockTime(at: string): string {
  return CLOCK.format(new Date(at));
}
