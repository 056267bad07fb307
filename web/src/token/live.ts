import type { Surroundings } from "./token-run.svelte";
import { serverClock } from "./server-clock";

/** The real surroundings of a running token: the server's clock and the browser's timer. */
export const live: Surroundings = {
  now: () => serverClock.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};
