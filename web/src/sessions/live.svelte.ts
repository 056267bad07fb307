import { t } from "../language";
import type { Surroundings } from "../token/token-run.svelte";
import { Connection, type ConnectionState, type Socket } from "./connection";
import { Outbox } from "./outbox";
import type { Choices, Editable, Frame, FromServer, PageDialog, Phase, Seat, Tab, ToServer, You } from "./protocol";
import { refusedWords, sizeWords } from "./words";

/** Above this age a picture is not called live. */
export const STALE_MS = 2_000;
const NOTICES = 4;
/** The page has its new size after so long, or is asked again; a few times, since some pages are never as asked. */
const SIZED_MS = 1_500;
const SIZE_TRIES = 3;

export interface Notice {
  n: number;
  text: string;
  /** A file of the page, ready to be taken. */
  file?: { id: string; name: string };
}

/** One session as this person sees it: who is there, what the page asks, and the way to act in it. */
export class Live {
  connection = $state.raw<ConnectionState>({ is: "connecting" });
  you = $state.raw<You | null>(null);
  name = $state("");
  change = $state<string | null>(null);
  people = $state.raw<Seat[]>([]);
  phase = $state.raw<Phase | null>(null);
  /** What was said while signing in, in order. */
  told = $state.raw<string[]>([]);
  tabs = $state.raw<Tab[]>([]);
  back = $state(false);
  forward = $state(false);
  dialog = $state.raw<PageDialog | null>(null);
  choices = $state.raw<Choices | null>(null);
  cursor = $state("default");
  editable = $state.raw<Editable>({ on: false, kind: "text" });
  fileWanted = $state.raw<{ id: number; multiple: boolean } | null>(null);
  notices = $state.raw<Notice[]>([]);
  /** Of the driven page. */
  size = $state.raw({ width: 1280, height: 720 });
  /** The moments at which the session ends by the clock and by idleness, ms of `around`. */
  ends = $state.raw<{ clock: number; idle: number } | null>(null);
  /** A picture has been drawn since the connection stands. */
  drawn = $state(false);
  /** What is drawn was true at this moment. */
  trueAt = $state(0);

  readonly #around: Surroundings;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  #frame: ((frame: Frame, at: number) => void) | null = null;
  #behind: () => boolean = () => false;
  #copied: { resolve: (text: string) => void; reject: (why: Error) => void } | null = null;
  #size: { w: number; h: number; dpr: number } | null = null;
  #sizedAt = 0;
  #sizeTries = 0;
  #count = 0;

  constructor(open: () => Socket, around: Surroundings, chance: () => number, refused: () => Promise<boolean>) {
    this.#around = around;
    this.#connection = new Connection(
      open,
      {
        message: (message) => this.#took(message),
        frame: (frame, at) => this.#frame?.(frame, at),
        heard: (at) => {
          if (this.drawn && !this.#behind()) this.trueAt = Math.max(this.trueAt, at);
          this.#sizeAgain();
        },
        state: (state) => this.#moved(state),
        refused,
      },
      around,
      chance,
    );
    this.#outbox = new Outbox((message) => this.#connection.send(message), around);
  }

  get control(): boolean {
    return this.people.some((seat) => seat.seat === this.you?.seat && seat.control);
  }

  get holder(): Seat | null {
    return this.people.find((seat) => seat.control) ?? null;
  }

  /** May take control now: free for who may interact, from anybody for who may control. */
  get mayTake(): boolean {
    if (!this.you || this.control || this.connection.is !== "open") return false;
    return this.you.level === "control" || (this.you.level === "interact" && this.holder === null);
  }

  /** What is typed and pressed now reaches the page. */
  get acts(): boolean {
    return (
      this.control && this.connection.is === "open" && (this.phase?.phase === "live" || this.phase?.phase === "waiting")
    );
  }

  /** There are pictures to be had. */
  get pictured(): boolean {
    return this.phase?.phase === "live" || this.phase?.phase === "waiting" || this.phase?.phase === "frozen";
  }

  get over(): boolean {
    return this.phase?.phase === "ended" || (this.connection.is === "over" && this.connection.why !== "left");
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#outbox.drop();
    this.#connection.stop();
  }

  /** Who draws; `behind` says whether a picture is here that is not drawn yet. */
  drawWith(frame: (frame: Frame, at: number) => void, behind: () => boolean): void {
    this.#frame = frame;
    this.#behind = behind;
  }

  /** A picture has been drawn. */
  seen(frame: Frame, at: number): void {
    this.drawn = true;
    this.trueAt = at - frame.age;
    if (this.size.width !== frame.width || this.size.height !== frame.height)
      this.size = { width: frame.width, height: frame.height };
    this.#connection.send({ t: "seen", seq: frame.seq });
  }

  /** Into the page, in order; only from whoever holds control. */
  put(message: ToServer): void {
    if (this.acts) this.#outbox.put(message);
  }

