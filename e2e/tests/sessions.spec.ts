// Sessions as a person uses them: the picture and what goes into it, the bar around it, the recording, the list.
import type { Page } from "@playwright/test";
import { FakeSession, line, part, picture, seat, SESSION, YOU, type Said } from "./fake-session.ts";
import { expect, expectAccessible, expectFits, fresh, signIn, test, useWeb } from "./fixtures.ts";

/** The colour of the picture at a place of it. */
const colourAt = (page: Page, x: number, y: number) =>
  page.locator("canvas").evaluate(
    (canvas: HTMLCanvasElement, [x, y]) => {
      const [r, g, b] = canvas.getContext("2d")?.getImageData(x ?? 0, y ?? 0, 1, 1).data ?? [];
      return (r ?? 0) > 200 && (g ?? 0) < 90 ? "red" : (g ?? 0) > 90 && (r ?? 0) < 90 ? "green" : `${r} ${g} ${b}`;
    },
    [x, y],
  );

/** A session with a picture, as large as there is room for it. */
async function opened(page: Page, address: string, fake: FakeSession): Promise<{ width: number; height: number }> {
  await page.goto(`${address}/#/sessions/${SESSION}`);
  await expect.poll(() => fake.connections).toBe(1);
  fake.say({ t: "phase", phase: "live", text: "" });
  await expect.poll(() => fake.said.some((each) => each.t === "size")).toBe(true);
  const { w, h } = fake.took("size").at(-1) as unknown as { w: number; h: number };
  const jpeg = await picture(page, w, h, "#e01010", "The feed");
  fake.frame(jpeg, w, h);
  await expect.poll(() => fake.took("seen").length).toBeGreaterThan(0);
  return { width: w, height: h };
}

const text = (page: Page) => page.getByRole("textbox", { name: "Keyboard of the remote page" });
const bar = (page: Page) => page.getByRole("region", { name: "Session" });

