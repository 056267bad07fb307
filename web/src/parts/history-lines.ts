import type { AuditRecord } from "../api/types";
import { date } from "../dates";
import { locale, timeZone } from "../language";

const CLOCK = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone });

/** "02:49–02:51", or "02:49" within one minute. */
export function clockSpan(from: string, to: string): string {
  return CLOCK.formatRange(new Date(from), new Date(to));
}

/**
 * Records as lines of a history, in their order. Token reads that follow one another by the same actor, on the same day
 * and for the same reason, are one line: a page that shows a token reads it anew for each step. Every other line is one record.
 */
export function linesOf(records: readonly AuditRecord[], day: (at: string) => string = date): AuditRecord[][] {
  const lines: AuditRecord[][] = [];
  for (const record of records) {
    const line = lines.at(-1);
    const before = line?.at(-1);
    if (line && before && alike(before, record) && day(before.at) === day(record.at)) line.push(record);
    else lines.push([record]);
  }
  return lines;
}

function alike(one: AuditRecord, other: AuditRecord): boolean {
  return (
    one.act === "token.read" &&
    other.act === "token.read" &&
    one.actor.kind === other.actor.kind &&
    (one.actor.id ?? one.actor.name) === (other.actor.id ?? other.actor.name) &&
    (one.reason ?? "") === (other.reason ?? "")
  );
}
