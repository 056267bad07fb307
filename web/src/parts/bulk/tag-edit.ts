// What a preview of other tags says, and what is sent to carry it out or to undo it.
import type { TagChange, TagsEdit, TagsEdited } from "../../api/types";

export type Way = "add" | "remove";

const changes = (one: TagChange) => one.added.length + one.removed.length > 0;

/** The credentials of a preview that would change. */
export const changing = (preview: TagsEdited): TagChange[] =>
  preview.items.filter((one) => !one.refused && changes(one));

export const refused = (preview: TagsEdited): TagChange[] => preview.items.filter((one) => one.refused);

/** Exactly what was previewed, at the revisions at which it was. */
export function asPreviewed(preview: TagsEdited): TagsEdit {
  const credentials = changing(preview).map((one) => ({
    id: one.id,
    revision: one.revision ?? null,
    add: one.added,
    remove: one.removed,
  }));
  return { credentials };
}

/** The way back from what was changed: each credential gets and loses what it lost and got. */
export function undoing(done: TagsEdited): TagsEdit {
  const credentials = changing(done).map((one) => ({
    id: one.id,
    revision: one.revision ?? null,
    add: one.removed,
    remove: one.added,
  }));
  return { credentials };
}

/** "brand: 12 get it, 3 have it already". */
export function tagWords(tag: string, way: Way, preview: TagsEdited): string {
  const allowed = preview.items.filter((one) => !one.refused);
  const moved = allowed.filter((one) => (way === "add" ? one.added : one.removed).includes(tag)).length;
  const already = allowed.length - moved;
  const [does, do_] = way === "add" ? ["gets it", "get it"] : ["loses it", "lose it"];
  const [has, have] = way === "add" ? ["has it already", "have it already"] : ["does not have it", "do not have it"];
  const words = [`${moved.toLocaleString()} ${moved === 1 ? does : do_}`];
  if (already > 0) words.push(`${already.toLocaleString()} ${already === 1 ? has : have}`);
  return `${tag}: ${words.join(", ")}`;
}

export const credentialsWords = (count: number): string =>
  count === 1 ? "1 credential" : `${count.toLocaleString()} credentials`;