test("a session is signed in unseen, then shown, used and ended", async ({ home: page, server }) => {
  let state = "starting";
  const fake = await FakeSession.on(page, () =>
    line({ state, ...(state === "ended" ? { says: "Ended by whoever started it.", end: "person" } : {}) }),
  );
  await page.goto(`${server.address}/#/sessions/${SESSION}`);
  await expect.poll(() => fake.connections).toBe(1);
  fake.say({ t: "phase", phase: "signing_in", text: "Opens the sign-in page." });
  fake.say({ t: "phase", phase: "signing_in", text: "Types the password." });
  await expect(page.getByText("Types the password.")).toBeVisible();
  await expect(page.locator("canvas")).toBeHidden();
  await expect(bar(page).getByText("Recorded")).toBeVisible();
  await expectAccessible(page);
  state = "live";
  const size = await opened(page, server.address, fake);
  expect(size.width).toBeGreaterThan(1200);
  await expect.poll(() => colourAt(page, 900, 300)).toBe("red");
  await expect(bar(page)).toContainText("ana (you) in control");
  await expect(bar(page)).toContainText("dora viewing");
  await expect(bar(page).getByRole("timer")).toHaveText(/^Ends in 14 min .* if idle$/);
  await expect(bar(page)).toContainText("Live, ");
  await expectAccessible(page);
  await expectFits(page);
  await bar(page).getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect.poll(() => fake.took("end").length).toBe(1);
  state = "ended";
  fake.say({ t: "phase", phase: "ended", end: "person", text: "Ended by whoever started it." });
  await fake.close(4004, "Ended by whoever started it.");
  await expect(page.getByRole("heading", { name: "Harbour Coffee: session ended" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Replay" })).toHaveAttribute("href", `#/sessions/${SESSION}/recording`);
  await expectAccessible(page);
});

test("pointer, wheel and keys go to the page in order, at its own places", async ({ home: page, server }) => {
  const fake = await FakeSession.on(page);
  const { width, height } = await opened(page, server.address, fake);
  const box = (await page.locator("canvas").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  expect([Math.round(box.width), Math.round(box.height)]).toEqual([width, height]);
  fake.said.length = 0;
  await page.mouse.click(box.x + 200, box.y + 100);
  await page.mouse.dblclick(box.x + 200, box.y + 100);
  await page.mouse.click(box.x + 300, box.y + 120, { button: "right" });
  await expect.poll(() => fake.said.filter((each) => each.t === "up").length).toBe(4);
  const presses = fake.said.filter((each) => each.t === "down");
  expect(presses.map((each) => [each["button"], each["clicks"]])).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [2, 1],
  ]);
  expect([presses[0]?.["x"], presses[0]?.["y"]].map((each) => Math.round(Number(each)))).toEqual([200, 100]);
  await expect(text(page)).toBeFocused();

  fake.said.length = 0;
  await page.mouse.wheel(0, 240);
  await page.keyboard.type("Ab");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Tab");
  await expect
    .poll(() => fake.said.filter((each) => each.t === "key" && !each["down"]).length)
    .toBeGreaterThanOrEqual(5);
  expect(fake.said.find((each) => each.t === "wheel")).toMatchObject({ dy: 240 });
  const keys = fake.said.filter(
    (each) => each.t === "key" && each["down"] && !["Shift", "Control"].includes(String(each["key"])),
  );
  expect(keys.map((each) => [each["key"], each["text"] ?? null])).toEqual([
    ["A", "A"],
    ["b", "b"],
    ["a", null],
    ["Tab", null],
  ]);
  await expect(text(page)).toBeFocused();

  // What comes without a key: an emoji picker, dictation, a phone's keyboard.
  await page.keyboard.insertText("Grüße 😀");
  await expect.poll(() => fake.took("text")).toEqual([{ t: "text", text: "Grüße 😀" }]);

  // An input method: what is being composed, then what came of it.
  const debug = await page.context().newCDPSession(page);
  await debug.send("Input.imeSetComposition", { text: "ni", selectionStart: 2, selectionEnd: 2 });
  await debug.send("Input.imeSetComposition", { text: "你", selectionStart: 1, selectionEnd: 1 });
  await debug.send("Input.insertText", { text: "你" });
  await expect.poll(() => fake.said.some((each) => each.t === "text" && each["text"] === "你")).toBe(true);
  expect([...new Set(fake.took("compose").map((each) => each["text"]))]).toEqual(["ni", "你"]);
  await debug.detach();

  // The way out, for who comes by keyboard.
  await page.keyboard.press("F6");
  await expect(text(page)).not.toBeFocused();
  await page.keyboard.press("Enter");
  await expect(text(page)).toBeFocused();
});

test("fingers tap, scroll by two, and stay for the right button", async ({ browser, server, admin }) => {
  const context = await browser.newContext({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });
  await useWeb(context);
  await signIn(context, server, admin);
  const page = await context.newPage();
  const fake = await FakeSession.on(page);
  const { width, height } = await opened(page, server.address, fake);
  expect(width).toBe(360);
  await expectFits(page);
  await expectAccessible(page);
  const box = (await page.locator("canvas").boundingBox()) ?? { x: 0, y: 0, height: 1 };
  const debug = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
    debug.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: points.map(([x, y], id) => ({ x: box.x + x, y: box.y + y, id })),
    });
  fake.said.length = 0;
  await touch("touchStart", [50, 60]);
  await touch("touchEnd");
  await expect.poll(() => fake.said.map((each) => each.t)).toEqual(["move", "down", "up"]);
  fake.said.length = 0;
  await touch("touchStart", [50, 160], [90, 160]);
  await touch("touchMove", [50, 100], [90, 100]);
  await touch("touchEnd");
  await expect
    .poll(() => fake.said.filter((each) => each.t === "wheel").reduce((sum, each) => sum + Number(each["dy"]), 0))
    .toBeCloseTo((60 * height) / box.height, 0);
  expect(fake.took("down")).toEqual([]);
  await touch("touchStart", [50, 60]);
  await expect.poll(() => fake.said.filter((each) => each.t === "down").map((each) => each["button"])).toEqual([2]);
  await touch("touchEnd");
  await context.close();
});

