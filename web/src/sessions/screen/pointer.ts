// What fingers and mouse buttons mean to the page.
import type { Surroundings } from "../../token/token-run.svelte";
import type { Point } from "./geometry";
import type { ToServer } from "../protocol";

const TWICE_MS = 500;
const NEAR = 6;
/** A finger that stays so long presses the right button. */
export const LONG_MS = 550;
const STILL = 10;

const far = (a: Point, b: Point, limit: number) => Math.hypot(a.x - b.x, a.y - b.y) > limit;

/** Counts clicks: two near each other in place and time are a double click. */
export class Clicks {
  #last: { at: Point; button: number; time: number; count: number } | undefined;

  count(at: Point, button: number, time: number): number {
    const last = this.#last;
    const again =
      last !== undefined && last.button === button && time - last.time < TWICE_MS && !far(at, last.at, NEAR);
    const count = again ? Math.min(3, last.count + 1) : 1;
    this.#last = { at, button, time, count };
    return count;
  }
}

/** One finger taps and drags, one that stays presses the right button, two scroll. Points are the page's. */
export class Fingers {
  readonly #put: (message: ToServer) => void;
  readonly #around: Surroundings;
  readonly #clicks = new Clicks();
  readonly #down = new Map<number, { first: Point; now: Point }>();
  #does: "nothing" | "may-tap" | "drags" | "scrolls" = "nothing";
  #cancel: (() => void) | undefined;

  constructor(put: (message: ToServer) => void, around: Surroundings) {
    this.#put = put;
    this.#around = around;
  }

  down(finger: number, at: Point): void {
    this.#down.set(finger, { first: at, now: at });
    this.#cancel?.();
    if (this.#down.size === 1) {
      this.#does = "may-tap";
      this.#cancel = this.#around.after(LONG_MS, () => this.#longPress(at));
    } else if (this.#does !== "drags") this.#does = "scrolls";
  }

  move(finger: number, at: Point): void {
    const one = this.#down.get(finger);
    if (!one) return;
    const before = one.now;
    one.now = at;
    if (this.#does === "may-tap" && far(at, one.first, STILL)) {
      this.#cancel?.();
      this.#does = "drags";
      this.#press("down", one.first, 0, 1);
    }
    if (this.#does === "drags") this.#put({ t: "move", ...at, buttons: 1 });
    // Each of two fingers brings half of the way.
    if (this.#does === "scrolls")
      this.#put({
        t: "wheel",
        ...at,
        dx: (before.x - at.x) / this.#down.size,
        dy: (before.y - at.y) / this.#down.size,
        mods: 0,
      });
  }

  /** `cancelled`: the system took the finger away. */
  up(finger: number, at: Point, cancelled = false): void {
    if (!this.#down.delete(finger)) return;
    this.#cancel?.();
    if (this.#down.size > 0) return;
    const did = this.#does;
    this.#does = "nothing";
    if (did === "drags") this.#press("up", at, 0, 1);
    if (did !== "may-tap" || cancelled) return;
    const clicks = this.#clicks.count(at, 0, this.#around.now());
    this.#put({ t: "move", ...at, buttons: 0 });
    this.#press("down", at, 0, clicks);
    this.#press("up", at, 0, clicks);
  }

  #longPress(at: Point): void {
    this.#does = "nothing";
    this.#put({ t: "move", ...at, buttons: 0 });
    this.#press("down", at, 2, 1);
    this.#press("up", at, 2, 1);
  }

  #press(t: "down" | "up", at: Point, button: number, clicks: number): void {
    this.#put({ t, ...at, button, clicks, mods: 0 });
  }
}
