// The handbook as data: what `handbook.ts` beside `vite.config.ts` makes of its chapters, and the page shows.

/** Text within a line. A link leads to a place of the page (`#/…`) or out of it (`https://…`). */
export type Inline =
  | string
  | { code: string }
  | { strong: Inline[] }
  | { em: Inline[] }
  | { link: Inline[]; href: string }
  | { picture: string };

export type Block =
  | { p: Inline[] }
  | { code: string }
  | { items: Block[][]; from: number | null }
  | { head: Inline[][]; rows: Inline[][][] }
  | { quote: Block[] };

/** A heading and what stands under it, up to the next one. */
export interface Section {
  /** What links name it by; empty for the chapter's own beginning. */
  anchor: string;
  title: string;
  /** 1 is the chapter's own heading. */
  level: number;
  blocks: Block[];
}

export interface Chapter {
  /** Its file without `.md`. */
  id: string;
  title: string;
  sections: Section[];
}

/** Chapters in their order, under the headings of `SUMMARY.md`. */
export interface Part {
  title: string;
  chapters: { id: string; title: string }[];
}

/** Where a section is shown. */
export const placeOf = (chapter: string, anchor = ""): string =>
  `#/help/${chapter}${anchor === "" ? "" : `/${encodeURIComponent(anchor)}`}`;

/** What people read in it, as one text. Code is part of it: commands and settings are looked for too. */
export function textOf(blocks: readonly Block[]): string {
  return blocks.map(blockText).join(" ").replace(/\s+/g, " ").trim();
}

function blockText(block: Block): string {
  if ("p" in block) return inlineText(block.p);
  if ("code" in block) return block.code;
  if ("items" in block) return block.items.map(textOf).join(" ");
  if ("quote" in block) return textOf(block.quote);
  return [block.head, ...block.rows].flatMap((row) => row.map(inlineText)).join(" ");
}

export function inlineText(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if ("code" in part) return part.code;
      if ("picture" in part) return "";
      return inlineText("strong" in part ? part.strong : "em" in part ? part.em : part.link);
    })
    .join("");
}