test("what the page asks is asked here: dialogs, lists, files, tabs", async ({ home: page, server }) => {
  const fake = await FakeSession.on(page);
  await opened(page, server.address, fake);
  fake.say({ t: "dialog", id: 1, kind: "prompt", text: "Name of the album?", value: "Autumn" });
  await expect(page.getByRole("dialog", { name: "The page asks" })).toContainText("Name of the album?");
  await expectAccessible(page);
  await page.getByRole("textbox", { name: "Answer" }).fill("Winter");
  await page.getByRole("button", { name: "OK" }).click();
  await expect.poll(() => fake.took("dialog")).toEqual([{ t: "dialog", id: 1, accept: true, text: "Winter" }]);

  fake.say({
    t: "select",
    id: 2,
    options: [
      { label: "Everybody", disabled: false },
      { label: "Friends", disabled: true },
      { label: "Only me", disabled: false },
    ],
    chosen: 0,
    box: [40, 60, 200, 30],
  });
  const list = page.getByRole("listbox", { name: "List on the page" });
  await expect(list).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => fake.took("select")).toEqual([{ t: "select", id: 2, index: 2 }]);
  await expect(list).toBeHidden();

  fake.say({
    t: "tabs",
    tabs: [
      { id: 1, title: "Feed", address: "https://site.example/feed", active: false, crashed: false },
      { id: 2, title: "Help", address: "https://site.example/help", active: true, crashed: true },
    ],
    back: true,
    forward: false,
  });
  await expect(page.getByText("This tab has crashed.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "URL" })).toHaveValue("https://site.example/help");
  await expect(page.getByRole("textbox", { name: "URL" })).toHaveJSProperty("readOnly", true);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Close Help" }).click();
  await page.getByRole("button", { name: "Back", exact: true }).click();
  await expect
    .poll(() => fake.said.filter((each) => each.t === "tab" || each.t === "go"))
    .toEqual([
      { t: "tab", id: 2, act: "close" },
      { t: "go", act: "back" },
    ]);

  await page.route(/\/uploads\?name=harbour\.png$/, (route) => route.fulfill({ json: { upload: "u1" } }));
  fake.say({ t: "file_wanted", id: 3, multiple: false });
  await page
    .getByRole("dialog", { name: "The page asks for a file" })
    .getByLabel("File")
    .setInputFiles({ name: "harbour.png", mimeType: "image/png", buffer: Buffer.from("x") });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Upload" }).click();
  await expect
    .poll(() => fake.took("files"))
    .toEqual([{ t: "files", id: 3, files: [{ name: "harbour.png", upload: "u1" }] }]);

  fake.say({ t: "download", id: "d1", name: "export.csv", size: 2_400 });
  fake.say({ t: "blocked", origin: "https://elsewhere.example" });
  await expect(page.getByRole("link", { name: "Save" })).toHaveAttribute(
    "href",
    `api/v1/sessions/${SESSION}/downloads/d1`,
  );
  await expect(page.getByText("Blocked: the page tried to open https://elsewhere.example")).toBeVisible();
  await expectAccessible(page);
});

test("the clipboard passes only where it is granted", async ({ home: page, context, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.address });
  const fake = await FakeSession.on(page);
  await opened(page, server.address, fake);
  await page.evaluate(() => navigator.clipboard.writeText("Grüße\nvon hier"));
  await text(page).focus();
  await page.keyboard.press("Control+v");
  await expect.poll(() => fake.took("paste")).toEqual([{ t: "paste", text: "Grüße\nvon hier" }]);
  await page.keyboard.press("Control+c");
  await expect.poll(() => fake.took("copy")).toEqual([{ t: "copy", cut: false }]);
  fake.say({ t: "copied", text: "from the page" });
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("from the page");

  fake.say({
    t: "hello",
    session: { id: SESSION, credential_name: "Harbour Coffee" },
    you: { ...YOU, extras: { ...YOU.extras, paste: false, copy: false } },
    size: [1024, 600],
  });
  await page.keyboard.press("Control+v");
  await page.keyboard.press("Control+x");
  await expect(page.getByText("You don't have access to paste into the page.")).toBeVisible();
  await expect(page.getByText("You don't have access to copy from the page.")).toBeVisible();
  expect([...fake.took("paste"), ...fake.took("copy")]).toEqual([]);
});

