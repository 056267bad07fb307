// What a grant allows and asks for, in a few words.
import type { AccessGrant, Approval, Permissions } from "../../api/types";
import { LEVEL_WORDS, EXTRA_WORDS } from "../../sessions/words";
import { LEVELS } from "../../api/sessions";
import { plural, t } from "../../language";
import { dateTime } from "../../when";
import { small } from "../../words";

/** The permissions that are on or off. */
export const PERMISSIONS = [
  ["token", t("Use the token")],
  ["reveal", t("See the password")],
  ["change", t("Change the password")],
  ["edit", t("Edit")],
  ["share", t("Share")],
  ["audit", t("Read records")],
  ["transfer", t("Transfer the setup key to a phone")],
] as const;

/** Those that one may give: administrators alone give transfers. What is given already is shown. */
export const givable = (administrator: boolean, given: { transfer: boolean }) =>
  PERMISSIONS.filter(([name]) => name !== "transfer" || administrator || given.transfer);

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_WORDS: Record<string, string> = {
  mon: t("Mon"),
  tue: t("Tue"),
  wed: t("Wed"),
  thu: t("Thu"),
  fri: t("Fri"),
  sat: t("Sat"),
  sun: t("Sun"),
};
export const dayWord = (day: string) => DAY_WORDS[day] ?? day;

/** "use the token", "sessions: Interact": what is allowed beside seeing the credential. */
export function flagsOf(permissions: Permissions): string[] {
  const flags = PERMISSIONS.filter(([name]) => permissions[name]).map(([, words]) => small(words));
  const level = LEVELS.find((each) => each === permissions.session);
  const extras = EXTRA_WORDS.filter(([name]) => permissions.extras?.[name]).map(([, words]) => words);
  if (!level) return flags;
  return [...flags, t("sessions: {what}", { what: [LEVEL_WORDS[level].word, ...extras].join(", ") })];
}

/** "See, use the token, sessions: Interact". */
export function allowed(permissions: Permissions): string {
  return [t("See"), ...flagsOf(permissions)].join(", ");
}

/** What an act needs of a grant: one of the permissions that are on or off, or sessions. */
export type Wanted = (typeof PERMISSIONS)[number][0] | "session";

/** "1 of leads". */
export const levelWords = ({ approvals, name }: Approval["levels"][number]): string =>
  t("{count} of {group}", { count: approvals ?? 1, group: name ?? t("a group that was removed") });

/** "1 of leads, then 2 of board". */
export function approversOf({ levels }: Approval): string {
  return levels
    .map(levelWords)
    .reduce((before, next) => (before === "" ? next : t("{before}, then {next}", { before, next })), "");
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
    reason ? t("Reason") : "",
    ticket ? t("Ticket {ticket}", { ticket }) : "",
    minutes ? t("Signed in within {minutes} min", { minutes }) : "",
    hours ? `${hours.days.map(dayWord).join(", ")} ${hours.from}–${hours.to} (${hours.zone})` : "",
    networks?.length ? t("From {networks}", { networks: networks.join(", ") }) : "",
    checkOut ? t("Checked out for {minutes} min", { minutes: checkOut.minutes ?? 60 }) : "",
    approval ? t("Approved by {approvers}", { approvers: approversOf(approval) }) : "",
    from ? t("From {time}", { time: dateTime(from) }) : "",
    until ? t("Until {time}", { time: dateTime(until) }) : "",
  ].filter((text) => text !== "");
}

export const holderOf = (grant: AccessGrant) =>
  grant.user ? grant.user.name : t("Group {name}", { name: grant.group?.name ?? "" });

export function targetOf(grant: AccessGrant): string {
  if (grant.tag) return t("Tag {tag}", { tag: grant.tag });
  if (grant.site) return t("Site {site}", { site: grant.site });
  return t("This credential");
}

/** As [`targetOf`], with the credential by its name. */
export const onOf = (grant: AccessGrant) => grant.credential?.name ?? targetOf(grant);

/** The names that a preview uses, as people read them. */
const PREVIEW_WORDS: Record<string, string> = {
  see: t("see"),
  view_session: t("view sessions"),
  session: t("start sessions"),
  ...Object.fromEntries(PERMISSIONS.map(([name, words]) => [name, small(words)])),
};

const permissionsWords = (names: readonly string[]) => names.map((name) => PREVIEW_WORDS[name] ?? name).join(", ");

/** "gains: see, use the token; loses: edit". */
export function gainsAndLoses({ gains, loses }: { gains: readonly string[]; loses: readonly string[] }): string {
  const parts = [];
  if (gains.length > 0) parts.push(t("gains: {permissions}", { permissions: permissionsWords(gains) }));
  if (loses.length > 0) parts.push(t("loses: {permissions}", { permissions: permissionsWords(loses) }));
  return parts.join("; ");
}

/** "3 users gain access, 1 user loses access"; empty where nothing changes for anybody. */
export function accessWords({ gains, loses }: { gains: number; loses: number }): string {
  const words = [];
  if (gains > 0) words.push(plural(gains, "{count} user gains access", "{count} users gain access"));
  if (loses > 0) words.push(plural(loses, "{count} user loses access", "{count} users lose access"));
  return words.join(", ");
}
