/** How far the page trusts one reading: the server's time may have been taken anywhere within the round trip. */
interface Sample {
  /** Server time minus the monotonic clock, in ms. */
  offset: number;
  roundTrip: number;
  takenAt: number;
}

/** A sample older than this gives way to a newer one even if that one's round trip was longer. */
const GROWS_OLD_MS = 120_000;

/**
 * The server's clock, carried on by this page's monotonic clock, so that a wrong or jumping device clock
 * moves neither the ring nor the roll-over.
 */
export class ServerClock {
  #best: Sample | undefined;
  readonly #monotonic: () => number;
  readonly #wall: () => number;
  #wallMinusMonotonic: number;

  constructor(monotonic: () => number, wall: () => number) {
    this.#monotonic = monotonic;
    this.#wall = wall;
    this.#wallMinusMonotonic = wall() - monotonic();
  }

  /** `serverTime` in ms since the epoch, with the monotonic times around the call that brought it. */
  sample(serverTime: number, sent: number, received: number): void {
    if (!Number.isFinite(serverTime)) return;
    const roundTrip = Math.max(0, received - sent);
    const offset = serverTime + roundTrip / 2 - received;
    const best = this.#best;
    const jumped = this.#slept();
    if (
      !best ||
      jumped ||
      roundTrip <= best.roundTrip ||
      received - best.takenAt > GROWS_OLD_MS ||
      Math.abs(offset - best.offset) > (roundTrip + best.roundTrip) / 2 + 1
    ) {
      this.#best = { offset, roundTrip, takenAt: received };
      this.#wallMinusMonotonic = this.#wall() - this.#monotonic();
    }
  }

  /** Milliseconds since the epoch by the server's clock; by this device's until the server has spoken. */
  now(): number {
    return this.#best ? this.#monotonic() + this.#best.offset : this.#wall();
  }

  /** How many ms this device's clock is ahead of the server's (negative: behind), or 0 when not known. */
  deviceAhead(): number {
    return this.#best ? this.#wall() - this.now() : 0;
  }

  /** Some systems stop the monotonic clock while they sleep; then the old offset is worth nothing. */
  #slept(): boolean {
    return Math.abs(this.#wall() - this.#monotonic() - this.#wallMinusMonotonic) > 1_000;
  }
}

export const serverClock = new ServerClock(
  () => performance.now(),
  () => Date.now(),
);