test("control, freezing, waiting: the bar says who acts, and only they do", async ({ home: page, server }) => {
  const fake = await FakeSession.on(page);
  await opened(page, server.address, fake);
  await bar(page).getByRole("button", { name: "Release control" }).click();
  await expect.poll(() => fake.took("control")).toEqual([{ t: "control", act: "give" }]);
  fake.say({ t: "people", people: [seat(1, "ana", false), seat(2, "ben", true)] });
  fake.said.length = 0;
  // Watching, Tab is anybody's own.
  await text(page).focus();
  await page.keyboard.type("x");
  await page.keyboard.press("Tab");
  await expect(text(page)).not.toBeFocused();
  await page.locator("canvas").click();
  expect(fake.said.filter((each: Said) => each.t !== "seen")).toEqual([]);
  await expectAccessible(page);
  await bar(page).getByRole("button", { name: "Take control" }).click();
  await expect.poll(() => fake.took("control")).toEqual([{ t: "control", act: "take" }]);
  fake.say({ t: "people", people: [seat(1, "ana", true)] });

  await bar(page).getByRole("button", { name: "Freeze" }).click();
  await expect.poll(() => fake.took("freeze")).toEqual([{ t: "freeze", on: true }]);
  fake.say({ t: "phase", phase: "frozen", by: "dora", text: "The picture is frozen." });
  await expect(page.getByText("Frozen by dora. Your input does not reach the remote page.")).toBeVisible();
  await expectAccessible(page);
  await expect(bar(page).getByRole("button", { name: "Resume" })).toBeVisible();

  fake.say({ t: "phase", phase: "waiting", challenge: "captcha", text: "" });
  await expect(page.getByText("Solve the CAPTCHA on the screen")).toBeVisible();
  await expectAccessible(page);
  await bar(page).getByRole("button", { name: "Done" }).click();
  await expect.poll(() => fake.took("done").length).toBe(1);
});

test("a lost connection comes back by itself, and an old picture is not called live", async ({
  home: page,
  server,
}) => {
  const fake = await FakeSession.on(page);
  await opened(page, server.address, fake);
  fake.answers = false;
  await expect(page.getByText(/^Not live: the screen is \d+ s old\.$/)).toBeVisible({ timeout: 10_000 });
  await expect(bar(page).getByText("Not live")).toBeVisible();
  await expectAccessible(page);
  fake.answers = true;
  await fake.close(1011);
  await expect(page.getByText("Connection lost.")).toBeVisible();
  await expect.poll(() => fake.connections).toBe(2);
  fake.say({ t: "phase", phase: "live", text: "" });
  await expect(page.getByText("Connection lost.")).toBeHidden();
  await expect(bar(page).getByText(/^Live, /)).toBeVisible();
});

test("a session is shared by a link for one person", async ({ home: page, server }) => {
  const fake = await FakeSession.on(page);
  await opened(page, server.address, fake);
  let asked: unknown;
  await page.route(`**/api/v1/sessions/${SESSION}/links`, (route) => {
    asked = route.request().postDataJSON();
    return route.fulfill({
      status: 201,
      json: { link: "one-time", expires_at: new Date(Date.now() + 86_400_000).toISOString() },
    });
  });
  await bar(page).getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this session" });
  await dialog.getByLabel("Person").fill("ben");
  await dialog.getByRole("radio", { name: /^Interact/ }).check();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create link" }).click();
  await expect(dialog.getByText(`${server.address}/#/sessions/${SESSION}?link=one-time`)).toBeVisible();
  expect(asked).toEqual({ person: "ben", level: "interact" });
  await expectAccessible(page);
});

