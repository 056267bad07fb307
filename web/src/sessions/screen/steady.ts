import type { Surroundings } from "../../token/token-run.svelte";

/** A clock that never jumps, for ages and pauses. Milliseconds since the page was opened. */
export const steady: Surroundings = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
