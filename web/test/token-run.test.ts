import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../src/api/problem";
import { IDLE_MS, TokenRun, type Reading } from "../src/token/token-run.svelte";
import { settled, Timers } from "./world";

/** Besides the time, a server that answers by its own clock. */
class World {
  reads: { at: number; next: boolean }[] = [];
  answer: (next: boolean) => Promise<Reading> = (next) => Promise.resolve(this.reading(next));
  readonly #timers = new Timers();

  constructor(readonly period: number) {}

  get now(): number {
    return this.#timers.now();
  }

  set now(time: number) {
    this.#timers.skipTo(time);
  }

  reading(next: boolean, now = this.now): Reading {
    const step = Math.floor(now / 1000 / this.period);
    return { ...this.step(step), taken_by: [], ...(next ? { next: this.step(step + 1) } : {}) };
  }

  step(step: number) {
    const at = (n: number) => new Date(n * this.period * 1000).toISOString();
    return { token: String(step % 1_000_000).padStart(6, "0"), begins_at: at(step), ends_at: at(step + 1) };
  }

  tokenAt(now: number): string {
    return this.reading(false, now).token;
  }

  run(): TokenRun {
    return new TokenRun(
      (next) => {
        this.reads.push({ at: this.now, next });
        return this.answer(next);
      },
      this.#timers,
      this.period,
    );
  }

  pass(ms: number): Promise<void> {
    return this.#timers.pass(ms);
  }
}

describe("TokenRun", () => {
  let world: World;
  let run: TokenRun;

  beforeEach(async () => {
    world = new World(30);
    run = world.run();
    run.start();
    await settled();
  });

  it("reads once and counts down by the server's clock", async () => {
    expect(run.face?.token).toBe(world.tokenAt(world.now));
    await world.pass(10_500);
    expect(run.left).toBe(20);
    expect(run.next).toBeNull();
    expect(world.reads).toHaveLength(1);
  });

  it("shows the next token in the last ten seconds, asked for once", async () => {
    await world.pass(19_999);
    expect(run.next).toBeNull();
    await world.pass(2);
    expect(run.next?.token).toBe(world.tokenAt(world.now + 30_000));
    await world.pass(9_000);
    expect(world.reads.map((read) => read.next)).toEqual([false, true]);
  });

  it("rolls over at the step's end without a gap, then reads who else has taken it", async () => {
    await world.pass(29_990);
    world.answer = (next) => new Promise((resolve) => setTimeout(() => resolve(world.reading(next)), 1_000_000));
    const before = world.reads.length;
    await world.pass(10);
    expect(run.face?.token).toBe(world.tokenAt(world.now));
    expect(run.left).toBe(30);
    expect(run.next).toBeNull();
    expect(world.reads).toHaveLength(before);
    await world.pass(400);
    expect(world.reads).toHaveLength(before + 1);
  });

  it("shows the right token at every moment of a hundred steps", async () => {
    for (let i = 0; i < 300; i++) {
      await world.pass(9_973);
      run.touch();
      expect(run.face?.token).toBe(world.tokenAt(world.now));
    }
  });

  it("asks for the next token at once when it begins in the last ten seconds", async () => {
    world = new World(30);
    world.now += 22_000;
    run = world.run();
    run.start();
    await settled();
    expect(world.reads).toEqual([{ at: world.now, next: true }]);
    expect(run.next?.token).toBe(world.tokenAt(world.now + 30_000));
  });

  it("keeps up with a period of one second", async () => {
    world = new World(1);
    run = world.run();
    run.start();
    for (let i = 0; i < 20; i++) {
      await world.pass(370);
      expect(run.face?.token).toBe(world.tokenAt(world.now));
    }
  });

  it("changes nothing when refreshed before the step's end", async () => {
    await world.pass(5_000);
    const before = run.face;
    const reads = run.reads;
    await run.refresh();
    expect(run.face).toBe(before);
    expect(run.reads).toBe(reads + 1);
  });

  it("does not go back when the server is a moment behind", async () => {
    await world.pass(29_999);
    world.answer = (next) => Promise.resolve(world.reading(next, world.now - 40));
    await world.pass(1);
    expect(run.face?.token).toBe(world.tokenAt(world.now));
  });

  it("asks nothing while the page is hidden, and reads at once when it is shown again", async () => {
    await world.pass(3_000);
    const before = world.reads.length;
    run.setHidden(true);
    await world.pass(100_000);
    expect(world.reads).toHaveLength(before);
    run.setHidden(false);
    await settled();
    expect(world.reads).toHaveLength(before + 1);
    expect(run.face?.token).toBe(world.tokenAt(world.now));
  });

  it("does not read again when it is shown within the same step", async () => {
    run.setHidden(true);
    await world.pass(5_000);
    run.setHidden(false);
    await settled();
    expect(world.reads).toHaveLength(1);
  });

  it("stops asking when nobody has touched the page for long, and goes on by refresh", async () => {
    await world.pass(IDLE_MS + 90_000);
    expect(run.state).toBe("idle");
    expect(run.face).toBeNull();
    const before = world.reads.length;
    await world.pass(600_000);
    expect(world.reads).toHaveLength(before);
    await run.refresh();
    expect(run.state).toBe("running");
    expect(run.face?.token).toBe(world.tokenAt(world.now));
  });

  it("keeps a token that is still good while the server cannot be reached, and tries again", async () => {
    await world.pass(1_000);
    world.answer = () => Promise.reject(new Problem({ type: "unreachable", title: "away", status: 0 }));
    await world.pass(25_000);
    expect(run.face?.token).toBe(world.tokenAt(world.now));
    expect(run.problem).toBeInstanceOf(Problem);
    await world.pass(10_000);
    expect(run.face).toBeNull();
    expect(run.state).toBe("failed");
    world.answer = (next) => Promise.resolve(world.reading(next));
    await world.pass(9_000);
    expect(run.face?.token).toBe(world.tokenAt(world.now));
    expect(run.problem).toBeNull();
  });

  it("takes the token away and asks no more when it is no longer allowed", async () => {
    world.answer = () => Promise.reject(new Problem({ type: "denied", title: "no", status: 403 }));
    await run.refresh();
    expect(run.face).toBeNull();
    const before = world.reads.length;
    await world.pass(60_000);
    expect(world.reads).toHaveLength(before);
  });

  it("leaves nothing behind when it is stopped, not even a late answer", async () => {
    let late: (reading: Reading) => void = () => undefined;
    world.answer = () => new Promise((resolve) => (late = resolve));
    void run.refresh();
    await settled();
    run.stop();
    late(world.reading(true));
    await settled();
    expect(run.face).toBeNull();
    expect(run.next).toBeNull();
  });
});
