import { onNotRecent } from "../api/http";

/** The server asked for password and code once more; what was refused waits for the answer. */
class Confirming {
  asked = $state(false);
  #waiting: ((shown: boolean) => void)[] = [];

  ask(): Promise<boolean> {
    this.asked = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** `shown`: they were right, and what waits goes on; else it fails as it did. */
  end(shown: boolean): void {
    this.asked = false;
    for (const resolve of this.#waiting.splice(0)) resolve(shown);
  }
}

export const confirming = new Confirming();

onNotRecent.call = () => confirming.ask();
