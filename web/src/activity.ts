// What a chart of the last days shows: a line for each kind of use, with a bar for each day.
import type { ActivityDay } from "./api/types";
import { t } from "./language";

export const KINDS = [
  ["tokens", t("Tokens taken")],
  ["passwords", t("Passwords revealed")],
  ["sessions", t("Sessions")],
  ["changes", t("Changes")],
] as const;
export type Kind = (typeof KINDS)[number][0];

export interface Line {
  kind: Kind;
  label: string;
  total: number;
  /** The day with the most of them; none where there are none. */
  most: { date: string; count: number } | null;
  /** The height of each day's bar, from 0 to 1. */
  bars: number[];
}

/** A bar that stands for something is seen, however many there were on another day. */
const LEAST = 0.08;

export function linesOf(days: readonly ActivityDay[]): Line[] {
  return KINDS.map(([kind, label]) => {
    const counts = days.map((day) => day[kind]);
    const count = Math.max(0, ...counts);
    const busiest = days[counts.indexOf(count)];
    return {
      kind,
      label,
      total: counts.reduce((sum, each) => sum + each, 0),
      most: busiest && count > 0 ? { date: busiest.date, count } : null,
      bars: counts.map((each) => (each === 0 ? 0 : Math.max(LEAST, each / count))),
    };
  });
}

/** The days on which there was anything, the last one first: for a table. */
export function daysWithUses(days: readonly ActivityDay[]): ActivityDay[] {
  return days.filter((day) => KINDS.some(([kind]) => day[kind] > 0)).reverse();
}
