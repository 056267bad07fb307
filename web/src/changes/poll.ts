import type { Surroundings } from "../token/token-run.svelte";

/** Nobody has touched the page for so long: a quiet one is no longer asked for, so that sessions can end. */
export const IDLE_MS = 15 * 60_000;
/** After a failed look. */
export const FAILED_MS = 10_000;

/** Looks again and again, as often as the last answer asks for, and not at all while the page is hidden. */
export class Poll {
  readonly #look: () => Promise<number>;
  readonly #around: Surroundings;
  #cancel: (() => void) | undefined;
  #hidden = false;
  #running = false;
  #looking = false;
  #again = false;
  #resting = false;
  #touchedAt = 0;

  /** `look` answers after how many ms to look again; `Infinity` means never. */
  constructor(look: () => Promise<number>, around: Surroundings) {
    this.#look = look;
    this.#around = around;
  }

  start(hidden: boolean): void {
    this.#running = true;
    this.#hidden = hidden;
    this.#touchedAt = this.#around.now();
    if (!hidden) void this.now();
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
  }

  setHidden(hidden: boolean): void {
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    this.#cancel?.();
    if (!hidden) void this.now();
  }

  touch(): void {
    this.#touchedAt = this.#around.now();
    if (this.#resting) void this.now();
  }

  /** Looks at once, and goes on from there. */
  async now(): Promise<void> {
    if (!this.#running) return;
    this.#again = this.#looking;
    if (this.#looking) return;
    this.#cancel?.();
    this.#resting = false;
    this.#looking = true;
    const after = await this.#look().catch(() => FAILED_MS);
    this.#looking = false;
    // What was to be looked at has become another while this look was on its way.
    if (this.#again) return this.now();
    if (!this.#running || this.#hidden || after === Infinity) return;
    this.#cancel = this.#around.after(after, () => {
      // What is under way is watched to its end; it asks for a look each second.
      if (after > 1_000 && this.#around.now() - this.#touchedAt > IDLE_MS) this.#resting = true;
      else void this.now();
    });
  }
}
