import { beforeEach, describe, expect, it } from "vitest";
import {
  Connection,
  meaningOfClose,
  pauseAfter,
  SILENT_MS,
  type ConnectionState,
  type Socket,
} from "../src/sessions/connection";
import { Live } from "../src/sessions/live.svelte";
import { Outbox } from "../src/sessions/outbox";
import { Painter } from "../src/sessions/screen/painter";
import {
  cursorFor,
  readFrame,
  readMessage,
  type Frame,
  type FromServer,
  type ToServer,
} from "../src/sessions/protocol";
import { refusedWords, sizeWords } from "../src/sessions/words";
import { settled, Timers } from "./world";

/** A picture as it comes over the socket. */
function framed(seq: number, age = 5, width = 1024, height = 640, jpeg = [0xff, 0xd8, seq]): ArrayBuffer {
  const bytes = new Uint8Array(16 + jpeg.length);
  const head = new DataView(bytes.buffer);
  head.setUint8(0, 1);
  head.setUint32(4, seq, true);
  head.setUint32(8, age, true);
  head.setUint16(12, width, true);
  head.setUint16(14, height, true);
  bytes.set(jpeg, 16);
  return bytes.buffer;
}

describe("messages", () => {
  it("reads a picture's head", () => {
    expect(readFrame(framed(70_000, 1_234))).toEqual({
      seq: 70_000,
      age: 1_234,
      width: 1024,
      height: 640,
      jpeg: new Uint8Array([0xff, 0xd8, 70_000 & 255]),
    });
  });

  it("leaves alone what is no picture it knows", () => {
    const other = framed(1);
    new DataView(other).setUint8(0, 2);
    for (const each of [other, new ArrayBuffer(0), new ArrayBuffer(16), framed(1, 0, 0, 640)])
      expect(readFrame(each)).toBeNull();
    for (const each of ["", "[]", "null", "{}", '{"t":1}', '{"t":"pong"']) expect(readMessage(each)).toBeNull();
    expect(readMessage('{"t":"pong","n":3}')).toEqual({ t: "pong", n: 3 });
  });

  it("takes cursors by name only, and never hides it", () => {
    expect([cursorFor("pointer"), cursorFor("none"), cursorFor("url(https://a.example/x.cur), auto")]).toEqual([
      "pointer",
      "default",
      "default",
    ]);
  });
});

describe("Outbox", () => {
  let world: Timers;
  let out: ToServer[];
  let box: Outbox;
  const move = (x: number, buttons = 0) => box.put({ t: "move", x, y: 0, buttons });
  const wheel = (dy: number) => box.put({ t: "wheel", x: 1, y: 1, dx: 0, dy, mods: 0 });

  beforeEach(() => {
    world = new Timers();
    out = [];
    box = new Outbox((message) => out.push(message), world);
  });

  it("sends the first move at once and 25 a second at most, the last place always", async () => {
    for (let ms = 0; ms < 1_000; ms += 4) {
      move(ms);
      await world.pass(4);
    }
    await world.pass(100);
    expect(out.length).toBeGreaterThan(20);
    expect(out.length).toBeLessThanOrEqual(26);
    expect(out[0]).toMatchObject({ x: 0 });
    expect(out.at(-1)).toMatchObject({ x: 996 });
  });

  it("keeps the order: what was held back goes before a press", async () => {
    move(1);
    move(2);
    move(3);
    box.put({ t: "down", x: 3, y: 0, button: 0, clicks: 1, mods: 0 });
    move(4, 1);
    expect(out.map((message) => [message.t, "x" in message && message.x])).toEqual([
      ["move", 1],
      ["move", 3],
      ["down", 3],
    ]);
    await world.pass(50);
    expect(out.at(-1)).toMatchObject({ t: "move", x: 4, buttons: 1 });
  });

  it("adds up the wheel, and does not mix it with moves", async () => {
    wheel(10);
    wheel(20);
    wheel(30);
    move(5);
    wheel(1);
    await world.pass(50);
    expect(out.map((message) => (message.t === "wheel" ? message.dy : message.t))).toEqual([10, 50, "move", 1]);
  });

  it("forgets what was held back when it is told so", async () => {
    move(1);
    move(2);
    box.drop();
    await world.pass(100);
    expect(out).toHaveLength(1);
  });
});

