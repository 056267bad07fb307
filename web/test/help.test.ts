// The handbook as the help page has it, and its search.
import { describe, expect, test } from "vitest";
import { chapterOf, partsOf } from "../handbook";
import { ABOUT } from "../src/help/about";
import { placeOf, textOf, type Block, type Chapter, type Inline } from "../src/help/book";
import { CHAPTERS, PARTS } from "../src/help/handbook";
import { entriesOf, search, termsOf, wordsOf, type Piece } from "../src/help/search";

describe("the chapters", () => {
  test("are those of the summary, in its order", () => {
    expect(PARTS.length).toBeGreaterThan(3);
    expect(CHAPTERS.map(({ id }) => id)).toEqual(PARTS.flatMap(({ chapters }) => chapters.map(({ id }) => id)));
  });

  test("have each a plain sentence that says what they are about", () => {
    expect(Object.keys(ABOUT)).toEqual(CHAPTERS.map(({ id }) => id));
    for (const about of Object.values(ABOUT)) expect(about).toMatch(/^[A-Z].{20,90}[^.:…]\.$/);
  });

  test("have each heading under another anchor, and text", () => {
    for (const { id, sections } of CHAPTERS) {
      const anchors = sections.map(({ anchor }) => anchor);
      expect(new Set(anchors).size, id).toBe(anchors.length);
      expect(textOf(sections.flatMap(({ blocks }) => blocks)).length, id).toBeGreaterThan(200);
    }
  });

  test("link to chapters and headings that are there", () => {
    const places = new Set(CHAPTERS.flatMap(({ id, sections }) => sections.map(({ anchor }) => placeOf(id, anchor))));
    const links = CHAPTERS.flatMap(({ sections }) => sections.flatMap(({ blocks }) => linksOf(blocks)));
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter((href) => !href.startsWith("https://") && !places.has(href))).toEqual([]);
  });

  test("show no test's preparations", () => {
    expect(CHAPTERS.filter(({ sections }) => sections.some(({ blocks }) => textOf(blocks).includes("<!--")))).toEqual(
      [],
    );
  });

  const SOURCES = import.meta.glob<string>("../src/**/*.{svelte,ts}", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  test("are there for each place that the page links to", () => {
    const places = new Set(CHAPTERS.flatMap(({ id, sections }) => sections.map(({ anchor }) => placeOf(id, anchor))));
    const named = Object.values(SOURCES).flatMap((source) => source.match(/#\/help\/[\w-]+(?:\/[\w-]+)?/g) ?? []);
    expect(named.filter((href) => !places.has(href))).toEqual([]);
  });
});

function linksOf(blocks: readonly Block[]): string[] {
  const inline = (parts: readonly Inline[]): string[] =>
    parts.flatMap((part) => {
      if (typeof part === "string" || "code" in part || "picture" in part) return [];
      if ("link" in part) return [part.href];
      return inline("strong" in part ? part.strong : part.em);
    });
  return blocks.flatMap((block) => {
    if ("p" in block) return inline(block.p);
    if ("items" in block) return block.items.flatMap(linksOf);
    if ("quote" in block) return linksOf(block.quote);
    if ("head" in block) return [block.head, ...block.rows].flatMap((row) => row.flatMap(inline));
    return [];
  });
}

describe("what Markdown becomes", () => {
  const one = (markdown: string) => chapterOf("here", `# Title\n\n${markdown}`).sections[0]?.blocks;
  test.each<[string, string, Block[]]>([
    ["a paragraph over lines", "One\n two.", [{ p: ["One two."] }]],
    [
      "words of a kind",
      "Press *Save*, **now**: `a<b`",
      [{ p: ["Press ", { em: ["Save"] }, ", ", { strong: ["now"] }, ": ", { code: "a<b" }] }],
    ],
    ["a link to a chapter", "[x](there.md)", [{ p: [{ link: ["x"], href: "#/help/there" }] }]],
    ["a link to a heading", "[x](there.md#a-b)", [{ p: [{ link: ["x"], href: "#/help/there/a-b" }] }]],
    ["a link within the chapter", "[x](#a-b)", [{ p: [{ link: ["x"], href: "#/help/here/a-b" }] }]],
    ["a link out", "[x](https://example.org/)", [{ p: [{ link: ["x"], href: "https://example.org/" }] }]],
    ["commands", "```console,norun=needs-site\n$ a <b>\n```", [{ code: "$ a <b>" }]],
    ["a list", "- a\n- b", [{ items: [[{ p: ["a"] }], [{ p: ["b"] }]], from: null }]],
    ["steps", "3. a\n4. b", [{ items: [[{ p: ["a"] }], [{ p: ["b"] }]], from: 3 }]],
    ["a table", "| a | b |\n|---|---|\n| `c` | d |", [{ head: [["a"], ["b"]], rows: [[[{ code: "c" }], ["d"]]] }]],
    ["a picture", "![What it shows](pictures/x.png)", [{ p: [{ picture: "What it shows" }] }]],
    ["a comment", "<!-- before\n$ make\n-->\n\nText", [{ p: ["Text"] }]],
    ["a sign that HTML would take", "a < b & c", [{ p: ["a < b & c"] }]],
  ])("%s", (_what, markdown, blocks) => expect(one(markdown)).toEqual(blocks));

  test.each([
    ["a block of HTML", "<div>x</div>"],
    ["a script", "<script>alert(1)</script>"],
    ["HTML in a line", "a <b>bold</b> word"],
    ["HTML after a comment", "<!-- a --><img src=x onerror=alert(1)>"],
    ["a link that runs", "[x](javascript:alert(1))"],
    ["a link without TLS", "[x](http://example.org/)"],
    ["a link out of the handbook", "[x](../../../README.md)"],
    ["a sign by its name", "a&nbsp;b"],
    ["a second title", "# Another"],
  ])("%s is refused", (_what, markdown) => expect(() => one(markdown)).toThrow(/here\.md/));

  test("headings become anchors as on the handbook's own pages", () => {
    const { sections } = chapterOf(
      "here",
      "# A\n\n## What `serve` does, and *why*\n\n### Über uns!\n\n## Same\n\n## Same",
    );
    expect(sections.map(({ title, anchor, level }) => [title, anchor, level])).toEqual([
      ["A", "", 1],
      ["What serve does, and why", "what-serve-does-and-why", 2],
      ["Über uns!", "über-uns", 3],
      ["Same", "same", 2],
      ["Same", "same-1", 2],
    ]);
  });

  test("a summary of anything else is refused", () => {
    expect(partsOf("# Summary\n\n[A](a.md)\n\n# Part\n\n- [B](b.md)\n")).toEqual([
      { title: "", chapters: [{ id: "a", title: "A" }] },
      { title: "Part", chapters: [{ id: "b", title: "B" }] },
    ]);
    expect(() => partsOf("# Summary\n\n- B\n")).toThrow("SUMMARY.md");
  });
});

describe("the search", () => {
  const chapter = (id: string, title: string, ...sections: [string, string][]): Chapter => ({
    id,
    title,
    sections: [["", ""] as [string, string], ...sections].map(([heading, text], at) => ({
      anchor: at === 0 ? "" : heading.toLowerCase().replaceAll(" ", "-"),
      title: at === 0 ? title : heading,
      level: at === 0 ? 1 : 2,
      blocks: text === "" ? [] : [{ p: [text] }],
    })),
  });
  const book = entriesOf([
    chapter("signing-in", "Signing in", ["Passkeys", "A second factor without an app."], ["Codes", "Recovery codes."]),
    chapter("team", "A team", ["Second factor", "Required of everybody."], ["Café", "Naïve words, and déjà vu."]),
    chapter("changes", "Changes", ["States", "The state in_doubt. A change of state is a change."]),
  ]);
  const ids = (typed: string) => search(book, typed).found.map(({ chapter, anchor }) => `${chapter}/${anchor}`);
  test.each<[string, string[]]>([
    ["second factor", ["team/second-factor", "signing-in/passkeys"]],
    ["factor second", ["team/second-factor", "signing-in/passkeys"]],
    ["sec fac", ["team/second-factor", "signing-in/passkeys"]],
    ["SECOND", ["team/second-factor", "signing-in/passkeys"]],
    ["recov", ["signing-in/codes"]],
    ["overy", []],
    ["cafe", ["team/café"]],
    ["CAFÉ", ["team/café"]],
    ["deja", ["team/café"]],
    ["in_doubt", ["changes/states"]],
    ["sign", ["signing-in/", "signing-in/passkeys", "signing-in/codes"]],
    ["signing codes", ["signing-in/codes"]],
    ["nothing like it", []],
    ["", []],
    ["  ?! ", []],
  ])("%j", (typed, found) => expect(ids(typed)).toEqual(found));

  test("where no section has all words, those with most of them come, and it is said", () => {
    const { all, found } = search(book, "how do I get a second passkey factor back");
    expect(all).toBe(false);
    expect(found[0]).toMatchObject({ chapter: "signing-in", anchor: "passkeys" });
    expect(search(book, "second factor").all).toBe(true);
  });

  const drawn = (pieces: readonly Piece[]) => pieces.map(({ text, hit }) => (hit ? `[${text}]` : text)).join("");
  test("what was found is marked, in the title and in the text", () => {
    const [first, second] = search(book, "sec fact").found;
    expect(drawn(first?.title ?? [])).toBe("[Second] [factor]");
    expect(drawn(first?.excerpt ?? [])).toBe("Required of everybody.");
    expect(drawn(second?.excerpt ?? [])).toBe("A [second] [factor] without an app.");
    expect(drawn(search(book, "deja").found[0]?.excerpt ?? [])).toBe("Naïve words, and [déjà] vu.");
  });

  test("an excerpt of a long text is where the words stand together", () => {
    const filler = Array.from({ length: 80 }, (_, i) => `word${i}`).join(" ");
    const [found] = search(
      entriesOf([chapter("long", "Long", ["Part", `alpha ${filler} alpha beta ${filler}`])]),
      "alpha beta",
    ).found;
    const text = drawn(found?.excerpt ?? []);
    expect(text).toContain("[alpha] [beta]");
    expect(text).toMatch(/^… word\d+ .* word\d+ …$/);
    expect(text.length).toBeLessThan(220);
  });

  test("words are told apart by letters and digits alone", () => {
    expect(wordsOf("in_doubt, AES-256: ça va").map(({ plain }) => plain)).toEqual([
      "in",
      "doubt",
      "aes",
      "256",
      "ca",
      "va",
    ]);
  });

  test.each([
    ["phone", "authenticator app"],
    ["trash", "bin"],
    ["2fa", "second factor"],
    ["e-mail", "email"],
    ["yubikey", "passkeys"],
    ["colleague", "user"],
    ["give access", "grants"],
  ])("%j and %j are found by each other", (one, other) => {
    for (const [typed, written] of [
      [one, other],
      [other, one],
    ] as const) {
      const { all, found } = search(entriesOf([chapter("x", "Title", ["Part", `It has ${written} in it.`])]), typed);
      expect({ all, found: found.map(({ anchor }) => anchor) }).toEqual({ all: true, found: ["part"] });
      expect(found[0]?.excerpt.some(({ hit }) => hit)).toBe(true);
    }
  });

  test.each<[string, string[][]]>([
    ["share with a colleague", [["share"], ["colleague"]]],
    ["my lost phone", [["my"], ["lost", "phone"]]],
    ["the", [["the"]]],
    ["delete for good", [["delete"], ["for", "good"]]],
    ["roles Roles", [["roles"]]],
  ])("%j is these terms", (typed, terms) => expect(termsOf(typed).map(({ words }) => words)).toEqual(terms));

  test("a whole word is worth more than the beginning of one, a heading more than a text, a rare word more than a common one", () => {
    const some = entriesOf([
      chapter(
        "x",
        "Title",
        ["Keys", "Of it."],
        ["Key", "Of it."],
        ["Text", "The key. Also zebra."],
        ["Else", "A key."],
      ),
    ]);
    const found = (typed: string) => search(some, typed).found.map(({ anchor }) => anchor);
    expect(found("key").slice(0, 3)).toEqual(["key", "keys", "text"]);
    expect(found("zebra else nowhere giraffe")[0]).toBe("else");
  });

  const real = entriesOf(CHAPTERS);
  const best = (typed: string) =>
    search(real, typed)
      .found.slice(0, 3)
      .map(({ chapter, anchor }) => `${chapter}/${anchor}`);
  test.each([
    ["lost phone", "signing-in/signing-in-without-the-authenticator"],
    ["new phone", "signing-in/signing-in-without-the-authenticator"],
    ["forgot password", "signing-in/a-forgotten-password"],
    ["reset password", "signing-in/a-forgotten-password"],
    ["email", "notices/"],
    ["trash", "accounts/removing-and-the-bin"],
    ["delete for good", "accounts/removing-and-the-bin"],
    ["autofill", "signing-in/filling-in-at-sites"],
    ["yubikey", "signing-in/passkeys"],
    ["2fa", "signing-in/your-own-password-and-second-factor"],
    ["add credential", "accounts/adding-a-credential"],
    ["share", "access/groups-and-grants"],
    ["give access", "access/groups-and-grants"],
    ["share with a colleague", "access/groups-and-grants"],
    ["who can see", "access/"],
    ["sign out everywhere", "signing-in/signing-out-everywhere"],
    ["change my password", "signing-in/your-own-password-and-second-factor"],
    ["change password", "changes/"],
    ["new user", "signing-in/new-users-and-the-first-sign-in"],
    ["invite a colleague", "signing-in/new-users-and-the-first-sign-in"],
    ["export", "accounts/exporting-to-other-programs"],
    ["leaving", "accounts/exporting-to-other-programs"],
    ["backup", "backup/"],
    ["roles", "access/roles"],
    ["passkey", "signing-in/passkeys"],
    ["restore from the bin", "accounts/restoring-a-removed-credential"],
    ["undelete", "accounts/restoring-a-removed-credential"],
    ["delete a user", "access/removing-or-disabling-a-user"],
    ["remove a user", "access/removing-or-disabling-a-user"],
    ["offboarding", "access/removing-or-disabling-a-user"],
  ])("the handbook answers %j", (typed, place) => expect(best(typed)[0], best(typed).join(" ")).toBe(place));
});
