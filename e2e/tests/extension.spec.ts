// The browser extension in a real browser: paired with a server, at the practice site and at pages that want what is not theirs.
import { FIRST, type Account } from "./at-practice.ts";
import { FORM, pageWith, pass, signInPage, test, user } from "./extended.ts";
import { expect } from "./fixtures.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

test("signs in with name, password and token, each at a press", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Practice", SEED);
  await extended.pair(server, admin);
  const page = await signInPage(extended, practice.site);
  expect(await extended.fill(page, shop.name)).toBe("User name and password filled in.");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.locator("input[type=password]")).toHaveCount(0);
  expect(await extended.fill(page, shop.name)).toBe("Token filled in.");
  await page.locator("button[type=submit], form button").first().click();
  await expect(page.getByRole("link", { name: "Sign out" })).toBeVisible();
  expect(await server.records(admin, shop.id, "password.revealed")).toBe(1);
  expect(await server.records(admin, shop.id, "token.read")).toBe(1);
});

const ways: [string, unknown, string[]][] = [
  ["two steps", { sign_in: { steps: "two" } }, ["User name filled in.", "Password filled in.", "Token filled in."]],
  ["a box for each digit", { sign_in: { boxes: true } }, ["User name and password filled in.", "Token filled in."]],
  ["shadow trees", { look: { shadow: "open" } }, ["User name and password filled in.", "Token filled in."]],
  ["one form for all", { sign_in: { token: "same_form" } }, ["User name, password and token filled in."]],
];
for (const [what, hurdles, said] of ways) {
  test(`fills in ${what}`, async ({ extended, server, admin, practice, account }) => {
    const shop = await account("Ways", SEED);
    await practice.hurdles(null, hurdles);
    await extended.pair(server, admin);
    const page = await signInPage(extended, practice.site);
    for (const step of said) {
      expect(await extended.fill(page, shop.name)).toBe(step);
      const before = page.url();
      await page.locator("form button:not([type=button])").first().click();
      await page.waitForFunction((url) => location.href !== url || document.readyState === "complete", before);
    }
    await expect(page.getByRole("link", { name: "Sign out" })).toBeVisible();
    await practice.hurdles(null, { look: null, sign_in: null });
  });
}

