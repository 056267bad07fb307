import { describe, expect, it } from "vitest";
import { Alerts, watchHidden, type Notifier } from "../src/state/alerts.svelte";
import { Timers } from "./world";

function notifier(answer: "granted" | "denied" = "granted") {
  let permission: ReturnType<Notifier["permission"]> = "default";
  const shown: { title: string; body: string; tag: string; onclick: () => void }[] = [];
  const made: Notifier = {
    permission: () => permission,
    ask: async () => void (permission = answer),
    show: (title, body, tag, onclick) => void shown.push({ title, body, tag, onclick }),
  };
  return { made, shown };
}

const waits = (id: string, until = "2026-11-24T10:00:00Z") => ({
  id,
  credential: { id: "c", name: "Harbour" },
  waiting_until: until,
});

describe("Alerts", () => {
  it("asks the browser once somebody wants them, and stays off when it is refused", async () => {
    const { made } = notifier("denied");
    const alerts = new Alerts(made, () => undefined, false);
    await alerts.turnOn();
    expect([alerts.on, alerts.permission]).toEqual([false, "denied"]);
  });

  it("tells of each waiting once, and of none that waited before", async () => {
    const { made, shown } = notifier();
    const gone: string[] = [];
    const alerts = new Alerts(made, (id) => gone.push(id), false);
    await alerts.turnOn();
    alerts.look([waits("old")]);
    alerts.look([waits("old"), waits("new")]);
    alerts.look([waits("old"), waits("new")]);
    expect(shown.map((each) => each.title)).toEqual(["Harbour needs attention"]);
    shown[0]?.onclick();
    expect(gone).toEqual(["new"]);
    alerts.look([waits("new", "2026-11-24T12:00:00Z")]);
    expect(shown.length, "it waits a second time").toBe(2);
  });

  it("says nothing while it is off", () => {
    const { made, shown } = notifier();
    const alerts = new Alerts(made, () => undefined, false);
    alerts.look([]);
    alerts.look([waits("new")]);
    expect(shown).toEqual([]);
  });
});

describe("watchHidden", () => {
  it("looks on after a failed look, and not for ever", async () => {
    const timers = new Timers();
    let looks = 0;
    const end = watchHidden(async () => {
      looks++;
      throw new Error("the server is away");
    }, timers);
    await timers.pass(60_000);
    expect(looks).toBe(3);
    end();
    await timers.pass(600_000);
    expect(looks).toBe(3);
  });

  it("ends by itself after a working day", async () => {
    const timers = new Timers();
    let looks = 0;
    watchHidden(async () => void looks++, timers);
    await timers.pass(9 * 60 * 60_000);
    const day = looks;
    expect(day).toBeGreaterThan(1_000);
    await timers.pass(9 * 60 * 60_000);
    expect(looks).toBe(day);
  });
});
