import { createSubscriber } from "svelte/reactivity";
import { serverClock } from "../token/server-clock";

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1_000);
  return () => clearInterval(timer);
});

/** The server's time in ms; what reads it is drawn anew each second. */
export function now(): number {
  subscribe();
  return serverClock.now();
}
