import { untrack } from "svelte";

/** What can still be done about what was said, such as to undo it. */
export interface Offer {
  label: string;
  act: () => unknown;
}

const WHILE = 4_000;
/** Long enough to be reached, by keyboard too. */
const WHILE_OFFERED = 20_000;

/** The one line at the bottom that says what has just been done; read aloud politely. */
class Saying {
  text = $state("");
  offer = $state.raw<Offer | null>(null);
  #places = $state.raw<readonly object[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Where it is said. */
  get place(): object | undefined {
    return this.#places.at(-1);
  }

  /** It is said there, until what is answered is called. */
  enter(place: object): () => void {
    this.#places = [...untrack(() => this.#places), place];
    return () => {
      this.#places = this.#places.filter((each) => each !== place);
    };
  }

  say(text: string, offer: Offer | null = null): void {
    clearTimeout(this.#timer);
    // Emptied first: the same words twice are news to a screen reader only if they went away in between.
    this.text = "";
    this.offer = offer;
    queueMicrotask(() => (this.text = text));
    this.go();
  }

  /** It stays as long as somebody is at it. */
  stay(): void {
    clearTimeout(this.#timer);
  }

  /** It goes in a while. */
  go(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), this.offer ? WHILE_OFFERED : WHILE);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.text = "";
    this.offer = null;
  }

  take(): void {
    const { offer } = this;
    this.end();
    offer?.act();
  }
}

export const saying = new Saying();
export const say = (text: string, offer?: Offer): void => saying.say(text, offer);
