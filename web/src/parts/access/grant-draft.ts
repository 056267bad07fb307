// A grant as a form holds it, and what is sent of it.
import { NO_EXTRAS, type Extras } from "../../api/sessions";
import type { AccessGrant, GrantDraft, Group, User } from "../../api/types";
import { t } from "../../language";
import { userWords } from "../../words";
import { fieldOf, momentAt, ownZone } from "../../zone";

export interface Draft {
  /** `user:ID` or `group:ID`; empty: not chosen yet. */
  holder: string;
  /** `credential:ID`, `tag:TAG` or `site:HOST`. */
  target: string;
  token: boolean;
  reveal: boolean;
  change: boolean;
  edit: boolean;
  share: boolean;
  audit: boolean;
  transfer: boolean;
  session: string;
  extras: Extras;
  reason: boolean;
  ticket: string;
  minutes: string | number;
  days: string[];
  from: string;
  to: string;
  zone: string;
  networks: string;
  starts: string;
  until: string;
  checkOut: string | number;
  changeAfter: boolean;
  levels: { group: string; approvals: string | number }[];
  approvalMinutes: string | number;
  emergencyMinutes: string | number;
}

export const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

export const blank = (target: string): Draft => ({
  holder: "",
  target,
  token: false,
  reveal: false,
  change: false,
  edit: false,
  share: false,
  audit: false,
  transfer: false,
  session: "",
  extras: { ...NO_EXTRAS },
  reason: false,
  ticket: "",
  minutes: "",
  days: [],
  from: "08:00",
  to: "18:00",
  zone: ownZone(),
  networks: "",
  starts: "",
  until: "",
  checkOut: "",
  changeAfter: false,
  levels: [],
  approvalMinutes: "60",
  emergencyMinutes: "",
});

/** A moment as a field for date and time shows it: in the reader's zone, to the minute. */
export function localMoment(at: string | null | undefined): string {
  if (!at) return "";
  return fieldOf(at);
}

export function draftOf(grant: AccessGrant): Draft {
  const { permissions, conditions } = grant;
  const { hours, approval, check_out: checkOut } = conditions;
  const on = grant.tag ? `tag:${grant.tag}` : grant.site ? `site:${grant.site}` : `credential:${grant.credential?.id}`;
  const base = blank(on);
  return {
    ...base,
    holder: grant.user ? `user:${grant.user.id}` : `group:${grant.group?.id}`,
    token: permissions.token ?? false,
    reveal: permissions.reveal ?? false,
    change: permissions.change ?? false,
    edit: permissions.edit ?? false,
    share: permissions.share ?? false,
    audit: permissions.audit ?? false,
    transfer: permissions.transfer ?? false,
    session: permissions.session ?? "",
    extras: { ...NO_EXTRAS, ...permissions.extras },
    reason: conditions.reason ?? false,
    ticket: conditions.ticket ?? "",
    minutes: conditions.signed_in_minutes ?? "",
    ...(hours ? { days: [...hours.days], from: hours.from, to: hours.to, zone: hours.zone } : {}),
    networks: (conditions.networks ?? []).join(", "),
    starts: localMoment(conditions.from),
    until: localMoment(conditions.until),
    checkOut: checkOut ? (checkOut.minutes ?? 60) : "",
    changeAfter: checkOut?.change_after ?? false,
    levels: (approval?.levels ?? []).map((level) => ({ group: level.group, approvals: level.approvals ?? 1 })),
    approvalMinutes: approval?.minutes ?? base.approvalMinutes,
    emergencyMinutes: approval?.emergency_minutes ?? "",
  };
}

/** What was meant: a moment that nobody touched stays to the second. */
function momentOf(field: string, former: string | null | undefined): string | null {
  if (field === "") return null;
  return former && localMoment(former) === field ? former : momentAt(field);
}

/** The fields that show their own errors. */
export const CONDITION_FIELDS = [
  "ticket",
  "signed_in_minutes",
  "networks",
  "from",
  "until",
  "approval",
  "check_out",
] as const;

/** To whom something can be granted, and how each is called. */
export const holdersOf = (users: readonly User[], groups: readonly Group[]): (readonly [string, string])[] => [
  ["", t("Choose…")],
  ...groups.map((group) => [`group:${group.id}`, t("Group {name}", { name: group.name })] as const),
  ...users.filter((user) => !user.disabled).map((user) => [`user:${user.id}`, userWords(user)] as const),
];

export function bodyOf(draft: Draft, former: AccessGrant | null): GrantDraft {
  const [on, target] = split(draft.target);
  return { [on]: target, ...termsOf(draft, former) };
}

/** What is sent of it, but for what it is on. */
export function termsOf(draft: Draft, former: AccessGrant | null): Omit<GrantDraft, "credential" | "tag" | "site"> {
  const [kind, holder] = split(draft.holder);
  const { token, reveal, change, edit, share, audit, transfer, session, extras } = draft;
  const number = (field: string | number) => (field === "" ? null : Number(field));
  const before = former?.conditions;
  return {
    [kind]: holder,
    permissions: {
      ...{ token, reveal, change, edit, share, audit, transfer },
      session: session || null,
      extras: session === "" ? { ...NO_EXTRAS } : { ...extras },
    },
    conditions: {
      reason: draft.reason,
      ticket: draft.ticket.trim() || null,
      signed_in_minutes: number(draft.minutes),
      hours:
        draft.days.length === 0
          ? null
          : { days: [...draft.days], from: draft.from, to: draft.to, zone: draft.zone.trim() },
      networks: draft.networks.split(/[\s,]+/).filter((text) => text !== ""),
      from: momentOf(draft.starts, before?.from),
      until: momentOf(draft.until, before?.until),
      check_out: draft.checkOut === "" ? null : { minutes: Number(draft.checkOut), change_after: draft.changeAfter },
      approval:
        draft.levels.length === 0
          ? null
          : {
              levels: draft.levels.map((level) => ({ group: level.group, approvals: Number(level.approvals) || 1 })),
              minutes: Number(draft.approvalMinutes) || 60,
              emergency_minutes: number(draft.emergencyMinutes),
            },
    },
  };
}

/** Before the first colon, and all behind it. */
function split(text: string): [string, string] {
  const at = text.indexOf(":");
  return [text.slice(0, at), text.slice(at + 1)];
}
