// What the audit log records, by the log's own stable names. A test compares them with the server's.
import { ACT_WORDS, actWords } from "./act-words";
import { locale, t } from "./language";
import { capital } from "./words";

export const ACTS: readonly string[] = Object.keys(ACT_WORDS);

/** To choose from: each act by the words that the page shows for it, in their order. One that a newer server knows is added. */
export function actChoices(chosen: string): (readonly [string, string])[] {
  const acts = chosen === "" || ACTS.includes(chosen) ? ACTS : [...ACTS, chosen];
  const choices = acts
    .map((act) => [act, capital(actWords(act))] as const)
    .sort(([, one], [, other]) => one.localeCompare(other, locale));
  return [["", t("Any")], ...choices];
}
