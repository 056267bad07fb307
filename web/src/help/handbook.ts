// The handbook's chapters. Only the help page asks for them, and so they are fetched with it alone.
import type { Chapter, Part } from "./book";

const FOLDER = "../../../docs/handbook/src/";
const FILES = import.meta.glob<Chapter>(["../../../docs/handbook/src/*.md", "!**/SUMMARY.md"], {
  eager: true,
  import: "default",
});
const SUMMARY = import.meta.glob<Part[]>("../../../docs/handbook/src/SUMMARY.md", { eager: true, import: "default" });

export const PARTS: readonly Part[] = Object.values(SUMMARY)[0] ?? [];

/** In the order of the handbook. */
export const CHAPTERS: readonly Chapter[] = PARTS.flatMap(({ chapters }) =>
  chapters.flatMap(({ id }) => FILES[`${FOLDER}${id}.md`] ?? []),
);
