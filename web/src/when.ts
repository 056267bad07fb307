import { dateTime } from "./dates";

export { date, dateTime } from "./dates";

const PRECISE = new Intl.DateTimeFormat(undefined, {
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
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  if (days <= 30) return days === 1 ? "yesterday" : `${days} days ago`;
  return dateTime(at);
}

/** "12 s", "4 min 05 s", "2 h 10 min", "3 days": how long something still takes; nothing below zero. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400 * 2) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} days`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** "09:00:12" in the reader's own zone. */
export function clockTime(at: string): string {
  return CLOCK.format(new Date(at));
}
