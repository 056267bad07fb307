// What a preview of other tags says, and what is sent to carry it out or to undo it.
import type { TagChange, TagsEdit, TagsEdited } from "../../api/types";
import { plural } from "../../language";

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
  const adding = way === "add";
  const words = [
    adding ? plural(moved, "{count} gets it", "{count} get it") : plural(moved, "{count} loses it", "{count} lose it"),
  ];
  if (already > 0) {
    words.push(
      adding
        ? plural(already, "{count} has it already", "{count} have it already")
        : plural(already, "{count} does not have it", "{count} do not have it"),
    );
  }
  return `${tag}: ${words.join(", ")}`;
}
