// Where a form would put a secret, by its attributes: every way to send it is looked at.
import { describe, expect, it } from "vitest";
import { isPeril, perilOfForm, perilWhenSent, type Peril, type Sending, type Way } from "../src/page/sent.ts";

const PAGE = { origin: "https://shop.example", base: "https://shop.example/sign-in", named: true };
const OWN = ["https://shop.example", "https://login.example"];

const way = (method: string | null, action: string | null = null): Way => ({ method, action });
const form = (ways: Way[], more: Partial<Sending> = {}): Sending => ({ ...PAGE, ways, ...more });

const rows: [string, Sending, Peril | undefined][] = [
  ["posts to itself", form([way("post")]), undefined],
  ["posts to a path", form([way("POST", "/session")]), undefined],
  ["posts to another origin of the site", form([way("post", "https://login.example/")]), undefined],
  ["says nothing, and is left to scripts", form([way(null)]), undefined],
  ["says nothing but an action", form([way(null, "/session")]), undefined],
  ["says an empty method", form([way("", "")]), undefined],
  ["says a method that there is not", form([way("put", "/session")]), undefined],
  ["says GET", form([way("get", "/session")]), "address"],
  ["says GET in any case", form([way("GeT", "/session")]), "address"],
  ["says GET and nowhere", form([way("get")]), "address"],
  ["says GET, of a field without a name", form([way("get", "/session")], { named: false }), undefined],
  ["has a button that says GET", form([way("post"), way("post"), way("get")]), "address"],
  ["closes a dialog", form([way("dialog", "https://evil.example/")]), undefined],
  ["runs a script", form([way("get", " JavaScript:void 0")]), undefined],
  ["runs what only looks like a script", form([way("post", "java\nscript:void 0")]), "elsewhere"],
  ["is sent to another site", form([way("post", "https://evil.example/")]), "elsewhere"],
  ["is sent there without a name too", form([way("post", "https://evil.example/")], { named: false }), "elsewhere"],
  ["is sent there by one of its buttons", form([way("post"), way("post", "//evil.example")]), "elsewhere"],
  [
    "is sent there by what the page is based on",
    form([way("post", "x")], { base: "https://evil.example/" }),
    "elsewhere",
  ],
  [
    "is sent to itself whatever the page is based on",
    form([way("post", "")], { base: "https://evil.example/" }),
    undefined,
  ],
  ["names somebody before the host", form([way("post", "https://shop.example@evil.example/")]), "elsewhere"],
  ["is sent to another port", form([way("post", "https://shop.example:8443/")]), "elsewhere"],
  ["is sent to a name below its own", form([way("post", "https://evil.shop.example/")]), "elsewhere"],
  ["is sent to a look-alike", form([way("post", "https://ѕhop.example/")]), "elsewhere"],
  ["is sent by mail", form([way("post", "mailto:eve@evil.example")]), "elsewhere"],
  ["is sent to a blob of the site", form([way("post", "blob:https://shop.example/1")]), "elsewhere"],
  ["is sent nowhere that there is", form([way("post", "https://")]), "elsewhere"],
  ["leaves TLS", form([way("post", "http://shop.example/session")]), "clear"],
  ["leaves TLS by what the page is based on", form([way("post", "x")], { base: "http://shop.example/" }), "clear"],
  [
    "never had TLS",
    form([way("post", "http://nas.local/in")], { origin: "http://nas.local", base: "http://nas.local/" }),
    "elsewhere",
  ],
];

describe("a form that", () => {
  it.each(rows)("%s", (_, sending, peril) => expect(perilOfForm(sending, OWN)).toBe(peril));

  it("leaves TLS is refused though the site has that origin too", () =>
    expect(perilOfForm(form([way("post", "http://shop.example/")]), [...OWN, "http://shop.example"])).toBe("clear"));

  it("is at a site without TLS may be sent there", () => {
    const at = { origin: "http://nas.local", base: "http://nas.local/" };
    expect(perilOfForm(form([way("post", "/in")], at), ["http://nas.local"])).toBeUndefined();
  });

  it("may yet be one of the site's is looked at again when its origins are known", () => {
    const elsewhere = form([way("post", "https://evil.example/")]);
    expect(perilOfForm(elsewhere)).toBeUndefined();
    expect(perilOfForm(form([way("get", "https://evil.example/")]))).toBe("address");
    expect(perilOfForm(form([way("post", "http://shop.example/")]))).toBe("clear");
  });
});

describe("a form that is being sent", () => {
  it.each<[string, Way, Peril | undefined]>([
    ["by no method, which is GET", way(null), "address"],
    ["by none that there is", way("put", "/session"), "address"],
    ["by GET", way("get", "/session"), "address"],
    ["by POST", way("Post", "/session"), undefined],
    ["to close a dialog", way("dialog"), undefined],
    ["to a script", way(null, "javascript:void 0"), undefined],
    ["to another site by now", way("post", "https://evil.example/"), "elsewhere"],
    ["without TLS by now", way("post", "http://shop.example/"), "clear"],
  ])("%s", (_, one, peril) => expect(perilWhenSent(one, PAGE, OWN)).toBe(peril));

  it("leaves a field without a name behind", () =>
    expect(perilWhenSent(way(null), { ...PAGE, named: false }, OWN)).toBeUndefined());
});

it("takes no other word from a page", () => {
  expect(["address", "toString", "", null, 1, {}].map(isPeril)).toEqual([true, false, false, false, false, false]);
});
