// The fields of "Site and automation" as they are typed, and as they are sent. Pure.
import type { Automation, AutomationInput, Policy } from "../api/types";
import { locale, t, timeZone } from "../language";

/** When the password is changed without anybody asking. */
export interface Rotation {
  scheduled: boolean;
  everyDays: number | string;
  afterReveal: boolean;
  windowed: boolean;
  from: string;
  to: string;
}

export interface Fields extends Rotation {
  /** One a line. */
  origins: string;
  signIn: string;
  change: string;
  rules: string;
  trust: "do_not_trust" | "trust" | "ask";
  heartbeat: boolean;
  perDay: number | string;
  idleMinutes: number | string;
  longestMinutes: number | string;
  reasonNeeded: boolean;
  extraFields: ExtraField[];
  /** The fingerprint of the one certificate that is trusted; empty for none. */
  certificate: string;
}

/** What a sign-in form asks beside name, password and token, with the answer. */
export interface ExtraField {
  label: string;
  html_name: string;
  value: string;
}

/** As many as the server takes. */
export const EXTRA_FIELDS_MAX = 8;

/** What is offered when a switch is turned on for the first time. */
const DAYS = 90;
const FROM = "22:00";
const TO = "05:00";

/** Passwords are changed only when somebody asks. */
export const NO_POLICY: Policy = { every_days: null, after_reveal: false, window: null };

/** As the fields show it. */
export const rotationOf = (policy: Policy): Rotation => ({
  scheduled: policy.every_days != null,
  everyDays: policy.every_days ?? DAYS,
  afterReveal: policy.after_reveal,
  windowed: policy.window != null,
  from: policy.window?.from ?? FROM,
  to: policy.window?.to ?? TO,
});

/** As it is sent. */
export const policyOf = (fields: Rotation): Policy => ({
  every_days: fields.scheduled ? Number(fields.everyDays) : null,
  after_reveal: fields.afterReveal,
  window: fields.windowed ? { from: fields.from, to: fields.to } : null,
});

export function fieldsOf(stored: Omit<Automation, "remembered" | "moved">): Fields {
  const { policy } = stored;
  return {
    origins: stored.origins.join("\n"),
    signIn: stored.sign_in ?? "",
    change: stored.change ?? "",
    rules: stored.rules ?? "",
    trust: stored.trust,
    heartbeat: stored.heartbeat,
    perDay: stored.changes_per_day,
    ...rotationOf(policy),
    idleMinutes: stored.session.idle_minutes,
    longestMinutes: stored.session.longest_minutes,
    reasonNeeded: stored.session.reason,
    extraFields: stored.extra_fields.map((field) => ({
      label: field.label,
      html_name: field.html_name ?? "",
      value: field.value,
    })),
    certificate: stored.certificate ?? "",
  };
}

export function inputOf(fields: Fields): AutomationInput {
  const orNull = (text: string) => text.trim() || null;
  return {
    origins: [...new Set(fields.origins.split(/[\s,]+/).filter(Boolean))],
    sign_in: orNull(fields.signIn),
    change: orNull(fields.change),
    rules: orNull(fields.rules),
    trust: fields.trust,
    heartbeat: fields.heartbeat,
    changes_per_day: Number(fields.perDay),
    policy: policyOf(fields),
    session: {
      idle_minutes: Number(fields.idleMinutes),
      longest_minutes: Number(fields.longestMinutes),
      reason: fields.reasonNeeded,
    },
    // A row that was added and left empty is none.
    extra_fields: fields.extraFields
      .map((field) => ({ label: field.label.trim(), html_name: field.html_name.trim(), value: field.value }))
      .filter((field) => field.label || field.html_name || field.value),
    // Left out would be "as before".
    certificate: fields.certificate.trim(),
  };
}

/** Something differs from what is stored. */
export function differs(fields: Fields, stored: Automation): boolean {
  return JSON.stringify(inputOf(fields)) !== JSON.stringify(inputOf(fieldsOf(stored)));
}

/** "23:30" UTC in the reader's zone, on the day of `at` (ms), since zones move in summer. */
export function localTime(utc: string, at: number): string {
  const [hours = 0, minutes = 0] = utc.split(":").map(Number);
  const moment = new Date(at);
  moment.setUTCHours(hours, minutes, 0, 0);
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone }).format(moment);
}

export const RULE_EXAMPLES: readonly (readonly [string, string])[] = [
  ["minlength: 12; maxlength: 64", t("12 to 64 characters")],
  [
    // not-a-text
    "minlength: 10; required: lower; required: upper; required: digit; required: [!#$%]",
    t("one of each kind, and one of these symbols"),
  ],
  [
    // not-a-text
    "maxlength: 16; allowed: lower, upper, digit; max-consecutive: 2",
    t("letters and digits only, none more than twice in a row"),
  ],
];
