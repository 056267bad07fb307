// What a grant allows and asks for, in a few words.
import type { AccessGrant, Approval, Permissions } from "../../api/types";
import { LEVEL_WORDS, EXTRA_WORDS } from "../../sessions/words";
import { LEVELS } from "../../api/sessions";
import { dateTime } from "../../when";

/** The permissions that are on or off. */
export const PERMISSIONS = [
  ["token", "Use the token"],
  ["reveal", "See the password"],
  ["change", "Change the password"],
  ["edit", "Edit"],
  ["share", "Share"],
  ["audit", "Read records"],
] as const;

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_WORDS: Record<string, string> = {
  mon: "Mon",
  tue: "Tue",
  wed: "Wed",
  thu: "Thu",
  fri: "Fri",
  sat: "Sat",
  sun: "Sun",
};
export const dayWord = (day: string) => DAY_WORDS[day] ?? day;

/** "See, use the token, sessions: Interact". */
export function allowed(permissions: Permissions): string {
  const flags = PERMISSIONS.filter(([name]) => permissions[name]).map(([, words]) => words.toLowerCase());
  const level = LEVELS.find((each) => each === permissions.session);
  const extras = EXTRA_WORDS.filter(([name]) => permissions.extras?.[name]).map(([, words]) => words);
  const sessions = level ? [`sessions: ${[LEVEL_WORDS[level].word, ...extras].join(", ")}`] : [];
  return ["See", ...flags, ...sessions].join(", ");
}

/** What an act needs of a grant: one of the permissions that are on or off, or sessions. */
export type Wanted = (typeof PERMISSIONS)[number][0] | "session";

/** "1 of leads, then 2 of board". */
export function approversOf({ levels }: Approval): string {
  return levels.map((level) => `${level.approvals} of ${level.name ?? "a group that was removed"}`).join(", then ");
}

/** What the conditions ask for, one text each. */
export function conditionsOf({ conditions }: AccessGrant): string[] {
  const {
    reason,
    ticket,
    signed_in_minutes: minutes,
    hours,
    networks,
    from,
    until,
    approval,
    check_out: checkOut,
  } = conditions;
  return [
    reason ? "Reason" : "",
    ticket ? `Ticket ${ticket}` : "",
    minutes ? `Signed in within ${minutes} min` : "",
    hours ? `${hours.days.map(dayWord).join(", ")} ${hours.from}–${hours.to} (${hours.zone})` : "",
    networks?.length ? `From ${networks.join(", ")}` : "",
    checkOut ? `Checked out for ${checkOut.minutes ?? 60} min` : "",
    approval ? `Approved by ${approversOf(approval)}` : "",
    from ? `From ${dateTime(from)}` : "",
    until ? `Until ${dateTime(until)}` : "",
  ].filter((text) => text !== "");
}

export const holderOf = (grant: AccessGrant) => (grant.user ? grant.user.name : `Group ${grant.group?.name ?? ""}`);

export function targetOf(grant: AccessGrant): string {
  if (grant.tag) return `Tag ${grant.tag}`;
  if (grant.site) return `Site ${grant.site}`;
  return "This credential";
}

/** As [`targetOf`], with the credential by its name. */
export const onOf = (grant: AccessGrant) => grant.credential?.name ?? targetOf(grant);

/** The names that a preview uses, as people read them. */
const PREVIEW_WORDS: Record<string, string> = {
  see: "see",
  view_session: "view sessions",
  session: "start sessions",
  ...Object.fromEntries(PERMISSIONS.map(([name, words]) => [name, words.toLowerCase()])),
};

const permissionsWords = (names: readonly string[]) => names.map((name) => PREVIEW_WORDS[name] ?? name).join(", ");

/** "gains: see, use the token; loses: edit". */
export function gainsAndLoses({ gains, loses }: { gains: readonly string[]; loses: readonly string[] }): string {
  const parts = [];
  if (gains.length > 0) parts.push(`gains: ${permissionsWords(gains)}`);
  if (loses.length > 0) parts.push(`loses: ${permissionsWords(loses)}`);
  return parts.join("; ");
}

/** "3 users gain access, 1 user loses access"; empty where nothing changes for anybody. */
export function accessWords({ gains, loses }: { gains: number; loses: number }): string {
  const people = (count: number) => (count === 1 ? "1 user" : `${count.toLocaleString()} users`);
  const words = [];
  if (gains > 0) words.push(`${people(gains)} ${gains === 1 ? "gains" : "gain"} access`);
  if (loses > 0) words.push(`${people(loses)} ${loses === 1 ? "loses" : "lose"} access`);
  return words.join(", ");
}
