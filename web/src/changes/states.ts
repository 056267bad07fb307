// What the states of a change look like and are called, and how far a change has come. Pure.
import type { Because, Challenge, Change, ChangeKind, ChangeState } from "../api/types";

export interface Look {
  word: string;
  icon: "clock" | "run" | "user" | "check" | "close" | "help" | "ban";
  tone: "" | "accent" | "ok" | "amber" | "red";
}

export const LOOKS: Record<ChangeState, Look> = {
  queued: { word: "queued", icon: "clock", tone: "accent" },
  signing_in: { word: "signing in", icon: "run", tone: "accent" },
  changing: { word: "changing", icon: "run", tone: "accent" },
  submitted: { word: "submitted", icon: "run", tone: "accent" },
  verifying: { word: "verifying", icon: "run", tone: "accent" },
  waiting_for_a_person: { word: "waiting for a person", icon: "user", tone: "amber" },
  postponed: { word: "postponed", icon: "clock", tone: "" },
  changed: { word: "changed", icon: "check", tone: "ok" },
  passed: { word: "passed", icon: "check", tone: "ok" },
  failed: { word: "failed", icon: "close", tone: "red" },
  in_doubt: { word: "in doubt", icon: "help", tone: "amber" },
  cancelled: { word: "cancelled", icon: "ban", tone: "" },
};

export const KIND_WORDS: Record<ChangeKind, string> = { change: "Change", rehearsal: "Rehearsal", heartbeat: "Heartbeat" };

/** The heading of a change's page. */
export function titleOf(change: Pick<Change, "kind" | "credential">): string {
  return `${change.kind === "change" ? "Password change" : KIND_WORDS[change.kind]}: ${change.credential.name}`;
}

const BECAUSE_WORDS: Record<Because, string> = {
  person: "",
  schedule: "by schedule",
  after_reveal: "after the password was seen",
  heartbeat: "daily look",
};

/** Why it was asked for: the policy that wanted it, and the reason that was given. */
export function whyWords(change: Pick<Change, "because" | "note">): string {
  return [BECAUSE_WORDS[change.because], change.note ? `“${change.note}”` : ""].filter(Boolean).join(", ");
}

/** What a site asks of a person. */
export const CHALLENGE_WORDS: Record<Challenge, string> = {
  captcha: "The site wants proof that nobody is a machine (CAPTCHA).",
  location: "The site asks whether this sign-in, from this place, was meant.",
  trust_browser: "The site asks whether to trust this browser.",
  new_device: "The site has sent a code to the account's owner and asks for it.",
  unknown: "The site shows a page that is not recognised.",
};

/** The one sentence that says most: why it is not further, or else what holds. */
export function sentenceOf(change: Pick<Change, "state" | "reason" | "says">): string {
  if (change.state === "waiting_for_a_person") return CHALLENGE_WORDS[change.reason?.challenge ?? "unknown"];
  return change.reason?.text ?? change.says;
}

type Stage = Extract<ChangeState, "queued" | "signing_in" | "changing" | "submitted" | "verifying" | "changed" | "passed">;
const STAGES: Record<ChangeKind, readonly Stage[]> = {
  change: ["queued", "signing_in", "changing", "submitted", "verifying", "changed"],
  // Up to the point of no return.
  rehearsal: ["queued", "signing_in", "changing", "passed"],
  heartbeat: ["queued", "signing_in", "passed"],
};

/** `paused`: it goes on from here. `stopped`: it came to here and no further. */
export type Mark = "done" | "now" | "paused" | "stopped" | "ahead";
export interface Step {
  word: string;
  mark: Mark;
}
export const MARK_WORDS: Record<Mark, string> = { done: "done", now: "now", paused: "paused here", stopped: "stopped here", ahead: "not reached" };

/** The stages of a change with how far it is. */
export function stepsOf(change: Pick<Change, "kind" | "state" | "open" | "events">): Step[] {
  const stages = STAGES[change.kind];
  const last = stages.length - 1;
  const here = stages.indexOf(change.state as Stage);
  if (here === last) return stages.map((stage) => ({ word: LOOKS[stage].word, mark: "done" }));
  // A state beside the line says not how far it came; the steps before it do.
  const reached = here >= 0 ? here : Math.max(0, ...(change.events ?? []).map((event) => stages.indexOf(event.state as Stage)));
  const at: Mark = here >= 0 ? "now" : change.open ? "paused" : "stopped";
  return stages.map((stage, i) => ({ word: LOOKS[stage].word, mark: i < reached ? "done" : i === reached ? at : "ahead" }));
}

const ACTIVE: ReadonlySet<ChangeState> = new Set(["queued", "signing_in", "changing", "submitted", "verifying"]);

/** These go on without being asked, but not at any second. */
const SOON: ReadonlySet<ChangeState> = new Set(["waiting_for_a_person", "in_doubt"]);

/** Something happens with it just now, without anybody. */
export function isUnderWay(change: Pick<Change, "state" | "open">): boolean {
  return change.open && ACTIVE.has(change.state);
}

/** Milliseconds until the next look at these changes. */
export function nextLook(changes: readonly Pick<Change, "state" | "open">[]): number {
  if (changes.some(isUnderWay)) return 1_000;
  return changes.some((change) => change.open && SOON.has(change.state)) ? 3_000 : 15_000;
}
