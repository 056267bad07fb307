import { untrack } from "svelte";
import { session } from "../state/session.svelte";
import { live } from "../token/live";
import { Poll } from "./poll";

/**
 * A poll that lives as long as the component that calls this while it is set up. It begins anew when what `watched`
 * reads has changed, and when somebody has signed in again.
 */
export function polling(look: () => Promise<number>, watched: () => unknown = () => undefined): Poll {
  const poll = new Poll(look, live);
  $effect(() => {
    void watched();
    void session.epoch;
    const hide = () => poll.setHidden(document.hidden);
    const touch = () => poll.touch();
    document.addEventListener("visibilitychange", hide);
    addEventListener("pointerdown", touch);
    addEventListener("keydown", touch);
    untrack(() => poll.start(document.hidden));
    return () => {
      poll.stop();
      document.removeEventListener("visibilitychange", hide);
      removeEventListener("pointerdown", touch);
      removeEventListener("keydown", touch);
    };
  });
  return poll;
}
