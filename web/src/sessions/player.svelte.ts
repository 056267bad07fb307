import type { Manifest, PartInfo } from "../api/sessions";
import { t } from "../language";
import { drawingsFor, missingParts, partsFor, readPart, type Drawing, type Moment, type Part } from "./recording";

export const SPEEDS = [1, 2, 4, 8] as const;
/** Nothing happens for so long: playing goes on shortly before the next thing. */
const IDLE_MS = 2_500;
const BEFORE_MS = 600;
/** Parts kept for going back and forth. */
const KEPT_BYTES = 64_000_000;

export interface Source {
  /** Throws when it cannot be had. */
  part(seq: number): Promise<Uint8Array<ArrayBuffer>>;
}
export interface Canvas<Bitmap> {
  decode(jpeg: Uint8Array<ArrayBuffer>): Promise<Bitmap>;
  draw(bitmap: Bitmap, drawing: Drawing): void;
}

/** Plays a recording, also one that is still being made. Times are ms since the session's begin. */
export class Player<Bitmap> {
  manifest = $state.raw<Manifest | null>(null);
  position = $state(0);
  playing = $state(false);
  speed = $state<number>(1);
  skipsIdle = $state(true);
  /** Waits for a part. */
  waiting = $state(false);
  moments = $state.raw<Moment[]>([]);
  /** Parts that cannot be shown, and why. */
  broken = $state.raw<{ seq: number; from_ms: number | null; why: string }[]>([]);

  readonly #source: Source;
  readonly #canvas: Canvas<Bitmap>;
  #kept = new Map<number, { bytes: number; part: Promise<Part | null> }>();
  /** Of parts once read: when something is drawn or happens. */
  #times = new Map<number, number[]>();
  #momentsOf = new Map<number, Moment[]>();
  #shown = -1;
  #drawing = false;
  #gathering = false;
  #stopped = false;
  #tickedAt: number | null = null;

  constructor(source: Source, canvas: Canvas<Bitmap>) {
    this.#source = source;
    this.#canvas = canvas;
  }

  get duration(): number {
    return Math.max(this.manifest?.duration_ms ?? 0, this.manifest?.parts.at(-1)?.to_ms ?? 0);
  }

  /** What there is now; asked for again while it is running. */
  update(manifest: Manifest): void {
    const first = this.manifest === null;
    this.manifest = manifest;
    for (const seq of missingParts(manifest.parts)) this.#report(seq, null, t("It is missing."));
    void this.#gather();
    if (first) void this.#show();
  }

  play(): void {
    if (this.position >= this.duration && !this.manifest?.running) this.seek(0);
    this.playing = true;
    this.#tickedAt = null;
  }

  pause(): void {
    this.playing = false;
  }

  stop(): void {
    this.#stopped = true;
    this.playing = false;
  }

  seek(to: number): void {
    this.position = Math.min(this.duration, Math.max(0, to));
    void this.#show();
  }

  /** To the next event after here, or back to the one before. */
  jump(forward: boolean): void {
    // A little before here counts as here: else one could never go further back than the last one.
    const to = forward
      ? this.moments.find((moment) => moment.at > this.position + 1)
      : this.moments.findLast((moment) => moment.at < this.position - 700);
    if (to) this.seek(to.at);
    else if (!forward) this.seek(0);
  }

  /** Time has passed: `now` in ms of any steady clock. */
  tick(now: number): void {
    const passed = this.#tickedAt === null ? 0 : now - this.#tickedAt;
    this.#tickedAt = now;
    if (!this.playing || this.waiting) return;
    let to = this.position + passed * this.speed;
    if (this.skipsIdle) {
      const next = this.#nextThing(this.position);
      if (next !== null && next - this.position > IDLE_MS) to = Math.max(to, next - BEFORE_MS);
    }
    this.position = Math.min(to, this.duration);
    if (this.position >= this.duration && !this.manifest?.running) this.playing = false;
    void this.#show();
  }

