// Answers of servers that are broken, or are no Countersign at all.
import { afterEach, describe, expect, it, vi } from "vitest";
import { MOST_BYTES, readCandidates, readSecrets, shown } from "../src/answers.ts";
import { pair } from "../src/server.ts";
import { newKey } from "../src/sign.ts";

const ID = "01938d1c-7a31-7000-8000-000000000000";
const NO_ANSWER = "this is no answer of Countersign: see that the address is right";

afterEach(() => vi.unstubAllGlobals());

async function pairedWith(answer: () => Response | Promise<Response>) {
  const fetched = vi.fn(answer);
  vi.stubGlobal("fetch", fetched);
  const server = await pair(await newKey(), "https://vault.example.org", "7K3P-X2QM", "Laptop");
  return { server, fetched };
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

describe("a server that lies", () => {
  it.each<[string, () => Response]>([
    ["with a page", () => new Response("<!doctype html>")],
    ["with nothing", () => new Response(null)],
    ["with null", () => json(null)],
    ["with a list", () => json([])],
    ["with another form", () => json({ device: "x", user: "ana" })],
    ["with what would be a header of its own", () => json({ device: { id: `${ID}\r\nX: y` }, user: "ana" })],
    ["with a path", () => json({ device: { id: "../../x" }, user: "ana" })],
    ["with somebody who has no name", () => json({ device: { id: ID }, user: { toString: "x" } })],
    ["at length", () => json({ device: { id: ID }, user: "ana", more: "x".repeat(MOST_BYTES) })],
  ])("%s is not paired with", async (_, answer) => {
    await expect(pairedWith(answer)).rejects.toThrow(NO_ANSWER);
  });

  it("without an end is left", async () => {
    const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) });
    await expect(pairedWith(() => new Response(endless))).rejects.toThrow(NO_ANSWER);
  });

  it("is told nothing by cookies, followed nowhere, and not waited for without end", async () => {
    const { server, fetched } = await pairedWith(() => json({ device: { id: ID }, user: "ana" }));
    expect(server).toEqual({ address: "https://vault.example.org", device: ID, user: "ana", name: "Laptop" });
    const [, init] = fetched.mock.calls[0] as unknown as [string, RequestInit];
    expect(init).toMatchObject({ credentials: "omit", redirect: "error", cache: "no-store" });
    expect(init.signal).toBeInstanceOf(AbortSignal);
  });

  it("says why in one plain line", async () => {
    const detail = `no\u202e${"x".repeat(9_000)}`;
    const refused = pairedWith(() => json({ type: "urn:countersign:problem:denied", detail, unmet: [1] }, 403));
    await expect(refused).rejects.toMatchObject({ kind: "denied", unmet: ["1"], message: `no${"x".repeat(398)}` });
    await expect(pairedWith(() => new Response("<p>", { status: 502 }))).rejects.toThrow("the server answered 502");
    await expect(pairedWith(() => Promise.reject(new TypeError()))).rejects.toThrow("cannot be reached");
  });
});

describe("what is read", () => {
  const candidate = { id: ID, name: "Mail", username: "ana", password: true, token: false };

  it("is a list of credentials", () => {
    expect(readCandidates({ items: [candidate], more: false })).toEqual({ items: [candidate], more: false });
    const odd = { ...candidate, name: "gro.\u202egro.knab\u202c<b>", password: "yes", more: 1, secret: "x" };
    const { items } = readCandidates({ items: [odd] });
    expect(items).toEqual([{ ...candidate, name: "gro.gro.knab<b>", password: false }]);
  });

  it.each([{}, { items: {} }, { items: [null] }, { items: [{ ...candidate, id: "1" }] }])("is not %j", (body) =>
    expect(() => readCandidates(body)).toThrow(NO_ANSWER),
  );

  it("is the parts that were asked for, and no others", () => {
    const all = { username: "ana", password: "p\u202e", token: "123456", origins: ["https://a.example"] };
    expect(readSecrets(all, ["password"])).toEqual({ password: "p\u202e", origins: ["https://a.example"] });
    expect(() => readSecrets({ ...all, token: 123456 }, ["token"])).toThrow(NO_ANSWER);
    expect(() => readSecrets({ origins: [] }, ["password"])).toThrow(NO_ANSWER);
    expect(() => readSecrets({ ...all, origins: "https://a.example" }, ["password"])).toThrow(NO_ANSWER);
  });

  it("keeps names of every script", () => expect(shown("Größe שלום 東京 👩‍💻")).toBe("Größe שלום 東京 👩‍💻"));
});
