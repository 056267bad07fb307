import { describe, expect, it } from "vitest";
import { inSeconds, messageAtField, messageFor, Problem, problemFrom, sentence, unreachable } from "../src/api/problem";
import { dateTime } from "../src/when";

const document = (name: string, more: object = {}) =>
  JSON.stringify({ type: `urn:countersign:problem:${name}`, title: "Title", status: 400, ...more });

describe("problemFrom", () => {
  it("reads a problem document", () => {
    const problem = problemFrom(
      422,
      document("invalid", { detail: "“0” at position 3", hint: "Perhaps O.", field: "totp.secret" }),
    );
    expect(problem.name).toBe("invalid");
    expect(problem.status).toBe(422);
    expect(problem.field).toBe("totp.secret");
    expect(messageFor(problem)).toEqual({ text: "“0” at position 3.", hint: "Perhaps O." });
  });

  it.each(["", "<html>Bad gateway</html>", "[]", "null", '{"type":1,"title":"x"}', '{"error":"x"}'])(
    "makes something of an answer that is none: %s",
    (body) => {
      const problem = problemFrom(502, body);
      expect(problem.name).toBe("unreadable-answer");
      const { text, hint } = messageFor(problem);
      expect(text).toBe("The server is not responding.");
      expect(hint).not.toBe("");
    },
  );
});

describe("messageFor", () => {
  it("falls back to the title, and to a hint for what the server left out", () => {
    expect(messageFor(problemFrom(403, document("denied")))).toEqual({
      text: "Title.",
      hint: "Ask an administrator for access.",
    });
  });

  it("says when to try again", () => {
    expect(messageFor(problemFrom(429, document("rate-limited", { retry_after_seconds: 20 }))).hint).toBe(
      "Try again in 20 seconds.",
    );
  });

  it.each([
    ["locked-out", "too many failed sign-ins for this name: try again in 30 seconds", 30],
    ["step-taken", "the current token was taken already or ends too soon: take the next one in 7 seconds", 7],
  ])("does not say again what the server has said: %s", (name, detail, seconds) => {
    const { text, hint } = messageFor(problemFrom(429, document(name, { detail, retry_after_seconds: seconds })));
    expect(text).toBe(`${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`);
    expect(hint).not.toMatch(/try again|next|second/i);
  });

  it("gives each moment in the reader's own zone, as the rest of the page does", () => {
    const detail = "ana has checked it out until 2026-11-29T17:42:17.624Z: wait, or join the queue";
    const { text } = messageFor(problemFrom(403, document("denied", { detail })));
    expect(text).toBe(`Ana has checked it out until ${dateTime("2026-11-29T17:42:17.624Z")}: wait, or join the queue.`);
  });

  it("prefers the server's own hint", () => {
    expect(messageFor(problemFrom(403, document("denied", { hint: "Ask Chloe." }))).hint).toBe("Ask Chloe.");
  });

  it("tells a slow server from an unreachable one, and says that nothing was lost", () => {
    expect(messageFor(unreachable(true)).text).toBe("The server took too long to answer.");
    expect(messageFor(unreachable(false)).text).toBe("The server cannot be reached.");
    expect(messageFor(unreachable(false)).hint).toContain("Nothing on this page was lost");
  });

  it("shows no inner text of an error that is not the server's", () => {
    expect(messageFor(new TypeError("x is undefined")).text).toBe("Something went wrong on this page.");
    expect(messageFor(new Problem({ type: "about:blank", title: "Teapot", status: 418 })).text).toBe("Teapot.");
  });
});

describe("messageAtField", () => {
  it("leaves out the field's name, which stands above it already", () => {
    const problem = problemFrom(
      422,
      document("invalid", { detail: "totp.secret cannot be read: character 3", field: "totp.secret" }),
    );
    expect(messageAtField(problem).text).toBe("Cannot be read: character 3.");
    expect(messageAtField(problemFrom(422, document("invalid", { detail: "other text", field: "name" }))).text).toBe(
      "Other text.",
    );
  });
});

describe("sentence", () => {
  it.each([
    ["there is no such credential", "There is no such credential."],
    ["try again in 30 seconds: please", "Try again in 30 seconds: please."],
    ["It is one already.", "It is one already."],
    ['another has the name "ana"', 'Another has the name "ana".'],
    ['the site said "no."', 'The site said "no."'],
    ["did you mean the letter O?", "Did you mean the letter O?"],
    ["session.idle_minutes must be 1 to 240", "session.idle_minutes must be 1 to 240."],
    ["https://a.example is no site", "https://a.example is no site."],
    ["`serve` is not running", "`serve` is not running."],
    ["", ""],
  ])("%s", (text, expected) => expect(sentence(text)).toBe(expected));
});

describe("inSeconds", () => {
  it.each([
    [undefined, "in a moment"],
    [1, "in a second"],
    [89, "in 89 seconds"],
    [90, "in 2 minutes"],
    [5_400, "in 2 hours"],
    [900, "in 15 minutes"],
  ])("%s", (seconds, words) => expect(inSeconds(seconds)).toBe(words));
});