test.describe("at pages that want what is not theirs", () => {
  let shop: Account;

  test.beforeEach(async ({ extended, server, admin, account }) => {
    shop = await account("Kept", SEED);
    await extended.pair(server, admin);
  });

  test("offers nothing at another origin", async ({ extended, practice }) => {
    const other = practice.site.replace("127.0.0.1", "localhost");
    const page = await pageWith(extended, other, FORM);
    const popup = await extended.popup(page);
    await expect(popup.getByRole("status")).toContainText("There is no credential for http://localhost");
    await expect(popup.getByRole("listitem")).toHaveCount(0);
    await expect(pass(page)).toHaveValue("");
  });

  test("fills in frames of its own origin, and in no other", async ({ extended, practice, server, admin }) => {
    const other = new URL("inner", practice.site.replace("127.0.0.1", "localhost")).href;
    const frame = (src: string) => `<p>Welcome</p><iframe src="${src}" width="600" height="400"></iframe>`;
    await extended.context.route(/\/inner$/, (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html>${FORM}` }),
    );
    const foreign = await pageWith(extended, practice.site, frame(other), "around-foreign");
    await expect(pass(foreign.frameLocator("iframe"))).toBeVisible();
    expect(await extended.fill(foreign, shop.name)).toBe("There is nothing to fill in on this page.");
    await expect(foreign.frameLocator("iframe").locator("#pass")).toHaveValue("");
    const sandboxed = await pageWith(
      extended,
      practice.site,
      frame("/inner").replace("<iframe", '<iframe sandbox="allow-scripts allow-forms"'),
      "around-sandboxed",
    );
    expect(await extended.fill(sandboxed, shop.name)).toBe("There is nothing to fill in on this page.");
    await expect(sandboxed.frameLocator("iframe").locator("#pass")).toHaveValue("");
    const faint = await pageWith(extended, practice.site, `<div style="opacity:.05">${frame("/inner")}</div>`, "faint");
    expect(await extended.fill(faint, shop.name)).toContain("Password not filled in: its frame cannot be seen there.");
    expect(await server.records(admin, shop.id, "password.revealed")).toBe(0);
    const own = await pageWith(extended, practice.site, frame("/inner"), "around-own");
    expect(await extended.fill(own, shop.name)).toBe("User name and password filled in.");
    await expect(own.frameLocator("iframe").locator("#pass")).toHaveValue(FIRST);
  });

  const hidden: [string, string, string][] = [
    [
      "covered",
      `${FORM}<style>#cover{position:fixed;inset:0;background:#fff}</style><div id="cover">Hello</div>`,
      "something lies over it",
    ],
    ["covered by what is seen through", `${FORM}<div style="position:fixed;inset:0"></div>`, "something lies over it"],
    ["transparent", `<div style="opacity:.3">${FORM}</div>`, "it is transparent"],
    ["filtered away", `<div style="filter:opacity(0.01)">${FORM}</div>`, "it is transparent"],
    [
      "tiny",
      `${FORM}<style>#pass,#user{width:8px;height:8px;padding:0;border:1px solid}</style>`,
      "it is too small to be seen",
    ],
    [
      "sent elsewhere",
      FORM.replace('action="/login"', 'action="https://evil.example/"'),
      "its form is sent to another site",
    ],
    [
      "sent elsewhere by its button",
      FORM.replace("<button>", '<button formaction="https://evil.example/">'),
      "its form is sent to another site",
    ],
    ["read in the open", FORM.replace('type="password"', 'type="text" name="password"'), "it is no password field"],
  ];
  for (const [what, body, why] of hidden) {
    test(`types no password into what is ${what}`, async ({ extended, practice }) => {
      const page = await pageWith(extended, practice.site, body);
      expect(await extended.fill(page, shop.name)).toContain(`Password not filled in: ${why}`);
      await expect(pass(page)).toHaveValue("");
    });
  }

  test("fills in only what a person sees, whatever stands beside", async ({ extended, practice }) => {
    const decoys = [
      "display:none",
      "opacity:0",
      "position:absolute;left:-999px",
      "width:1px;height:1px;padding:0;border:0",
    ].map((style, place) => `<input type="password" class="decoy" name="p${place}" style="${style}">`);
    const body = FORM.replace("<label>Password", `${decoys.join("")}<label>Password`);
    const page = await pageWith(extended, practice.site, body);
    expect(await extended.fill(page, shop.name)).toBe("User name and password filled in.");
    await expect(pass(page)).toHaveValue(FIRST);
    await expect(user(page)).toHaveValue(shop.user);
    expect(
      await page.locator(".decoy").evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
    ).toEqual(["", "", "", ""]);
  });

  test("puts nothing into a page before it is pressed, and no interface of its own", async ({ extended, practice }) => {
    const page = await pageWith(extended, practice.site, FORM);
    const popup = await extended.popup(page);
    await expect(popup.getByRole("button", { name: shop.name })).toBeVisible();
    await expect(user(page)).toHaveValue("");
    const before = await page.evaluate(() => document.querySelectorAll("*").length);
    await popup.close();
    await extended.fill(page, shop.name);
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBe(before);
    expect(await page.evaluate(() => "countersignTools" in globalThis)).toBe(false);
  });
});

test("asks for the reason that access wants, and ends when it is removed", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Reasoned", SEED);
  const bob = await server.person(admin, `bob-${process.pid}`, "member");
  await server.call(admin, "POST", "/grants", {
    user: bob.id,
    credential: shop.id,
    permissions: { token: true, reveal: true },
    conditions: { reason: true },
  });
  const device = await extended.pair(server, bob);
  const page = await pageWith(extended, practice.site, FORM);
  const popup = await extended.popup(page);
  await popup.getByRole("button", { name: shop.name }).click();
  await popup.getByLabel("Reason").fill("month-end ü");
  await popup.getByRole("button", { name: "Fill in" }).click();
  await expect(popup.getByRole("status")).toHaveText("User name and password filled in.");
  await expect(pass(page)).toHaveValue(FIRST);
  await server.call(admin, "DELETE", `/users/${bob.id}/devices/${device.id}`);
  await page.reload();
  await popup.getByRole("button", { name: shop.name }).click();
  await expect(popup.getByRole("status")).toContainText("not paired, or not any more");
  await expect(pass(page)).toHaveValue("");
});
