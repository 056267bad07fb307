// What a preview of one grant on many credentials, or of another rotation of many, says, and what is sent to carry it out or to undo it.
import type { GrantReview, ManyGranted, PoliciesEdit, PoliciesEdited, PolicyChange } from "../../api/types";
import { plural } from "../../language";

/** The credentials of a preview on which it would be granted. */
export const toGrant = (preview: ManyGranted) => preview.items.filter((one) => !one.refused && !one.already);

/** The way back: the grants that were made, as long as nobody has edited them. */
export const granted = (done: ManyGranted): GrantReview[] =>
  done.items.flatMap((one) =>
    one.grant == null ? [] : [{ id: one.grant, decided_at: one.decided_at ?? null, keep: false }],
  );

/** "; 3 have it already", after how many get it. */
const alreadyWords = (count: number): string =>
  count === 0 ? "" : `; ${plural(count, "{count} has it already", "{count} have it already")}`;

/** "12 credentials get this access; 3 have it already." */
export function grantWords(preview: ManyGranted): string {
  const already = preview.items.filter((one) => one.already).length;
  const words = plural(
    toGrant(preview).length,
    "{count} credential gets this access",
    "{count} credentials get this access",
  );
  return `${words}${alreadyWords(already)}.`;
}

const same = (one: PolicyChange) => JSON.stringify(one.before) === JSON.stringify(one.after);

/** The credentials of a preview that would change. */
export const rotating = (preview: PoliciesEdited): PolicyChange[] =>
  preview.items.filter((one) => !one.refused && !same(one));

/** "12 credentials change; 3 have it already." */
export function rotationWords(preview: PoliciesEdited): string {
  const already = preview.items.filter((one) => !one.refused && same(one)).length;
  const words = plural(rotating(preview).length, "{count} credential changes", "{count} credentials change");
  return `${words}${alreadyWords(already)}.`;
}

/** When the first of them is changed without anybody asking. */
export const firstChange = (items: readonly PolicyChange[]): string | undefined =>
  items
    .flatMap((one) => (one.next_change_at == null ? [] : [one.next_change_at]))
    .sort()
    .at(0);

/** Exactly what was previewed, in the place of what was seen. */
export const asSeen = (preview: PoliciesEdited): PoliciesEdit => ({
  credentials: rotating(preview).map(({ id, before, after }) => ({
    id,
    before: before ?? null,
    policy: after ?? null,
  })),
});

/** The way back from what was changed. */
export const backToBefore = (done: PoliciesEdited): PoliciesEdit => ({
  credentials: rotating(done).map(({ id, before, after }) => ({ id, before: after ?? null, policy: before ?? null })),
});
