// What the states of a change look like and are called, and how far a change has come. Pure.
import type { Because, Challenge, Change, ChangeKind, ChangeState } from "../api/types";
import { t } from "../language";

export interface Look {
  word: string;
  icon: "clock" | "run" | "user" | "check" | "close" | "help" | "ban";
  tone: "" | "accent" | "ok" | "amber" | "red";
}

export const LOOKS: Record<ChangeState, Look> = {
  queued: { word: t("Queued"), icon: "clock", tone: "accent" },
  signing_in: { word: t("Signing in"), icon: "run", tone: "accent" },
  changing: { word: t("Changing"), icon: "run", tone: "accent" },
  submitted: { word: t("Submitted"), icon: "run", tone: "accent" },
  verifying: { word: t("Verifying"), icon: "run", tone: "accent" },
  waiting_for_a_person: { word: t("Needs attention"), icon: "user", tone: "amber" },
  postponed: { word: t("Postponed"), icon: "clock", tone: "" },
  changed: { word: t("Changed##change"), icon: "check", tone: "ok" },
  passed: { word: t("Passed"), icon: "check", tone: "ok" },
  failed: { word: t("Failed"), icon: "close", tone: "red" },
  in_doubt: { word: t("Unverified"), icon: "help", tone: "amber" },
  cancelled: { word: t("Cancelled##change"), icon: "ban", tone: "" },
};

/** A test run changes nothing: what a change does at that point, it only looks for. */
export function wordOf({ state, kind }: Pick<Change, "state" | "kind">): string {
  return state === "changing" && kind === "rehearsal" ? t("Finding the form") : LOOKS[state].word;
}

export const KIND_WORDS: Record<ChangeKind, string> = {
  change: t("Change##noun"),
  rehearsal: t("Test run"),
  heartbeat: t("Sign-in check"),
};

/** What is asked before one is cancelled, and the button that does it. */
export const CANCEL_WORDS: Record<ChangeKind, { title: string; act: string }> = {
  change: { title: t("Cancel this change?"), act: t("Cancel change") },
  rehearsal: { title: t("Cancel this test run?"), act: t("Cancel test run") },
  heartbeat: { title: t("Cancel this sign-in check?"), act: t("Cancel sign-in check") },
};

/** The heading of a change's page. */
export function titleOf({ kind, credential: { name } }: Pick<Change, "kind" | "credential">): string {
  if (kind === "change") return t("Password change: {name}", { name });
  return kind === "rehearsal" ? t("Test run: {name}", { name }) : t("Sign-in check: {name}", { name });
}

const BECAUSE_WORDS: Record<Because, string> = {
  person: "",
  schedule: t("on schedule"),
  after_reveal: t("after a reveal"),
  after_check_out: t("after a check-out"),
  heartbeat: t("daily sign-in check"),
};

/** Why it was asked for: the policy that wanted it, and the reason that was given. */
export function whyWords(change: Pick<Change, "because" | "note">): string {
  return [BECAUSE_WORDS[change.because], change.note ? `“${change.note}”` : ""].filter(Boolean).join(", ");
}

/** What a site asks of a person. */
export const CHALLENGE_WORDS: Record<Challenge, string> = {
  captcha: t("The site shows a CAPTCHA."),
  location: t("The site asks you to confirm this sign-in."),
  trust_browser: t("The site asks whether to trust this browser."),
  new_device: t("The site has sent a code to the account's owner."),
  unknown: t("The site shows a page that Countersign does not recognise."),
};

/** The one sentence that says most: why it is not further, or else what holds. */
export function sentenceOf(change: Pick<Change, "state" | "reason" | "says">): string {
  if (change.state === "waiting_for_a_person") return CHALLENGE_WORDS[change.reason?.challenge ?? "unknown"];
  return change.reason?.text ?? change.says;
}

type Stage = Extract<
  ChangeState,
  "queued" | "signing_in" | "changing" | "submitted" | "verifying" | "changed" | "passed"
>;
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
export const MARK_WORDS: Record<Mark, string> = {
  done: t("Done##step"),
  now: t("Now"),
  paused: t("Paused here"),
  stopped: t("Stopped here"),
  ahead: t("Not reached"),
};

/** The stages of a change with how far it is. */
export function stepsOf(change: Pick<Change, "kind" | "state" | "open" | "events">): Step[] {
  const stages = STAGES[change.kind];
  const word = (state: Stage) => wordOf({ state, kind: change.kind });
  const last = stages.length - 1;
  const here = stages.indexOf(change.state as Stage);
  if (here === last) return stages.map((stage) => ({ word: word(stage), mark: "done" }));
  // A state beside the line says not how far it came; the steps before it do.
  const reached =
    here >= 0 ? here : Math.max(0, ...(change.events ?? []).map((event) => stages.indexOf(event.state as Stage)));
  const at: Mark = here >= 0 ? "now" : change.open ? "paused" : "stopped";
  return stages.map((stage, i) => ({ word: word(stage), mark: i < reached ? "done" : i === reached ? at : "ahead" }));
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
