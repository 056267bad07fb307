// A session that does what a test says, for what a real one shows only by chance: the server's side of its socket, its
// calls, and a recording.
import type { Page, WebSocketRoute } from "@playwright/test";

export const SESSION = "01a20d03-059d-7e52-9b6e-168103684ae0";

export interface Said {
  t: string;
  [field: string]: unknown;
}

export const YOU = {
  seat: 1,
  name: "ana",
  level: "control",
  may_end: true,
  may_freeze: true,
  extras: { address: false, paste: true, copy: true, upload: true, download: true },
};
export const seat = (n: number, name: string, control: boolean, level = "control") => ({
  seat: n,
  name,
  level,
  control,
});

/** A session's line as the server answers it. */
export function line(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: SESSION,
    credential: { id: "01a20d03-059d-7e52-9b6e-168103684ae1", name: "Harbour Coffee" },
    state: "live",
    says: "It runs.",
    started_by: "ana",
    created_at: new Date(Date.now() - 180_000).toISOString(),
    live_at: new Date(Date.now() - 170_000).toISOString(),
    recorded_ms: 170_000,
    recorded_bytes: 410_000,
    may: { join: "control", end: true, recording: true, share: true },
    ...over,
  };
}

/** A page's picture: a heading on a colour, of the size asked for. */
export async function picture(
  page: Page,
  width: number,
  height: number,
  colour: string,
  words: string,
): Promise<Buffer> {
  const other = await page.context().newPage();
  await other.setViewportSize({ width, height });
  await other.setContent(`<body style="margin:0;background:${colour};font:32px sans-serif"><h1>${words}</h1></body>`);
  const jpeg = await other.screenshot({ type: "jpeg", quality: 80 });
  await other.close();
  return jpeg;
}

export class FakeSession {
  readonly said: Said[] = [];
  connections = 0;
  #socket: WebSocketRoute | null = null;
  #seq = 0;
  answers = true;

  /** Stands in for one session of the server. `known` is what the server says of it when asked. */
  static async on(page: Page, known: () => Record<string, unknown> = line): Promise<FakeSession> {
    const fake = new FakeSession();
    await page.route(`**/api/v1/sessions/${SESSION}`, (route) => route.fulfill({ json: known() }));
    await page.routeWebSocket(new RegExp(`/api/v1/sessions/${SESSION}/live`), (socket) => {
      fake.connections++;
      fake.#socket = socket;
      socket.onMessage((text) => {
        const said = JSON.parse(String(text)) as Said;
        if (said.t === "ping") {
          if (fake.answers) fake.say({ t: "pong", n: said["n"] });
        } else fake.said.push(said);
      });
      fake.say({
        t: "hello",
        session: { id: SESSION, credential_name: "Harbour Coffee" },
        you: YOU,
        size: [1024, 600],
      });
      fake.say({ t: "people", people: [seat(1, "ana", true), seat(2, "dora", false, "view")] });
      fake.say({ t: "clock", left: 6_900, idle_left: 880 });
    });
    return fake;
  }

  say(message: Said): void {
    this.#socket?.send(JSON.stringify(message));
  }

  frame(jpeg: Buffer, width: number, height: number, age = 20): void {
    const head = Buffer.alloc(16);
    head.writeUInt8(1, 0);
    head.writeUInt32LE(++this.#seq, 4);
    head.writeUInt32LE(age, 8);
    head.writeUInt16LE(width, 12);
    head.writeUInt16LE(height, 14);
    this.#socket?.send(Buffer.concat([head, jpeg]));
  }

  async close(code: number, reason = ""): Promise<void> {
    await this.#socket?.close({ code, reason });
  }

  /** What was said of a kind since the last time this was asked. */
  took(t: string): Said[] {
    const those = this.said.filter((each) => each.t === t);
    for (const each of those) this.said.splice(this.said.indexOf(each), 1);
    return those;
  }
}

type Entry = { at: number } & (
  { key: [number, number]; jpeg: Buffer } | { change: [number, number]; jpeg: Buffer } | { event: unknown }
);

/** A part of a recording. */
export function part(entries: Entry[]): Buffer {
  return Buffer.concat(
    entries.map((entry) => {
      let payload: Buffer;
      if ("event" in entry) payload = Buffer.from(JSON.stringify(entry.event));
      else {
        const place = Buffer.alloc(4);
        const [a, b] = "key" in entry ? entry.key : entry.change;
        place.writeUInt16LE(a, 0);
        place.writeUInt16LE(b, 2);
        payload = Buffer.concat([place, entry.jpeg]);
      }
      const head = Buffer.alloc(9);
      head.writeUInt8("key" in entry ? 1 : "change" in entry ? 2 : 3, 0);
      head.writeUInt32LE(entry.at, 1);
      head.writeUInt32LE(payload.length, 5);
      return Buffer.concat([head, payload]);
    }),
  );
}
