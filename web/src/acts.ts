// What the audit log records, by the log's own stable names. A test compares them with the server's.
import { actWords, capital } from "./words";

export const ACTS: readonly string[] = [
  "vault.created", "vault.rows_marked", "vault.key_rotation_started", "vault.key_rotated", "vault.key_exported", "vault.key_imported", "audit.exported", "token.read", "token.claimed", "token.denied", "password.revealed", "password.denied",
  "credential.created", "credential.imported", "credential.edited", "credential.removed", "credential.granted", "user.signed_in",
  "user.sign_in_confirmed", "user.signed_out", "user.sign_in_failed", "user.locked_out", "request.refused", "user.created", "user.edited", "user.removed",
  "user.password_changed", "user.set_up_link_made", "user.set_up_link_used", "user.second_factor_set", "user.second_factor_reset", "user.recovery_code_used",
  "user.recovery_codes_made", "web_session.ended", "user.ways_in_ended", "api_token.created", "api_token.revoked", "change.requested", "change.resolved", "notices.edited", "notices.tested",
  "change.started", "change.password_used", "change.candidate_stored", "change.waiting", "change.postponed", "change.changed",
  "change.passed", "change.failed", "change.in_doubt", "change.cancelled", "automation.edited", "session.started",
  "session.denied", "session.act_denied", "session.link_used", "session.links_withdrawn", "change.screenshot_seen", "session.joined", "session.left", "session.link_made", "session.end_asked", "session.ended",
  "session.control_taken", "session.control_given", "session.frozen", "session.thawed", "session.done", "session.clipboard_in",
  "session.clipboard_out", "session.uploaded", "session.downloaded", "session.address_opened", "session.recording_opened",
  "session.recording_removed",
];

/** To choose from: each act by the words that the page shows for it, in their order. One that a newer server knows is added. */
export function actChoices(chosen: string): (readonly [string, string])[] {
  const acts = chosen === "" || ACTS.includes(chosen) ? ACTS : [...ACTS, chosen];
  const choices = acts.map((act) => [act, capital(actWords(act))] as const).sort(([, one], [, other]) => one.localeCompare(other));
  return [["", "Any"], ...choices];
}
