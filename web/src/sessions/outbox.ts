import type { Surroundings } from "../token/token-run.svelte";
import type { Move, ToServer, Wheel } from "./protocol";

/** At most 25 places of the pointer a second. */
export const PACE_MS = 40;

/**
 * Sends in order. Moves and turns of the wheel are many: of those within 40 ms the last place and the sum go out;
 * whatever else is sent goes at once, after what was still held back.
 */
export class Outbox {
  readonly #send: (message: ToServer) => void;
  readonly #around: Surroundings;
  #waiting: (Move | Wheel)[] = [];
  #cancel: (() => void) | undefined;
  #sentAt = -Infinity;

  constructor(send: (message: ToServer) => void, around: Surroundings) {
    this.#send = send;
    this.#around = around;
  }

  put(message: ToServer): void {
    if (message.t !== "move" && message.t !== "wheel") {
      this.flush();
      this.#send(message);
      return;
    }
    const last = this.#waiting.at(-1);
    if (last?.t === "move" && message.t === "move" && last.buttons === message.buttons)
      this.#waiting[this.#waiting.length - 1] = message;
    else if (last?.t === "wheel" && message.t === "wheel" && last.mods === message.mods) {
      this.#waiting[this.#waiting.length - 1] = { ...message, dx: last.dx + message.dx, dy: last.dy + message.dy };
    } else this.#waiting.push(message);
    if (this.#cancel) return;
    const rest = this.#sentAt + PACE_MS - this.#around.now();
    if (rest <= 0) this.flush();
    else this.#cancel = this.#around.after(rest, () => this.flush());
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#waiting.length === 0) return;
    const all = this.#waiting;
    this.#waiting = [];
    this.#sentAt = this.#around.now();
    for (const message of all) this.#send(message);
  }

  /** Forgets what was held back: the connection it was for is gone. */
  drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
  }
}
