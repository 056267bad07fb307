// What becomes of a secret that was filled in when its form is sent, and of pages that give nobody else a turn.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { FIRST } from "./at-practice.ts";
import { FORM, pageWith, pass, test, user } from "./extended.ts";
import { expect } from "./fixtures.ts";

const OPEN = FORM.replace('method="post" action="/login"', "");
const DONE = "User name and password filled in.";

/** Which addresses the page was sent to. */
function asked(page: Page): string[] {
  const all: string[] = [];
  page.on("request", (request) => all.push(request.url()));
  return all;
}

test("stops a form that would put a password into an address, and leaves those of scripts alone", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Sent");
  await extended.pair(server, admin);
  const open = `document.querySelector("x-host").attachShadow({ mode: "open" }).innerHTML = ${JSON.stringify(OPEN)}`;
  // `then`: what a script of the page does when it has been filled in.
  const stopped: { path: string; body: string; then?: string; why: string }[] = [
    { path: "open", body: OPEN, why: "into the address of the next page" },
    { path: "shadow", body: `<x-host></x-host><script>${open}</script>`, why: "into the address of the next page" },
    { path: "get", body: FORM, then: 'pass.form.method = "get"', why: "into the address of the next page" },
    { path: "away", body: FORM, then: 'pass.form.action = "http://localhost:1/"', why: "another site" },
  ];
  for (const { path, body, then, why } of stopped) {
    const page = await pageWith(extended, practice.site, body, path);
    expect.soft(await extended.fill(page, shop.name), path).toBe(DONE);
    if (then) await page.evaluate(then);
    const addresses = asked(page);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect.poll(async () => (await extended.sign(page)).title, path).toContain(why);
    expect.soft(addresses, path).toEqual([]);
    expect.soft(page.url(), path).toBe(new URL(path, practice.site).href);
    await page.close();
  }
  const script =
    'document.forms[0].onsubmit = (event) => { event.preventDefault(); document.title = "Sent: " + pass.value; }';
  const taken = await pageWith(extended, practice.site, `${OPEN}<script>${script}</script>`, "taken");
  expect(await extended.fill(taken, shop.name)).toBe(DONE);
  await pass(taken).press("Enter");
  await expect(taken).toHaveTitle(`Sent: ${FIRST}`);
  expect((await extended.sign(taken)).text).toBe("");
  // What its person typed is theirs to send.
  const typed = await pageWith(extended, practice.site, OPEN, "typed");
  await pass(typed).fill("typed by hand");
  const sent = typed.waitForRequest(/pass=typed/);
  await pass(typed).press("Enter");
  await sent;
});

test("waits for no page without end, and types nothing when it is too late", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(120_000);
  const shop = await account("Stuck");
  await extended.pair(server, admin);
  const busy = "const end = Date.now() + 18000; while (Date.now() < end);";
  const cases = [
    { path: "before", body: FORM, begins: busy, why: "this page does not answer:", taken: 0 },
    {
      path: "while",
      body: `${FORM}<script>user.oninput = () => { ${busy} }</script>`,
      begins: "",
      why: "this page does not answer any more",
      taken: 1,
    },
  ];
  for (const { path, body, begins, why, taken } of cases) {
    const page = await pageWith(extended, practice.site, body, path);
    const popup = await extended.popup(page);
    const row = popup.getByRole("button", { name: shop.name });
    await expect(row).toBeVisible();
    const turn = page.evaluate(begins);
    await row.click();
    await expect(popup.getByRole("status")).toContainText(why, { timeout: 20_000 });
    await expect(row).toBeEnabled();
    await popup.close();
    // When others have their turn again, nothing more is typed.
    await turn;
    await expect(user(page)).toHaveValue(taken ? shop.user : "", { timeout: 40_000 });
    await expect(pass(page)).toHaveValue("");
    expect(await server.records(admin, shop.id, "password.revealed")).toBe(taken);
    await page.close();
  }
});

test("fills in a page that never rests", async ({ extended, server, admin, practice, account }) => {
  const shop = await account("Restless");
  await extended.pair(server, admin);
  const flood = `
    const add = () => { for (let n = 0; n < 100; n++) document.body.append(document.createElement("i")); };
    new MutationObserver(() => { if (document.body.childElementCount < 300) add(); }).observe(document.body, { childList: true });
    setInterval(() => { document.body.querySelectorAll("i").forEach((one) => one.remove()); }, 50);
    for (const kind of ["input", "focus", "change", "keyup"]) addEventListener(kind, add, true);
    add();`;
  const page = await pageWith(extended, practice.site, `${FORM}<script>${flood}</script>`, "restless");
  expect(await extended.fill(page, shop.name)).toBe(DONE);
  await expect(pass(page)).toHaveValue(FIRST);
});

test("fills in the page in front, and none that waits behind it", async ({ extended, server, admin }) => {
  const rules = `<script type="speculationrules">{"prerender":[{"source":"list","urls":["/behind"]}]}</script>`;
  let behind = false;
  const web = createServer((question, answer) => {
    if (question.url === "/behind") behind = true;
    answer.writeHead(200, {
      "Content-Type": "text/html",
      ...(question.url === "/sandbox" ? { "Content-Security-Policy": "sandbox allow-forms allow-scripts" } : {}),
    });
    answer.end(`<!doctype html>${question.url === "/" ? rules : ""}${FORM}<a href="/behind">Behind</a>`);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const site = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
  const name = "Behind";
  await server.credential(admin, { name, username: "ana", password: FIRST, site: { url: site } });
  await extended.pair(server, admin);
  const page = await extended.context.newPage();
  await page.goto(site);
  await expect.poll(() => behind).toBe(true);
  expect(await extended.fill(page, name)).toBe(DONE);
  await expect(pass(page)).toHaveValue(FIRST);
  await page.getByRole("link", { name: "Behind" }).click();
  await expect(page).toHaveURL(/behind$/);
  await expect(pass(page)).toHaveValue("");
  // A page that its server has put into a box of its own belongs to no site.
  await page.goto(`${site}sandbox`);
  expect(await extended.fill(page, name)).toBe("There is nothing to fill in on this page.");
  await expect(pass(page)).toHaveValue("");
  web.closeAllConnections();
  web.close();
});

test("says what it waits for while its server takes its time", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Patient");
  await extended.pair(server, admin);
  const page = await pageWith(extended, practice.site, FORM, "patient");
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  await extended.context.route(/\/api\/v1\/fill\?/, async (route) => {
    await asked;
    await route.continue();
  });
  const popup = await extended.popup(page);
  await expect(popup.getByRole("status")).toHaveText("Asking Countersign…");
  answer();
  await popup.getByRole("button", { name: shop.name }).click();
  await expect(popup.getByRole("status")).toHaveText(DONE);
});
