import type { Surroundings } from "./token/token-run.svelte";

/** How long a secret may stay in the clipboard. */
export const CLEAR_AFTER_MS = 30_000;

/** The clipboard, as far as a browser lets a page at it. */
export interface Board {
  /** What it holds; null where the browser does not let one know. */
  read(): Promise<string | null>;
  /** False where the browser refuses it now, as while another window is in front. */
  clear(): Promise<boolean>;
}

interface Held {
  readonly secret: string;
  due: boolean;
}

/** Takes a copied secret out of the clipboard again, unless something else is known to be there by then. */
export class Clearing {
  #held: Held | null = null;
  #looking = false;
  #cancel: () => void = () => undefined;
  readonly #board: Board;
  readonly #around: Pick<Surroundings, "after">;

  constructor(board: Board, around: Pick<Surroundings, "after">) {
    this.#board = board;
    this.#around = around;
  }

  /** A secret has just been copied. */
  hold(secret: string): void {
    this.release();
    const held: Held = { secret, due: false };
    this.#held = held;
    this.#cancel = this.#around.after(CLEAR_AFTER_MS, () => {
      held.due = true;
      void this.look();
    });
  }

  /** Something else has been copied. */
  release(): void {
    this.#cancel();
    this.#held = null;
  }

  /** To be called when the browser may allow what it has refused before: the page is in front again, or somebody uses it. */
  async look(): Promise<void> {
    const held = this.#held;
    if (!held?.due || this.#looking) return;
    this.#looking = true;
    const there = await this.#board.read();
    const other = there !== null && there !== held.secret;
    if (this.#held === held && (other || (await this.#board.clear())) && this.#held === held) this.release();
    this.#looking = false;
  }
}
