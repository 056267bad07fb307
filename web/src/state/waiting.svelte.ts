import * as api from "../api";

/** How many changes wait for a person, for the side menu. */
class Waiting {
  count = $state(0);

  async look(): Promise<void> {
    this.count = (await api.changes({ state: "waiting_for_a_person", limit: 100 })).items.length;
  }
}

export const waiting = new Waiting();
