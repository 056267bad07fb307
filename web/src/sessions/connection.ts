import type { Surroundings } from "../token/token-run.svelte";
import { CLOSED, readFrame, readMessage, type Frame, type FromServer, type ToServer } from "./protocol";

const FIRST_MS = 500;
const MOST_MS = 15_000;
const PING_MS = 1_000;
/** A socket's `readyState` while something can be sent (WebSockets standard §3.1). */
const OPEN = 1;
/** A session that nobody has taken up yet is nowhere; after so many tries it is at another server. */
const ELSEWHERE_TRIES = 4;
/** Without any answer for so long the connection is given up: some networks never say that it is gone. */
export const SILENT_MS = 12_000;

/** How long to wait before the try after `failed` failed ones; spread, so that many pages do not come at once. */
export function pauseAfter(failed: number, chance: number): number {
  return Math.round(Math.min(MOST_MS, FIRST_MS * 2 ** failed) * (0.75 + chance / 2));
}

/** What the end of a socket means. */
export function meaningOfClose(code: number): "again" | "ended" | "denied" | "elsewhere" {
  if (code === CLOSED.ended) return "ended";
  if (code === CLOSED.denied) return "denied";
  return code === CLOSED.elsewhere ? "elsewhere" : "again";
}

export interface Socket {
  binaryType: BinaryType;
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  onopen: (() => unknown) | null;
  onmessage: ((event: { data: unknown }) => unknown) | null;
  onclose: ((event: { code: number; reason: string }) => unknown) | null;
}

export interface Handlers {
  message(message: FromServer): void;
  frame(frame: Frame, at: number): void;
  /** The server answers, and nothing newer than what has come was on its way at `at`. */
  heard(at: number): void;
  state(state: ConnectionState): void;
  /** A socket did not even open: the answer is asked for another way. Answers whether another try makes sense. */
  refused(): Promise<boolean>;
}

export type ConnectionState =
  | { is: "connecting" | "open" }
  | { is: "waiting"; until: number; failed: number }
  | { is: "over"; why: "ended" | "denied" | "elsewhere" | "left"; text: string };

/** The way to the server, opened again by itself with growing pauses until there is no more reason to. */
export class Connection {
  readonly #open: () => Socket;
  readonly #on: Handlers;
  readonly #around: Surroundings;
  readonly #chance: () => number;
  #socket: Socket | null = null;
  #failed = 0;
  #elsewhere = 0;
  #ping = 0;
  #pingedAt = 0;
  #heardAt = 0;
  /** When the first ping was sent that nothing has answered. */
  #silentSince = Infinity;
  #cancel: (() => void) | undefined;
  #over = false;

  constructor(open: () => Socket, on: Handlers, around: Surroundings, chance: () => number) {
    this.#open = open;
    this.#on = on;
    this.#around = around;
    this.#chance = chance;
  }

  start(): void {
    this.#cancel?.();
    if (this.#over || this.#socket) return;
    this.#on.state({ is: "connecting" });
    const socket = (this.#socket = this.#open());
    let opened = false;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      this.#heardAt = this.#around.now();
      this.#silentSince = Infinity;
      this.#on.state({ is: "open" });
      this.#beat();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#took(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#lost(code, reason, opened);
    };
  }

  send(message: ToServer): void {
    // While it is not open nothing is kept for later: an old click at a page that has moved on does harm.
    // One that is closing has said goodbye already, though it has not told us yet.
    if (this.#heardAt > 0 && this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** For good. */
  stop(): void {
    this.#end("left", "");
  }

  #took(data: unknown): void {
    const now = this.#around.now();
    this.#heardAt = now;
    this.#silentSince = Infinity;
    if (data instanceof ArrayBuffer) {
      const frame = readFrame(data);
      if (frame) this.#on.frame(frame, now);
      return;
    }
    const message = typeof data === "string" ? readMessage(data) : null;
    if (!message) return;
    if (message.t === "hello") this.#failed = this.#elsewhere = 0;
    if (message.t === "pong") {
      if (message.n === this.#ping) this.#on.heard(this.#pingedAt);
      return;
    }
    this.#on.message(message);
  }

  #beat(): void {
    const now = this.#around.now();
    if (now - this.#silentSince > SILENT_MS) {
      this.#socket?.close();
      this.#lost(1006, "", true);
      return;
    }
    this.#pingedAt = now;
    this.#silentSince = Math.min(this.#silentSince, now);
    this.send({ t: "ping", n: ++this.#ping });
    this.#cancel = this.#around.after(PING_MS, () => this.#beat());
  }

  #lost(code: number, reason: string, opened: boolean): void {
    this.#socket = null;
    this.#heardAt = 0;
    this.#cancel?.();
    const means = meaningOfClose(code);
    if (means !== "again" && (means !== "elsewhere" || ++this.#elsewhere >= ELSEWHERE_TRIES))
      return this.#end(means, reason);
    const until = this.#around.now() + pauseAfter(this.#failed, this.#chance());
    const failed = ++this.#failed;
    this.#on.state({ is: "waiting", until, failed });
    this.#cancel = this.#around.after(until - this.#around.now(), () => this.start());
    if (opened) return;
    void this.#on.refused().then((again) => {
      if (!again && !this.#socket) this.#end("denied", "");
    });
  }

  #end(why: "ended" | "denied" | "elsewhere" | "left", text: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#on.state({ is: "over", why, text });
  }
}