test("a recording is played, sought through and read as a list, also where a part is gone", async ({
  home: page,
  server,
}) => {
  const red = await picture(page, 640, 400, "#e01010", "Before");
  const green = await picture(page, 100, 100, "#10a010", "");
  const parts = [
    { seq: 1, from_ms: 0, to_ms: 2_000, key: true, frames: 1, events: 2, bytes: 1 },
    { seq: 2, from_ms: 2_000, to_ms: 40_000, key: false, frames: 1, events: 1, bytes: 1 },
    { seq: 3, from_ms: 40_000, to_ms: 41_000, key: true, frames: 1, events: 1, bytes: 1 },
  ];
  const bytes = [
    part([
      { at: 0, key: [640, 400], jpeg: red },
      { at: 10, event: { kind: "address", address: "https://site.example/feed" } },
      { at: 900, event: { kind: "click", name: "Post", role: "button", who: "ana" } },
    ]),
    part([
      { at: 30_000, change: [500, 250], jpeg: green },
      { at: 30_100, event: { kind: "keys", class: "text", count: 12, secret: false, who: "ana" } },
    ]),
  ];
  await page.route(`**/api/v1/sessions/${SESSION}/recording`, (route) =>
    route.fulfill({
      json: {
        session: line({ state: "ended" }),
        running: false,
        film: true,
        duration_ms: 41_000,
        bytes: 420_000,
        parts,
      },
    }),
  );
  await page.route(`**/api/v1/sessions/${SESSION}/recording/parts/*`, (route) => {
    const body = bytes[Number(route.request().url().split("/").at(-1)) - 1];
    return body
      ? route.fulfill({ body, contentType: "application/octet-stream" })
      : route.fulfill({
          status: 404,
          json: { type: "urn:countersign:problem:not-found", title: "There is no such part.", status: 404 },
        });
  });
  await page.goto(`${server.address}/#/sessions/${SESSION}/recording`);
  await expect(page.getByRole("heading", { name: "Recording: Harbour Coffee" })).toBeVisible();
  await expect.poll(() => colourAt(page, 550, 300)).toBe("red");
  const events = page.getByRole("region", { name: "Events" }).getByRole("button");
  await expect(events).toHaveText([
    /Opened https:\/\/site.example\/feed/,
    /ana clicked “Post” \(button\)/,
    /ana typed: 12 keys/,
  ]);
  await expect(page.getByRole("note")).toContainText("Part 3, from 0:40");
  await expectAccessible(page);
  await expectFits(page);
  await events.nth(2).click();
  await expect.poll(() => colourAt(page, 550, 300)).toBe("green");
  const place = page.getByRole("slider", { name: "Position in the recording" });
  await expect(place).toHaveAttribute("aria-valuetext", "0:30 of 0:41");
  await page.getByRole("button", { name: "Previous event" }).click();
  await expect.poll(() => colourAt(page, 550, 300)).toBe("red");
  await expect(events.nth(1)).toHaveAttribute("aria-current", "true");
  // Nothing happens for half a minute there: playing does not take as long.
  await page.getByRole("combobox", { name: "Speed" }).selectOption("8");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible({ timeout: 10_000 });
  await expect(place).toHaveAttribute("aria-valuetext", "0:41 of 0:41");
  await expect(page.getByRole("link", { name: "WebM" })).toHaveAttribute(
    "href",
    `api/v1/sessions/${SESSION}/recording/webm`,
  );
});

