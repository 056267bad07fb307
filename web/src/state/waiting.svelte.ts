import * as api from "../api";
import { Alerts, browser } from "./alerts.svelte";
import { route } from "./route.svelte";
import { session } from "./session.svelte";

/** Tells of changes that begin to wait, by the browser's own notifications. */
export const alerts = new Alerts(browser, (change) => route.go(["changes", change]));

/** How many changes wait for a person, for the side menu. */
class Waiting {
  count = $state(0);

  async look(): Promise<void> {
    const { items } = await api.changes({ state: "waiting_for_a_person", limit: 100 });
    this.count = items.length;
    alerts.look(items);
  }
}

export const waiting = new Waiting();

/** How many requests await one's approval. */
class Approvals {
  count = $state(0);

  async look(): Promise<void> {
    this.count = (await api.requests({ scope: "to_decide", limit: 1 })).total ?? 0;
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