describe("Painter", () => {
  it("draws the newest, passes over what came meanwhile, and acknowledges after drawing", async () => {
    const drawn: number[] = [];
    const seen: number[] = [];
    const open: ((seq: number) => void)[] = [];
    const frame = (seq: number): Frame => ({ seq, age: 0, width: 1, height: 1, jpeg: new Uint8Array([seq]) });
    const painter = new Painter<number>(
      { decode: () => new Promise((resolve) => open.push(resolve)), draw: (_bitmap, { seq }) => drawn.push(seq) },
      ({ seq }) => seen.push(seq),
    );
    [1, 2, 3].forEach((seq) => painter.take(frame(seq), 0));
    expect([painter.behind, open.length, seen]).toEqual([true, 1, []]);
    open[0]?.(0);
    await settled();
    expect([drawn, seen]).toEqual([[1], [1]]);
    open[1]?.(0);
    await settled();
    expect([drawn, seen, painter.behind]).toEqual([[1, 3], [1, 3], false]);
  });

  it("acknowledges what cannot be read", async () => {
    const seen: number[] = [];
    const painter = new Painter<number>(
      { decode: () => Promise.reject(new Error("no picture")), draw: () => undefined },
      ({ seq }) => seen.push(seq),
    );
    painter.take({ seq: 7, age: 0, width: 1, height: 1, jpeg: new Uint8Array() }, 0);
    await settled();
    expect(seen).toEqual([7]);
  });
});

class FakeSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 1;
  onopen: (() => unknown) | null = null;
  onmessage: ((event: { data: unknown }) => unknown) | null = null;
  onclose: ((event: { code: number; reason: string }) => unknown) | null = null;
  readonly sent: ToServer[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ToServer);
  }

  close(): void {
    this.closed = true;
  }

  say(message: FromServer): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Answers every ping from now on. */
  answering(): void {
    const send = this.send.bind(this);
    this.send = (text) => {
      send(text);
      const message = this.sent.at(-1);
      if (message?.t === "ping") this.say({ t: "pong", n: message.n });
    };
  }
}