test("all sessions: those that run first, with what one may do with them", async ({ home: page, server }) => {
  let running = [
    line(),
    line({
      id: "2",
      credential: { name: "Quay Books" },
      change: "c",
      started_by: "ben",
      reason: "autumn campaign",
      may: { join: "view", end: true, recording: true, share: false },
    }),
  ];
  await page.route(/\/api\/v1\/sessions\?/, (route) =>
    route.fulfill({
      json: {
        items: route.request().url().includes("open=true")
          ? running
          : [
              line({
                id: "3",
                state: "ended",
                says: "Ended: nobody did anything for 15 minutes.",
                end: "idle",
                ended_at: new Date().toISOString(),
              }),
            ],
      },
    }),
  );
  await page.goto(`${server.address}/#/sessions`);
  const live = page.getByRole("region", { name: "Running sessions" });
  await expect(live.getByRole("link", { name: "View the session at Quay Books" })).toBeVisible();
  await expect(live).toContainText("“autumn campaign”");
  await expect(
    page.getByRole("region", { name: "Past sessions" }).getByRole("link", { name: /^Replay/ }),
  ).toBeVisible();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 760 });
    await expectAccessible(page);
    await expectFits(page);
  }
  await page.route("**/api/v1/sessions/2/end", (route) => {
    running = running.slice(0, 1);
    return route.fulfill({ json: line({ state: "ended" }) });
  });
  await live.getByRole("button", { name: "End the session at Quay Books" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect(live.getByText("Quay Books")).toHaveCount(0);

  // One of the two alone, by its address too.
  const past = page.getByRole("region", { name: "Past sessions" });
  const filter = page.getByRole("navigation", { name: "Filter" });
  await filter.getByRole("link", { name: "Past" }).click();
  await expect(live).toBeHidden();
  await page.reload();
  await expect(past.getByRole("link", { name: /^Replay/ })).toBeVisible();
  await expect(live).toBeHidden();
  await filter.getByRole("link", { name: "Running now" }).click();
  await expect(page).toHaveURL(/#\/sessions\?show=running$/);
  await expect(past).toBeHidden();
  await page.goBack();
  await expect(past).toBeVisible();
});

test("who may do what in sessions is said under Access, and how long they last under automation", async ({
  home: page,
  server,
  admin,
}) => {
  const ben = await server.person(admin, "ben of sessions", "member");
  const { id, name } = await server.credential(admin, {
    name: fresh("Granted"),
    username: "u",
    password: "p",
    site: { url: "https://www.example.org/" },
  });
  await server.grant(admin, id, ben, { token: true });
  await page.goto(`${server.address}/#/credentials/${id}?tab=access`);
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByRole("combobox", { name: `${ben.name} in sessions` }).selectOption("Interact");
  await dialog.getByRole("checkbox", { name: `${ben.name} can paste in sessions` }).check();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Save access" }).click();
  await expect(page.getByText("Access saved")).toBeVisible();
  const { items } = await server.call<{ items: unknown[] }>(admin, "GET", `/credentials/${id}/grants`);
  expect(items).toMatchObject([{ token: true, session: "interact", extras: { paste: true, copy: false } }]);

  await dialog.getByRole("tab", { name: "Site and automation" }).click();
  await dialog.getByRole("spinbutton", { name: "Idle minutes" }).fill("5");
  await dialog.getByRole("checkbox", { name: "Require a reason" }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Site and automation saved")).toBeVisible();
  expect(await server.call(admin, "GET", `/credentials/${id}/automation`)).toMatchObject({
    session: { idle_minutes: 5, longest_minutes: 120, reason: true },
  });

  // A reason is asked for where one is needed.
  await dialog.getByRole("tab", { name: "Sessions" }).click();
  await dialog.getByRole("button", { name: "Start session" }).click();
  const ask = page.getByRole("dialog", { name: `Start a session at ${name}?` });
  await expectAccessible(page);
  await ask.getByRole("button", { name: "Start session" }).click();
  await expect(ask.getByRole("textbox", { name: "Reason" })).toHaveAttribute("aria-invalid", "true");
});
