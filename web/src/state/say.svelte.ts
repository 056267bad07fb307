/** The one line at the bottom that says what has just been done; read aloud politely. */
class Saying {
  text = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    clearTimeout(this.#timer);
    // Emptied first: the same words twice are news to a screen reader only if they went away in between.
    this.text = "";
    queueMicrotask(() => (this.text = text));
    this.#timer = setTimeout(() => (this.text = ""), 4_000);
  }
}

export const saying = new Saying();
export const say = (text: string): void => saying.say(text);
