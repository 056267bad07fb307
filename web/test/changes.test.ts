import { beforeEach, describe, expect, it } from "vitest";
import type { Change, ChangeKind, ChangeState, Page } from "../src/api/types";
import { differs, fieldsOf, inputOf, localTime } from "../src/changes/automation-form";
import { ChangeList, together } from "../src/changes/list.svelte";
import { FAILED_MS, IDLE_MS, Poll } from "../src/changes/poll";
import { LOOKS, nextLook, stepsOf, whyWords } from "../src/changes/states";
import { locale } from "../src/language";
import { siteClockWords } from "../src/token/offset";
import { span } from "../src/when";
import { settled, Timers } from "./world";

function change(over: Partial<Change> = {}): Change {
  return {
    id: "a",
    kind: "change",
    credential: { id: "c", name: "Harbour" },
    state: "queued",
    open: true,
    says: "Nothing has been tried yet.",
    asked_by: "ana",
    because: "person",
    created_at: "2026-11-24T09:00:00.000Z",
    may_cancel: true,
    may_retry: false,
    may_settle: false,
    ...over,
  };
}

const marks = (kind: ChangeKind, state: ChangeState, open: boolean, events: ChangeState[] = []) =>
  stepsOf({
    kind,
    state,
    open,
    events: events.map((each, seq) => ({ seq, at: "", state: each, text: "", picture: false })),
  }).map((step) => `${step.word}: ${step.mark}`);

describe("stepsOf", () => {
  it("marks what is done, what is now and what is ahead", () => {
    expect(marks("change", "changing", true)).toEqual([
      "Queued: done",
      "Signing in: done",
      "Changing: now",
      "Submitted: ahead",
      "Verifying: ahead",
      "Changed: ahead",
    ]);
    expect(marks("change", "changed", false).every((mark) => mark.endsWith("done"))).toBe(true);
  });

  it("knows that test runs and sign-in checks are shorter, and that a test run changes nothing", () => {
    expect(marks("rehearsal", "signing_in", true)).toEqual([
      "Queued: done",
      "Signing in: now",
      "Finding the form: ahead",
      "Passed: ahead",
    ]);
    expect(marks("heartbeat", "passed", false)).toEqual(["Queued: done", "Signing in: done", "Passed: done"]);
  });

  it("finds from the steps where it stopped or waits", () => {
    expect(marks("change", "failed", false, ["signing_in", "changing", "submitted", "failed"])).toEqual([
      "Queued: done",
      "Signing in: done",
      "Changing: done",
      "Submitted: stopped",
      "Verifying: ahead",
      "Changed: ahead",
    ]);
    expect(marks("change", "waiting_for_a_person", true, ["queued", "signing_in", "waiting_for_a_person"])[1]).toBe(
      "Signing in: paused",
    );
    expect(marks("change", "postponed", true)[0]).toBe("Queued: paused");
    expect(marks("change", "cancelled", false)[0]).toBe("Queued: stopped");
  });

  it("marks exactly one stage as the place of a change that has not arrived", () => {
    for (const kind of ["change", "rehearsal", "heartbeat"] as const) {
      for (const state of Object.keys(LOOKS) as ChangeState[]) {
        const places = marks(kind, state, true).filter((mark) => /now|paused|stopped/.test(mark));
        expect(places.length, `${kind} ${state}`).toBe(
          marks(kind, state, true).every((mark) => mark.endsWith("done")) ? 0 : 1,
        );
      }
    }
  });
});

describe("words", () => {
  it("say why a change was asked for", () => {
    expect(whyWords(change())).toBe("");
    expect(whyWords(change({ note: "a colleague left" }))).toBe("“a colleague left”");
    expect(whyWords(change({ because: "after_reveal", note: "x" }))).toBe("after a reveal, “x”");
  });

  it("give every state a word and a sign of its own colour's group", () => {
    expect(new Set(Object.values(LOOKS).map((look) => look.word)).size).toBe(Object.keys(LOOKS).length);
  });

  it.each([
    [-5, "0 s"],
    [1, "1 s"],
    [59_000, "59 s"],
    [60_000, "1 min 00 s"],
    [684_000, "11 min 24 s"],
    [33_120_000, "9 h 12 min"],
    [864_000_000, "10 days"],
  ])("%s ms are %s", (ms, words) => expect(span(ms)).toBe(words));

  it("say how a clock stands", () => {
    expect(siteClockWords(-75)).toBe("75 s behind this server");
    expect(siteClockWords(200)).toBe("3 min ahead of this server");
  });
});

