import type { Taker } from "../api/types";
import { NEXT_SECONDS, secondsLeft, untilNextSecond } from "./digits";

/** One step's token as the page shows it; times in ms since the epoch, by the server's clock. */
export interface Face {
  token: string;
  beginsAt: number;
  endsAt: number;
}

interface Step {
  token: string;
  begins_at?: string | null;
  ends_at?: string | null;
}

/** What a source answers: the current step, and the next one when it was asked for. */
export interface Reading extends Step {
  next?: Step | null;
  taken_by?: Taker[];
}

export interface Surroundings {
  now: () => number;
  /** Calls back after so many ms; answers a function that calls it off. */
  after(ms: number, then: () => void): () => void;
}

export type RunState = "reading" | "running" | "idle" | "failed";

/** Without a touch for so long the page stops asking, so that a forgotten pop-up does not fill the audit log. */
export const IDLE_MS = 15 * 60_000;
/** Who else has a new step's token is asked a moment into it: by then colleagues have taken it, and no clock is behind. */
const SETTLE_MS = 400;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000];

/**
 * Keeps a token on the page current: shows the next one from ten seconds before the end, puts it in place at the
 * step's end without asking first, then reads again to learn who else took it. Every read is recorded by the
 * server, so there is none while the page is hidden and none after a quarter of an hour without a touch.
 */
export class TokenRun {
  face = $state<Face | null>(null);
  next = $state<Face | null>(null);
  takenBy = $state<Taker[]>([]);
  /** Whole seconds left of the current step. */
  left = $state(0);
  /** Server time at the last tick, for "4 s ago". */
  at = $state(0);
  state = $state<RunState>("reading");
  problem = $state<unknown>(null);
  /** Counts the answers, so that the page can say "read again" even when nothing changed. */
  reads = $state(0);

  readonly #source: (next: boolean) => Promise<Reading>;
  readonly #around: Surroundings;
  readonly #period: number;
  #cancelTimer: () => void = () => undefined;
  #pending: Promise<void> | null = null;
  #failures = 0;
  #retryAt = 0;
  #settleAt = Infinity;
  #running = false;
  #hidden = false;
  #touchedAt = 0;
  #generation = 0;

  /** `period` in seconds, where it is known: the first read then asks for the next token only if the step is nearly over. */
  constructor(source: (next: boolean) => Promise<Reading>, around: Surroundings, period = 0) {
    this.#source = source;
    this.#around = around;
    this.#period = period * 1000;
  }

  start(hidden = false): void {
    this.#running = true;
    this.#hidden = hidden;
    this.touch();
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#generation++;
    this.#cancelTimer();
    this.face = null;
    this.next = null;
    this.takenBy = [];
  }

  /** The page was hidden or shown again. */
  setHidden(hidden: boolean): void {
    if (!this.#running || hidden === this.#hidden) return;
    this.#hidden = hidden;
    if (hidden) {
      this.#cancelTimer();
    } else {
      this.touch();
      this.#tick();
    }
  }

  /** A person did something: not idle. */
  touch(): void {
    this.#touchedAt = this.#around.now();
    if (this.state === "idle") this.state = "running";
  }

  /** Reads again now. Before the step's end the answer is the same token; nothing on the page moves. */
  async refresh(): Promise<void> {
    // Asked for by a person: also after a refusal, since the grant may have come meanwhile.
    this.#running = true;
    this.touch();
    this.#failures = 0;
    this.#retryAt = 0;
    await this.#pending;
    await this.#read();
    this.#tick();
  }

  #tick(): void {
    this.#cancelTimer();
    if (!this.#running || this.#hidden) return;
    const now = this.#around.now();
    this.at = now;
    if (this.face && now >= this.face.endsAt) this.#rollOver(now);

    const left = this.face ? secondsLeft(now, this.face.endsAt) : 0;
    this.left = left;
    const settling = this.#settleAt !== Infinity;
    const wanted = !this.face || (settling ? now >= this.#settleAt : left <= NEXT_SECONDS && !this.next);
    if (wanted && !this.#pending && now >= this.#retryAt) {
      if (now - this.#touchedAt > IDLE_MS) {
        if (!this.face) this.state = "idle";
      } else {
        void this.#read().then(() => this.#tick());
      }
    }
    if (this.state === "idle") return;

    const second = this.face ? untilNextSecond(now, this.face.endsAt) : 250;
    const pause = this.#settleAt > now ? Math.min(second, this.#settleAt - now) : second;
    this.#cancelTimer = this.#around.after(pause, () => this.#tick());
  }

  /** At the step's end: the prefetched token takes its place at once, then the read says who else has it. */
  #rollOver(now: number): void {
    const next = this.next;
    this.next = null;
    this.takenBy = [];
    if (next && now < next.endsAt) {
      this.face = next;
      this.#settleAt = now + SETTLE_MS;
    } else {
      this.face = null;
      this.state = "reading";
    }
  }

  #read(): Promise<void> {
    const generation = this.#generation;
    const now = this.#around.now();
    this.#settleAt = Infinity;
    const endsAt = this.face?.endsAt ?? (this.#period > 0 ? now - (now % this.#period) + this.#period : Infinity);
    const wantNext = secondsLeft(now, endsAt) <= NEXT_SECONDS;
    const reading = this.#source(wantNext).then(
      (answer) => {
        if (generation === this.#generation) this.#take(answer);
      },
      (error: unknown) => {
        if (generation === this.#generation) this.#fail(error);
      },
    );
    this.#pending = reading;
    return reading.finally(() => {
      if (this.#pending === reading) this.#pending = null;
    });
  }

  #take(answer: Reading): void {
    this.#failures = 0;
    this.#retryAt = 0;
    this.problem = null;
    this.state = "running";
    this.reads++;
    const face = faceOf(answer);
    if (!face) return;
    // Read a few ms before the server's own step change: what is shown is already the newer one.
    if (this.face && face.beginsAt < this.face.beginsAt) return;
    if (this.face?.token !== face.token || this.face.endsAt !== face.endsAt) this.face = face;
    this.takenBy = answer.taken_by ?? [];
    const next = answer.next ? faceOf(answer.next) : null;
    if (next && next.beginsAt >= face.endsAt) this.next = next;
    else if (this.next && this.next.beginsAt < face.endsAt) this.next = null;
  }

  #fail(error: unknown): void {
    this.problem = error;
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 8_000;
    this.#failures++;
    this.#retryAt = this.#around.now() + wait;
    if (!this.face) this.state = "failed";
    if (isFinal(error)) {
      // Asking again cannot help: the person must do something first.
      this.#running = false;
      this.#cancelTimer();
      this.face = null;
      this.next = null;
      this.state = "failed";
    }
  }
}

function faceOf(step: Step): Face | null {
  if (!step.begins_at || !step.ends_at) return null;
  return { token: step.token, beginsAt: Date.parse(step.begins_at), endsAt: Date.parse(step.ends_at) };
}

function isFinal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return status === 401 || status === 403 || status === 404 || status === 422;
}
