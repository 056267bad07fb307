// Being away at the sign-in provider, and back.
import { returnTo } from "./router";

const NEXT = "countersign-next";

/** Keeps where one wanted to be, while one is away. */
export function keepNext(): void {
  sessionStorage.setItem(NEXT, location.hash);
}

/** Where one wanted to be, once. */
export function takeNext(): string {
  const next = sessionStorage.getItem(NEXT) ?? undefined;
  sessionStorage.removeItem(NEXT);
  return returnTo(next);
}

/** What the tabs of one browser tell each other when somebody is back from the provider. */
const CHANNEL = "countersign-provider";
export type Back = "signed-in" | "confirmed";

export function tellBack(what: Back): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(what);
  channel.close();
}

/** Calls `on` when somebody comes back for that, in whatever tab; answers a function that ends it. */
export function onBack(what: Back, on: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", (event) => {
    if (event.data === what) on();
  });
  return () => channel.close();
}
