import { dateTime } from "../dates";
import { plural, t } from "../language";

/** RFC 9457 problem document, as the server writes it. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  hint?: string;
  field?: string;
  retry_after_seconds?: number;
  /** The change that is in the way. */
  change?: string;
  /** The open session that is in the way. */
  session?: string;
  /** The request that is pending already. */
  request?: string;
  /** The conditions of access that do not hold. */
  unmet?: string[];
}

const PREFIX = "urn:countersign:problem:";

/** An answer that is not a success. `name` is the stable part of the problem's type. */
export class Problem extends Error {
  override readonly name: string;
  readonly status: number;
  readonly detail: string;
  readonly hint: string;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly change: string | undefined;
  readonly session: string | undefined;
  readonly request: string | undefined;
  readonly unmet: readonly string[];

  constructor(document: ProblemDocument) {
    super(document.title);
    this.name = document.type.startsWith(PREFIX) ? document.type.slice(PREFIX.length) : document.type;
    this.status = document.status;
    this.detail = document.detail ?? "";
    this.hint = document.hint ?? "";
    this.field = document.field;
    this.retryAfterSeconds = document.retry_after_seconds;
    this.change = document.change;
    this.session = document.session;
    this.request = document.request;
    this.unmet = document.unmet ?? [];
  }
}

/** What a person reads: what happened, and what to do about it. */
export interface Message {
  text: string;
  hint: string;
}

/** Reads the body of a failed answer; proxies in between may have written something else than a problem document. */
export function problemFrom(status: number, body: string): Problem {
  try {
    const parsed: unknown = JSON.parse(body);
    if (isDocument(parsed)) return new Problem({ ...parsed, status });
  } catch {
    // Not JSON: fall through to the words for its status.
  }
  const title =
    status === 502 || status === 503 || status === 504
      ? t("The server is not responding.")
      : t("The server answered with status {status}.", { status });
  return new Problem({ type: "unreadable-answer", title, status });
}

/** The connection failed before there was any answer. */
export function unreachable(timedOut: boolean): Problem {
  return new Problem({
    type: PREFIX + "unreachable",
    title: timedOut ? t("The server took too long to answer.") : t("The server cannot be reached."),
    status: 0,
    hint: t("Check your network, then try again. Nothing on this page was lost."),
  });
}

/** What went wrong in the browser itself, before or after the server was asked. */
export function ofThisPage(name: string, title: string, hint = ""): Problem {
  return new Problem({ type: PREFIX + name, title, status: 0, hint });
}

export function messageFor(error: unknown): Message {
  if (!(error instanceof Problem)) {
    return {
      text: t("Something went wrong on this page."),
      hint: t("Reload the page. If it happens again, tell an administrator."),
    };
  }
  const text = inOwnZone(error.detail || error.message);
  // Where that is said, the page has a button for it; the hint is for command lines.
  if (error.unmet.includes("approval") || error.unmet.includes("check_out")) return { text: sentence(text), hint: "" };
  return { text: sentence(text), hint: sentence(error.hint || (FALLBACK_HINTS[error.name]?.(error) ?? "")) };
}

/** The server writes moments as UTC; in the page each is a time as all others there. */
function inOwnZone(text: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (at) => dateTime(at));
}

/** The same beside the field it is about, where the field's own name in front of the text is one word too many. */
export function messageAtField(error: unknown): Message {
  const message = messageFor(error);
  const name = error instanceof Problem && error.field ? `${error.field} ` : "";
  if (!(error instanceof Problem) || name === "" || !error.detail.startsWith(name)) return message;
  return { ...message, text: sentence(error.detail.slice(name.length)) };
}

/**
 * The server's errors begin small and end without a full stop, since a command line joins them to others: here each is a sentence.
 * A first word that is no word, such as a path or a name with a dot, stays as it is.
 */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  const begun = /^\p{Ll}[\p{L}'-]*(?=[\s,:;.!?]|$)(?!:\/\/|\.\S)/u.test(trimmed)
    ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
    : trimmed;
  return /[.!?…:]["”)]?$/.test(begun) ? begun : `${begun}.`;
}

const FALLBACK_HINTS: Record<string, (problem: Problem) => string> = {
  denied: () => t("Ask an administrator for access."),
  conflict: () => t("Reload to see what changed, then try again."),
  "not-found": () => t("It may have been removed."),
  "rate-limited": (problem) => t("Try again {when}.", { when: inSeconds(problem.retryAfterSeconds) }),
  // The server's own sentence says when, here and below.
  "locked-out": () => t("If you have forgotten your password, an administrator can set a new one."),
  "audit-unavailable": () => t("No secret is shown until the audit log can be written. Tell an administrator."),
  "database-unavailable": () => t("Try again in a moment. If it keeps happening, tell an administrator."),
  "disk-full": () => t("The server's disk is full. Tell an administrator."),
  "unreadable-answer": () => t("Try again in a moment. If it keeps happening, tell an administrator."),
};

/** "in 40 seconds", "in 2 minutes", or "in a moment" when the server did not say. */
export function inSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return t("in a moment");
  if (seconds === 1) return t("in a second");
  if (seconds < 90) return plural(Math.ceil(seconds), "in {count} second", "in {count} seconds");
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return plural(minutes, "in {count} minute", "in {count} minutes");
  return plural(Math.ceil(minutes / 60), "in {count} hour", "in {count} hours");
}

function isDocument(value: unknown): value is ProblemDocument {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    "title" in value &&
    typeof value.type === "string" &&
    typeof value.title === "string"
  );
}
