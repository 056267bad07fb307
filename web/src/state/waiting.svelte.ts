import * as api from "../api/first";
import type { Change } from "../api/types";
import { session } from "./session.svelte";

/** How many changes wait for a person, for the side menu. */
class Waiting {
  count = $state(0);
  /** Those of the last look; null before the first. */
  items: readonly Change[] | null = null;
  /** Set by whoever wants to be told of each look. */
  onlook: (items: readonly Change[]) => void = () => undefined;

  async look(): Promise<void> {
    const { items } = await api.changes({ state: "waiting_for_a_person", limit: 100 });
    this.count = items.length;
    this.items = items;
    this.onlook(items);
  }
}

export const waiting = new Waiting();

/** How many requests await one's approval. */
class Approvals {
  count = $state(0);

  async look(): Promise<void> {
    const ask = { scope: "to_decide", limit: 1 };
    const access = (await api.requests(ask)).total ?? 0;
    // Those of administrators, who decide about each other's exports.
    const exports = session.may("credentials.export") ? ((await api.exportRequests(ask)).total ?? 0) : 0;
    this.count = access + exports;
  }
}

export const approvals = new Approvals();

/** How many grants are due for review, for who may decide on them. */
class DueReviews {
  count = $state(0);

  async look(): Promise<void> {
    if (session.may("groups")) this.count = (await api.reviews({ show: "due", limit: 1 })).due;
  }
}

export const reviews = new DueReviews();
