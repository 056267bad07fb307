import type { Frame } from "../protocol";

/** What a picture is drawn with; a browser's `createImageBitmap` and canvas, or a test's. */
export interface Easel<Bitmap> {
  decode(jpeg: Uint8Array<ArrayBuffer>): Promise<Bitmap>;
  draw(bitmap: Bitmap, frame: Frame): void;
}

/** Draws the newest picture that has come; those that came while one was being read are passed over. */
export class Painter<Bitmap> {
  readonly #easel: Easel<Bitmap>;
  readonly #seen: (frame: Frame, at: number) => void;
  #newest: { frame: Frame; at: number } | null = null;
  #drawing = false;

  constructor(easel: Easel<Bitmap>, seen: (frame: Frame, at: number) => void) {
    this.#easel = easel;
    this.#seen = seen;
  }

  /** A picture is here that is not drawn yet. */
  get behind(): boolean {
    return this.#drawing;
  }

  take(frame: Frame, at: number): void {
    this.#newest = { frame, at };
    if (!this.#drawing) void this.#draw();
  }

  async #draw(): Promise<void> {
    this.#drawing = true;
    while (this.#newest) {
      const { frame, at } = this.#newest;
      this.#newest = null;
      try {
        this.#easel.draw(await this.#easel.decode(frame.jpeg), frame);
      } catch {
        // A picture that cannot be read is passed over, and acknowledged all the same: the next one is waited for.
      }
      this.#seen(frame, at);
    }
    this.#drawing = false;
  }
}