describe("nextLook", () => {
  it("is soon while something is under way, later while a person is waited for, late otherwise", () => {
    expect(nextLook([change({ state: "changed", open: false }), change({ state: "verifying" })])).toBe(1_000);
    expect(nextLook([change({ state: "in_doubt" })])).toBe(3_000);
    expect(nextLook([change({ state: "waiting_for_a_person" })])).toBe(3_000);
    expect(nextLook([change({ state: "in_doubt", open: false }), change({ state: "postponed" })])).toBe(15_000);
    expect(nextLook([])).toBe(15_000);
  });
});

describe("Poll", () => {
  let world: Timers;
  let looks: number;
  let answer: () => Promise<number>;
  let poll: Poll;

  beforeEach(() => {
    world = new Timers();
    looks = 0;
    answer = () => Promise.resolve(1_000);
    poll = new Poll(() => {
      looks++;
      return answer();
    }, world);
  });

  it("looks at once and as often as each answer asks for", async () => {
    poll.start(false);
    await world.pass(3_500);
    expect(looks).toBe(4);
    answer = () => Promise.resolve(15_000);
    await world.pass(16_000);
    expect(looks).toBe(6);
  });

  it("does not look while hidden, and does so at once when shown", async () => {
    poll.start(true);
    await world.pass(10_000);
    expect(looks).toBe(0);
    poll.setHidden(false);
    await settled();
    expect(looks).toBe(1);
    poll.setHidden(true);
    await world.pass(60_000);
    expect(looks).toBe(1);
  });

  it("ends with the last answer, or when it is stopped", async () => {
    answer = () => Promise.resolve(Infinity);
    poll.start(false);
    await world.pass(1_000_000);
    expect(looks).toBe(1);
    answer = () => Promise.resolve(1_000);
    await poll.now();
    poll.stop();
    await world.pass(10_000);
    expect(looks).toBe(2);
  });

  it("goes on after a failure", async () => {
    answer = () => Promise.reject(new Error("down"));
    poll.start(false);
    await world.pass(FAILED_MS + 1);
    expect(looks).toBe(2);
  });

  it("looks anew when asked to while a look is on its way, once", async () => {
    let arrive: (ms: number) => void = () => undefined;
    answer = () => new Promise((resolve) => (arrive = resolve));
    poll.start(false);
    void poll.now();
    void poll.now();
    expect(looks).toBe(1);
    arrive(1_000);
    await settled();
    expect(looks).toBe(2);
    arrive(Infinity);
    await world.pass(5_000);
    expect(looks).toBe(2);
  });

  it("rests when nobody has touched a quiet page, but watches to its end what is under way", async () => {
    answer = () => Promise.resolve(15_000);
    poll.start(false);
    await world.pass(IDLE_MS + 30_000);
    const rested = looks;
    await world.pass(IDLE_MS);
    expect(looks).toBe(rested);
    poll.touch();
    await settled();
    expect(looks).toBe(rested + 1);
    answer = () => Promise.resolve(1_000);
    await poll.now();
    await world.pass(IDLE_MS * 2);
    expect(looks).toBeGreaterThan(1_700);
  });
});

describe("ChangeList", () => {
  const at = (minute: number) => `2026-11-24T09:${String(minute).padStart(2, "0")}:00.000Z`;
  const page = (...items: Change[]): Page<Change> => ({ items });

  it("brings rows up to date in their places and keeps newer ones until they are wanted", async () => {
    const answers = [
      page(change({ id: "b", created_at: at(2) }), change({ id: "a", created_at: at(1) })),
      page(
        change({ id: "c", created_at: at(3) }),
        change({ id: "b", created_at: at(2), state: "signing_in" }),
        change({ id: "a", created_at: at(1) }),
      ),
    ];
    const list = new ChangeList(
      () => Promise.resolve(answers.shift() ?? page()),
      () => Promise.reject(new Error("not asked for")),
    );
    await list.look();
    await list.look();
    expect(list.items.map((each) => [each.id, each.state])).toEqual([
      ["b", "signing_in"],
      ["a", "queued"],
    ]);
    expect(list.fresh.map((each) => each.id)).toEqual(["c"]);
    list.showFresh();
    expect(list.items.map((each) => each.id)).toEqual(["c", "b", "a"]);
    expect(list.fresh).toEqual([]);
  });

  it("asks by itself for one that left the filter while it stands on the page", async () => {
    const answers = [page(change({ id: "a" }), change({ id: "b", state: "failed", open: false })), page()];
    const asked: string[] = [];
    const list = new ChangeList(
      () => Promise.resolve(answers.shift() ?? page()),
      (id) => {
        asked.push(id);
        return Promise.resolve(change({ id, state: "changed", open: false }));
      },
    );
    await list.look();
    await list.look();
    expect(asked).toEqual(["a"]);
    expect(list.items.map((each) => each.state)).toEqual(["changed", "failed"]);
  });

  it("keeps what it shows when a look fails, and says so", async () => {
    let fail = false;
    const list = new ChangeList(
      () => (fail ? Promise.reject(new Error("down")) : Promise.resolve(page(change()))),
      () => Promise.resolve(change()),
    );
    await list.look();
    fail = true;
    await expect(list.look()).rejects.toThrow("down");
    expect(list.items).toHaveLength(1);
    expect(list.error).toBeInstanceOf(Error);
  });

  it("shows two lists of the server as one, page by page", async () => {
    const stream = (letter: string, pages: number) => (cursor: string | undefined) => {
      const n = Number(cursor ?? 0);
      return Promise.resolve({
        items: [change({ id: `${letter}${n}`, created_at: at(30 - n * 2 - (letter === "x" ? 0 : 1)) })],
        next_cursor: n + 1 < pages ? String(n + 1) : null,
      });
    };
    const list = new ChangeList(together([stream("x", 3), stream("y", 1)]), () => Promise.resolve(change()));
    await list.look();
    await list.more();
    await list.more();
    await list.more();
    expect(list.items.map((each) => each.id)).toEqual(["x0", "y0", "x1", "x2"]);
    expect(list.cursor).toBeNull();
  });
});