  /** What is no input to the page. */
  ask(message: ToServer): void {
    this.#outbox.put(message);
  }

  fits(size: { w: number; h: number; dpr: number }): void {
    this.#size = size;
    this.#sizeTries = 0;
    this.#sendSize();
  }

  /** What is marked in the page, once it comes; refused with the reason. */
  copy(cut: boolean): Promise<string> {
    this.#copied?.reject(new Error("Copied again before the first copy arrived."));
    return new Promise((resolve, reject) => {
      this.#copied = { resolve, reject };
      this.put({ t: "copy", cut });
    });
  }

  answer(accept: boolean, text?: string): void {
    if (!this.dialog) return;
    this.put({ t: "dialog", id: this.dialog.id, accept, ...(text === undefined ? {} : { text }) });
    this.dialog = null;
  }

  choose(index: number | null): void {
    if (!this.choices) return;
    this.put({ t: "select", id: this.choices.id, index });
    this.choices = null;
  }

  give(files: { name: string; upload: string }[]): void {
    if (!this.fileWanted) return;
    this.put({ t: "files", id: this.fileWanted.id, files });
    this.fileWanted = null;
  }

  tell(text: string, file?: { id: string; name: string }): void {
    const n = ++this.#count;
    this.notices = [
      ...this.notices.filter((notice) => notice.text !== text),
      { n, text, ...(file ? { file } : {}) },
    ].slice(-NOTICES);
    // A file stays until it is taken or put away.
    if (!file) this.#around.after(12_000, () => this.dismiss(n));
  }

  dismiss(n: number): void {
    this.notices = this.notices.filter((notice) => notice.n !== n);
  }

  #sendSize(): void {
    if (!this.control || !this.#size) return;
    this.#sizedAt = this.#around.now();
    this.ask({ t: "size", ...this.#size });
  }

  /** A page that was just then being replaced may have missed its size. */
  #sizeAgain(): void {
    const size = this.#size;
    if (!this.acts || !this.drawn || !size || (size.w === this.size.width && size.h === this.size.height)) return;
    if (this.#sizeTries >= SIZE_TRIES || this.#around.now() - this.#sizedAt < SIZED_MS) return;
    this.#sizeTries++;
    this.#sendSize();
  }

  #moved(state: ConnectionState): void {
    this.connection = state;
    if (state.is === "open") return;
    this.#outbox.drop();
    this.dialog = this.choices = this.fileWanted = null;
    this.#copied?.reject(new Error("The connection was lost before the text arrived."));
    this.#copied = null;
  }

  #took(message: FromServer): void {
    switch (message.t) {
      case "hello":
        this.you = message.you;
        this.name = message.session.credential_name;
        this.change = message.session.change ?? null;
        this.size = { width: message.size[0], height: message.size[1] };
        break;
      case "people": {
        const had = this.control;
        this.people = message.people;
        if (this.control && !had) this.#sendSize();
        if (!this.control) this.dialog = this.choices = this.fileWanted = null;
        break;
      }
      case "phase":
        this.phase = message;
        if (message.phase === "signing_in") {
          this.drawn = false;
          if (message.text && this.told.at(-1) !== message.text) this.told = [...this.told, message.text];
        }
        if (message.phase === "live" || message.phase === "waiting") this.#sendSize();
        break;
      case "clock": {
        const now = this.#around.now();
        this.ends = { clock: now + message.left * 1_000, idle: now + message.idle_left * 1_000 };
        break;
      }
      case "tabs":
        this.tabs = message.tabs;
        this.back = message.back;
        this.forward = message.forward;
        break;
      case "dialog":
        this.dialog = message;
        break;
      case "dialog_gone":
        if (this.dialog?.id === message.id) this.dialog = null;
        break;
      case "select":
        this.choices = message;
        break;
      case "select_gone":
        if (this.choices?.id === message.id) this.choices = null;
        break;
      case "cursor":
        this.cursor = message.cursor;
        break;
      case "editable":
        this.editable = message;
        break;
      case "copied":
        this.#copied?.resolve(message.text);
        this.#copied = null;
        break;
      case "refused":
        if (message.what === "copy" && this.#copied) {
          this.#copied.reject(new Error(message.why));
          this.#copied = null;
        }
        this.tell(refusedWords(message.what, message.why));
        break;
      case "blocked":
        this.tell(
          t("Blocked: the page tried to open {origin}, which is not among this credential's allowed sign-in URLs.", {
            origin: message.origin,
          }),
        );
        break;
      case "file_wanted":
        this.fileWanted = message;
        break;
      case "download":
        this.tell(
          t("File ready to download: {name} ({size}).", { name: message.name, size: sizeWords(message.size) }),
          { id: String(message.id), name: message.name },
        );
        break;
      case "pong":
        // The connection's own.
        break;
    }
  }
}
