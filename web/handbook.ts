// Makes data of the handbook's Markdown while the page is built, so that no Markdown is read, and no HTML inserted, in a browser.
// What the page could not show as it is meant, such as HTML in a chapter, stops the build.
import { lexer, type Token, type Tokens } from "marked";
import type { Plugin } from "vite";
import { placeOf, type Block, type Chapter, type Inline, type Part, type Section } from "./src/help/book.ts";

/** Chapters become modules: `export default` a `Chapter`; of `SUMMARY.md`, the `Part`s. */
export function handbook(): Plugin {
  return {
    name: "handbook",
    transform(markdown, id) {
      const name = /\/docs\/handbook\/src\/([\w-]+)\.md$/.exec(id)?.[1];
      if (name === undefined) return null;
      const made = name === "SUMMARY" ? partsOf(markdown) : chapterOf(name, markdown);
      return { code: `export default ${JSON.stringify(made)};`, map: null, moduleType: "js" };
    },
  };
}

/** The order of `SUMMARY.md`: what stands before its first heading has none. */
export function partsOf(markdown: string): Part[] {
  const parts: Part[] = [{ title: "", chapters: [] }];
  for (const line of markdown.split("\n")) {
    const heading = /^# (.+)$/.exec(line)?.[1];
    const link = /^(?:- )?\[(.+)\]\(([\w-]+)\.md\)$/.exec(line);
    if (heading === "Summary" || line.trim() === "") continue;
    if (heading !== undefined) parts.push({ title: heading, chapters: [] });
    else if (link) parts.at(-1)?.chapters.push({ title: link[1] ?? "", id: link[2] ?? "" });
    else throw new Error(`SUMMARY.md: “${line}” is neither a heading nor a chapter.`);
  }
  return parts.filter(({ chapters }) => chapters.length > 0);
}

export function chapterOf(id: string, markdown: string): Chapter {
  const fail = (what: string): never => {
    throw new Error(`docs/handbook/src/${id}.md: ${what}`);
  };
  const sections: Section[] = [];
  const seen = new Map<string, number>();
  for (const token of lexer(markdown)) {
    if (token.type === "heading") {
      const { text, depth } = token as Tokens.Heading;
      const title = text.replaceAll("`", "").replace(/\*+([^*]+)\*+/g, "$1");
      const first = sections.length === 0;
      if (first !== (depth === 1)) fail(`“${text}”: a chapter begins with its one heading of the first level.`);
      sections.push({ title, level: depth, anchor: first ? "" : anchorOf(title, seen), blocks: [] });
      continue;
    }
    const block = blockOf(token, id, fail);
    if (block === null) continue;
    const section = sections.at(-1) ?? fail("text before the first heading.");
    section.blocks.push(block);
  }
  const title = sections[0]?.title ?? fail("no heading.");
  return { id, title, sections };
}

/** As the handbook's own pages name their headings, so that a link leads to the same place in both. */
function anchorOf(title: string, seen: Map<string, number>): string {
  const plain = [...title.toLowerCase()]
    .map((sign) => (/\s/.test(sign) ? "-" : /[\p{L}\p{N}_-]/u.test(sign) ? sign : ""))
    .join("");
  const before = seen.get(plain) ?? 0;
  seen.set(plain, before + 1);
  return before === 0 ? plain : `${plain}-${before}`;
}

type Fail = (what: string) => never;

function blockOf(token: Token, id: string, fail: Fail): Block | null {
  const inline = (tokens: Token[] | undefined): Inline[] => (tokens ?? []).flatMap((each) => inlineOf(each, id, fail));
  const blocks = (tokens: Token[]): Block[] =>
    tokens.map((each) => blockOf(each, id, fail)).filter((block) => block !== null);
  switch (token.type) {
    case "space":
      return null;
    case "paragraph":
    case "text":
      return { p: inline(token.tokens) };
    case "code":
      return { code: (token as Tokens.Code).text };
    case "blockquote":
      return { quote: blocks((token as Tokens.Blockquote).tokens) };
    case "list": {
      const { items, ordered, start } = token as Tokens.List;
      return { items: items.map((item) => blocks(item.tokens)), from: ordered ? start || 1 : null };
    }
    case "table": {
      const { header, rows } = token as Tokens.Table;
      const cells = (row: Tokens.TableCell[]) => row.map((cell) => inline(cell.tokens));
      return { head: cells(header), rows: rows.map(cells) };
    }
    case "html":
      // Comments prepare the test that runs the chapter's commands; they are not for readers.
      if (/^(\s*<!--[^]*?-->\s*)+$/.test(token.raw)) return null;
      return fail(`HTML is not shown: ${token.raw.trim()}`);
    default:
      return fail(`cannot show ${token.type}: ${token.raw.trim()}`);
  }
}

function inlineOf(token: Token, id: string, fail: Fail): Inline[] {
  const within = (tokens: Token[] | undefined): Inline[] => (tokens ?? []).flatMap((each) => inlineOf(each, id, fail));
  switch (token.type) {
    case "text":
      if (/&#?\w+;/.test(token.raw)) fail(`write the sign itself: ${token.raw}`);
      return token.tokens ? within(token.tokens) : [(token as Tokens.Text).text.replace(/\s*\n\s*/g, " ")];
    case "escape":
      return [(token as Tokens.Escape).text];
    case "codespan":
      return [{ code: (token as Tokens.Codespan).text }];
    case "strong":
      return [{ strong: within(token.tokens) }];
    case "em":
      return [{ em: within(token.tokens) }];
    case "br":
      return [" "];
    case "image":
      // Not taken along: they show the page that one is in.
      return [{ picture: (token as Tokens.Image).text }];
    case "link": {
      const { href, tokens, raw, text } = token as Tokens.Link;
      // The handbook's own pages make no link of an address that merely stands in a text.
      if (!raw.startsWith("[")) return [text];
      return [
        { link: within(tokens), href: hrefOf(href, id) ?? fail(`a link that leads nowhere in the page: ${href}`) },
      ];
    }
    default:
      return fail(`cannot show ${token.type}: ${token.raw.trim()}`);
  }
}

/** Within the handbook, or to the web; null for anything else. */
function hrefOf(href: string, id: string): string | null {
  if (/^https:\/\//.test(href)) return href;
  const found = /^(?:([\w-]+)\.md)?(?:#([^#]+))?$/.exec(href);
  return found && href !== "" ? placeOf(found[1] ?? id, found[2]) : null;
}