describe("reconnecting", () => {
  it("waits longer each time, up to a limit, and never at the same beat as others", () => {
    expect([0, 1, 2, 3].map((failed) => pauseAfter(failed, 0.5))).toEqual([500, 1_000, 2_000, 4_000]);
    expect(pauseAfter(50, 0.5)).toBe(15_000);
    expect(pauseAfter(3, 0)).toBeLessThan(pauseAfter(3, 0.9));
  });

  it("knows from the code whether another try makes sense", () => {
    expect([1006, 1001, 4003, 4005].map(meaningOfClose)).toEqual(["again", "again", "again", "again"]);
    expect([4001, 4002, 4004].map(meaningOfClose)).toEqual(["denied", "elsewhere", "ended"]);
  });

  let world: Timers;
  let sockets: FakeSocket[];
  let states: ConnectionState[];
  let heard: number[];
  let maySee: boolean;
  let connection: Connection;
  const last = () => sockets.at(-1) as FakeSocket;

  beforeEach(() => {
    world = new Timers();
    sockets = [];
    states = [];
    heard = [];
    maySee = true;
    connection = new Connection(
      () => {
        sockets.push(new FakeSocket());
        return last();
      },
      {
        message: () => undefined,
        frame: () => undefined,
        heard: (at) => heard.push(at),
        state: (state) => states.push(state),
        refused: () => Promise.resolve(maySee),
      },
      world,
      () => 0.5,
    );
    connection.start();
  });

  it("tries again after a loss until it stands, and begins with short pauses then", async () => {
    last().onopen?.();
    last().say({
      t: "hello",
      session: { id: "s", credential_name: "c", change: null },
      you: {} as never,
      size: [1, 1],
    });
    last().onclose?.({ code: 1006, reason: "" });
    expect(states.at(-1)).toMatchObject({ is: "waiting", failed: 1 });
    await world.pass(501);
    expect(sockets).toHaveLength(2);
    last().onclose?.({ code: 1006, reason: "" });
    await world.pass(999);
    expect(sockets).toHaveLength(2);
    await world.pass(2);
    expect(sockets).toHaveLength(3);
    last().onopen?.();
    last().say({
      t: "hello",
      session: { id: "s", credential_name: "c", change: null },
      you: {} as never,
      size: [1, 1],
    });
    last().onclose?.({ code: 4005, reason: "" });
    expect(states.at(-1)).toMatchObject({ is: "waiting", failed: 1 });
  });

  it("sends nothing into a socket that is closing", () => {
    last().onopen?.();
    const before = last().sent.length;
    last().readyState = 2;
    connection.send({ t: "seen", seq: 1 });
    expect(last().sent).toHaveLength(before);
  });

  it("ends when it is told so, and when nothing may be seen any more", async () => {
    last().onopen?.();
    last().onclose?.({ code: 4004, reason: "Ended by ana." });
    expect(states.at(-1)).toEqual({ is: "over", why: "ended", text: "Ended by ana." });
    await world.pass(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("tries a while where nobody has taken the session up, and then says that it is elsewhere", async () => {
    for (let i = 0; i < 4; i++) {
      last().onopen?.();
      last().onclose?.({ code: 4002, reason: "It runs at another server." });
      expect(states.at(-1)?.is).toBe(i < 3 ? "waiting" : "over");
      await world.pass(10_000);
    }
    expect(sockets).toHaveLength(4);
  });

  it("asks another way when a socket does not even open", async () => {
    maySee = false;
    last().onclose?.({ code: 1006, reason: "" });
    await settled();
    expect(states.at(-1)).toMatchObject({ is: "over", why: "denied" });
  });

  it("notices a connection that has gone silent, and none that only rests", async () => {
    last().answering();
    last().onopen?.();
    await world.pass(SILENT_MS * 3);
    expect(heard.length).toBeGreaterThan(30);
    expect(sockets).toHaveLength(1);
    last().send = () => undefined;
    await world.pass(SILENT_MS + 3_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it("keeps nothing for later while there is no connection", () => {
    connection.send({ t: "done" });
    last().onopen?.();
    expect(last().sent.some((message) => message.t === "done")).toBe(false);
  });
});

describe("Live", () => {
  let world: Timers;
  let socket: FakeSocket;
  let live: Live;
  const you = {
    seat: 1,
    name: "ana",
    level: "control" as const,
    extras: { address: false, paste: false, copy: true, upload: false, download: false },
    may_end: true,
    may_freeze: false,
  };
  const seat = (n: number, control: boolean) => ({ seat: n, name: `p${n}`, level: "control" as const, control });
  const inputs = () => socket.sent.filter((message) => message.t !== "ping" && message.t !== "seen");

  beforeEach(() => {
    world = new Timers();
    live = new Live(
      () => (socket = new FakeSocket()),
      world,
      () => 0.5,
      () => Promise.resolve(true),
    );
    live.start();
    socket.onopen?.();
    socket.say({ t: "hello", session: { id: "s", credential_name: "Harbour", change: null }, you, size: [1280, 720] });
    socket.say({ t: "phase", phase: "live", text: "" });
    socket.say({ t: "people", people: [seat(1, true), seat(2, false)] });
    return () => live.stop();
  });

  it("acts only while it holds control and the page is to be acted in", () => {
    live.put({ t: "text", text: "a" });
    socket.say({ t: "phase", phase: "frozen", text: "" });
    live.put({ t: "text", text: "b" });
    socket.say({ t: "phase", phase: "waiting", text: "", challenge: "captcha" });
    live.put({ t: "text", text: "c" });
    socket.say({ t: "people", people: [seat(1, false), seat(2, true)] });
    live.put({ t: "text", text: "d" });
    expect(inputs().map((message) => message.t === "text" && message.text)).toEqual(["a", "c"]);
  });

  it("says its size to the page when it takes control", () => {
    socket.say({ t: "people", people: [seat(1, false)] });
    live.fits({ w: 900, h: 500, dpr: 1 });
    expect(inputs()).toEqual([]);
    socket.say({ t: "people", people: [seat(1, true)] });
    expect(inputs()).toEqual([{ t: "size", w: 900, h: 500, dpr: 1 }]);
  });

  it("asks again for a size that the page has missed, a few times", async () => {
    live.drawWith(
      (frame, at) => live.seen(frame, at),
      () => false,
    );
    socket.answering();
    live.fits({ w: 900, h: 500, dpr: 1 });
    socket.onmessage?.({ data: framed(1) });
    await world.pass(20_000);
    expect(inputs().filter((message) => message.t === "size")).toHaveLength(4);
    live.fits({ w: 1024, h: 640, dpr: 1 });
    await world.pass(20_000);
    expect(inputs().filter((message) => message.t === "size")).toHaveLength(5);
  });

  it("knows how old the picture is: from its age, and from answers while nothing newer comes", async () => {
    let drawn: Frame | undefined;
    live.drawWith(
      (frame, at) => live.seen((drawn = frame), at),
      () => false,
    );
    socket.onmessage?.({ data: framed(9, 300) });
    expect(drawn?.seq).toBe(9);
    expect(live.trueAt).toBe(world.now() - 300);
    expect(live.size).toEqual({ width: 1024, height: 640 });
    expect(socket.sent.at(-1)).toEqual({ t: "seen", seq: 9 });
    await world.pass(5_000);
    expect(world.now() - live.trueAt).toBe(5_300);
    socket.answering();
    await world.pass(2_000);
    expect(world.now() - live.trueAt).toBeLessThanOrEqual(1_000);
  });

  it("may take control when it is free, or from anybody at the highest level", () => {
    expect(live.mayTake).toBe(false);
    socket.say({ t: "people", people: [seat(1, false), seat(2, true)] });
    expect(live.mayTake).toBe(true);
    socket.say({
      t: "hello",
      session: { id: "s", credential_name: "c", change: null },
      you: { ...you, level: "interact" },
      size: [1, 1],
    });
    expect(live.mayTake).toBe(false);
    socket.say({ t: "people", people: [seat(1, false), seat(2, false)] });
    expect(live.mayTake).toBe(true);
    socket.say({
      t: "hello",
      session: { id: "s", credential_name: "c", change: null },
      you: { ...you, level: "view" },
      size: [1, 1],
    });
    expect(live.mayTake).toBe(false);
  });

  it("gives what is copied to whoever asked, or says why not", async () => {
    const first = live.copy(false);
    socket.say({ t: "copied", text: "marked" });
    expect(await first).toBe("marked");
    const second = live.copy(true);
    socket.say({ t: "refused", what: "copy", why: "Nothing is marked" });
    await expect(second).rejects.toThrow("Nothing is marked");
    expect(live.notices.at(-1)?.text).toBe("Nothing was copied: Nothing is marked.");
  });

  it("answers what the page asks once, and forgets it when the page does", () => {
    socket.say({ t: "dialog", id: 4, kind: "prompt", text: "Name?", value: "" });
    live.answer(true, "x");
    live.answer(true, "y");
    expect(inputs()).toEqual([{ t: "dialog", id: 4, accept: true, text: "x" }]);
    socket.say({ t: "select", id: 5, options: [], chosen: null, box: [0, 0, 1, 1] });
    socket.say({ t: "select_gone", id: 4 });
    expect(live.choices?.id).toBe(5);
    socket.say({ t: "select_gone", id: 5 });
    expect(live.choices).toBeNull();
  });

  it("loses the connection without losing the session", async () => {
    socket.onclose?.({ code: 1006, reason: "" });
    expect([live.over, live.acts]).toEqual([false, false]);
    await world.pass(600);
    socket.onopen?.();
    expect(live.connection.is).toBe("open");
  });

  it("puts notices away by itself, files not", async () => {
    socket.say({ t: "blocked", origin: "https://elsewhere.example" });
    socket.say({ t: "download", id: 7, name: "a.csv", size: 1_234 });
    expect(live.notices.map((notice) => notice.text)).toEqual([
      expect.stringContaining("https://elsewhere.example"),
      "File ready to download: a.csv (1 kB).",
    ]);
    await world.pass(13_000);
    expect(live.notices.map((notice) => notice.file?.name)).toEqual(["a.csv"]);
  });
});

describe("words", () => {
  it("say sizes and refusals", () => {
    expect([640, 2_600, 1_540_000, 25_000_000, 10_240_000_000].map(sizeWords)).toEqual([
      "640 B",
      "3 kB",
      "1.5 MB",
      "25 MB",
      "10.2 GB",
    ]);
    expect(refusedWords("paste", "")).toBe("Nothing was pasted: You don't have access to it.");
    expect(refusedWords("thing", "Too many.")).toBe("Refused: Too many.");
  });
});