  /** When something is drawn or happens next; null when that is not known yet, or nothing more comes. */
  #nextThing(after: number): number | null {
    for (const part of this.manifest?.parts ?? []) {
      if (part.to_ms < after) continue;
      const times = this.#times.get(part.seq);
      if (!times) return part.from_ms > after ? part.from_ms : null;
      const next = times.find((time) => time > after);
      if (next !== undefined) return next;
    }
    return this.manifest?.running ? null : this.duration;
  }

  async #show(): Promise<void> {
    if (this.#drawing) return;
    this.#drawing = true;
    while (this.#shown !== this.position && !this.#stopped && this.manifest) {
      const to = this.position;
      const onward = this.#shown >= 0 && to > this.#shown;
      const parts = partsFor(this.manifest.parts, to);
      // Going on from what is shown needs no whole picture, unless there is one on the way.
      const needed = onward ? parts.filter((part) => part.to_ms >= this.#shown) : parts;
      const drawings: Drawing[] = [];
      for (const part of needed) drawings.push(...((await this.#part(part))?.drawings ?? []));
      // Somebody has gone elsewhere meanwhile.
      if (this.position < to || this.#stopped) continue;
      let list = drawingsFor(drawings, to);
      // Before the first picture that one is shown, rather than nothing.
      if (list.length === 0 && !onward) list = (await this.#first()).slice(0, 1);
      if (onward && (list[0]?.at ?? 0) <= this.#shown) list = list.filter((drawing) => drawing.at > this.#shown);
      for (const drawing of list) await this.#draw(drawing);
      this.#shown = to;
    }
    this.#drawing = false;
  }

  /** The drawings of the first part that has any. */
  async #first(): Promise<Drawing[]> {
    const part = this.manifest?.parts.find((each) => each.frames > 0);
    return (part && (await this.#part(part))?.drawings) ?? [];
  }

  async #draw(drawing: Drawing): Promise<void> {
    try {
      this.#canvas.draw(await this.#canvas.decode(drawing.jpeg), drawing);
    } catch {
      const part = this.manifest?.parts.findLast((each) => each.from_ms <= drawing.at);
      if (part) this.#report(part.seq, part.from_ms, t("A frame in it cannot be read."));
    }
  }

  /** Reads a part, or remembers it. Null when it cannot be had. */
  async #part(info: PartInfo): Promise<Part | null> {
    let kept = this.#kept.get(info.seq);
    if (kept) this.#kept.delete(info.seq);
    else kept = { bytes: info.bytes, part: this.#read(info) };
    // Behind the others: the one that was used longest ago goes first.
    this.#kept.set(info.seq, kept);
    let sum = 0;
    for (const each of this.#kept.values()) sum += each.bytes;
    for (const [seq, each] of this.#kept) {
      if (sum <= KEPT_BYTES || seq === info.seq) break;
      this.#kept.delete(seq);
      sum -= each.bytes;
    }
    let here = false;
    void kept.part.then(() => (here = true));
    await Promise.resolve();
    if (!here) this.waiting = this.#drawing;
    const part = await kept.part;
    this.waiting = false;
    return part;
  }

  async #read(info: PartInfo): Promise<Part | null> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#source.part(info.seq);
    } catch (error) {
      if (!this.#stopped)
        this.#report(info.seq, info.from_ms, (error instanceof Error && error.message) || t("It cannot be loaded."));
      return null;
    }
    const part = readPart(bytes);
    if (part.damaged) this.#report(info.seq, info.from_ms, t("It is damaged; what could be read is shown."));
    this.#times.set(
      info.seq,
      [...part.drawings, ...part.moments].map((thing) => thing.at).sort((a, b) => a - b),
    );
    if (!this.#momentsOf.has(info.seq) && part.moments.length > 0) {
      this.#momentsOf.set(info.seq, part.moments);
      this.moments = [...this.#momentsOf.values()].flat().sort((a, b) => a.at - b.at);
    }
    return part;
  }

  /** Reads part after part for the list of events. */
  async #gather(): Promise<void> {
    if (this.#gathering) return;
    this.#gathering = true;
    for (let i = 0; i < (this.manifest?.parts.length ?? 0) && !this.#stopped; i++) {
      const part = this.manifest?.parts[i];
      if (part && part.events > 0 && !this.#times.has(part.seq) && !this.broken.some((each) => each.seq === part.seq))
        await this.#part(part);
    }
    this.#gathering = false;
  }

  #report(seq: number, from_ms: number | null, why: string): void {
    if (this.broken.some((each) => each.seq === seq)) return;
    this.broken = [...this.broken, { seq, from_ms, why }].sort((a, b) => a.seq - b.seq);
  }
}