describe("the automation form", () => {
  const stored = {
    origins: ["https://a.example"],
    sign_in: null,
    change: "https://a.example/p",
    rules: null,
    trust: "do_not_trust" as const,
    heartbeat: false,
    changes_per_day: 2,
    policy: { every_days: null, after_reveal: true, window: { from: "22:00", to: "05:00" } },
    session: { idle_minutes: 15, longest_minutes: 120, reason: false },
    extra_fields: [{ label: "Tenant", html_name: "tenant", value: "north" }],
    certificate: "AA:BB",
    recipe: null,
    next_change_at: null,
    last_heartbeat: null,
    clock: null,
    remembered: false,
    moved: [],
  };

  it("sends back what it was given", () => {
    const {
      recipe: _r,
      next_change_at: _n,
      last_heartbeat: _l,
      clock: _c,
      remembered: _m,
      moved: _v,
      ...input
    } = stored;
    expect(inputOf(fieldsOf(stored))).toEqual(input);
    expect(differs(fieldsOf(stored), stored)).toBe(false);
  });

  it("says that no certificate is trusted, where left out would mean as before", () => {
    expect(inputOf(fieldsOf({ ...stored, certificate: null })).certificate).toBe("");
    expect(inputOf({ ...fieldsOf(stored), certificate: " CC " }).certificate).toBe("CC");
  });

  it("takes origins line by line, each once, and empties as nothing", () => {
    const fields = {
      ...fieldsOf(stored),
      origins: " https://a.example\n\nhttps://b.example, https://a.example ",
      change: "  ",
    };
    expect(inputOf(fields)).toMatchObject({ origins: ["https://a.example", "https://b.example"], change: null });
    expect(differs(fields, stored)).toBe(true);
  });

  it("offers a schedule and hours only when they are switched on", () => {
    const off = { ...fieldsOf(stored), windowed: false };
    expect(inputOf(off).policy).toMatchObject({ every_days: null, window: null });
    expect(inputOf({ ...off, scheduled: true, everyDays: "30" }).policy.every_days).toBe(30);
  });

  it("sends extra fields as they stand: edited, added, removed, and none for a row that was left empty", () => {
    const fields = fieldsOf(stored);
    fields.extraFields.push({ label: "", html_name: " ", value: "" });
    expect(differs(fields, stored)).toBe(false);
    fields.extraFields[0] = { label: " Tenant ", html_name: "tenant", value: "south " };
    expect(differs(fields, stored)).toBe(true);
    // A value is sent to the letter.
    expect(inputOf(fields).extra_fields).toEqual([{ label: "Tenant", html_name: "tenant", value: "south " }]);
    expect(stored.extra_fields[0]?.value).toBe("north");
    fields.extraFields.splice(0, 1);
    expect(inputOf(fields).extra_fields).toEqual([]);
  });

  it("says the hours in the reader's zone", () => {
    const local = new Date(Date.UTC(2026, 10, 24, 22, 0)).toLocaleTimeString(locale, {
      hour: "2-digit",
      minute: "2-digit",
    });
    expect(localTime("22:00", Date.UTC(2026, 10, 24, 9))).toBe(local);
  });
});
