// For which pages the extension offers a credential, and what becomes of it when the page is another one meanwhile.
import { FIRST } from "./at-practice.ts";
import { FORM, pageWith, pass, test, user } from "./extended.ts";
import { expect } from "./fixtures.ts";

test.use({ sites: ["<all_urls>"] });

const html = { contentType: "text/html", body: `<!doctype html>${FORM}` };

test("offers a credential at its own origin, and at none that looks like it", async ({ extended, server, admin }) => {
  const name = '<img src=x onerror="document.title=1"> & co';
  const site = { url: "https://login.example.test/" };
  await server.credential(admin, { name, username: "<b>ana</b>", password: FIRST, site });
  await server.credential(admin, { name: "שלום second", username: "אנה", password: FIRST, site });
  await extended.pair(server, admin);
  const { context } = extended;
  await context.route(
    ({ hostname }) => /\.test\.?$/.test(hostname),
    (route) => route.fulfill(html),
  );
  const page = await context.newPage();
  for (const [address, rows] of [
    ["https://login.example.test/", 2],
    ["https://login.example.test:443/other", 2],
    ["https://somebody:else@login.example.test/", 2],
    ["https://evil.login.example.test/", 0],
    ["https://login.example.test:8443/", 0],
    ["http://login.example.test/", 0],
    ["https://login.example.test./", 0],
    ["https://example.test/", 0],
    ["https://www.login.example.test/", 0],
    ["https://login.example.test.evil.test/", 0],
    ["https://login.еxample.test/", 0],
    ["https://login.example.test@evil.test/", 0],
    ["about:blank", 0],
    ["data:text/html,<input type=password>", 0],
  ] as const) {
    await page.goto(address);
    const popup = await extended.popup(page);
    await expect(popup.getByRole("status")).toHaveText(/credential for|^For|belongs to no site/);
    await expect.soft(popup.getByRole("listitem"), address).toHaveCount(rows);
    await popup.close();
  }
  // A name is a text, whatever is written in it.
  await page.goto(site.url);
  const popup = await extended.popup(page);
  await expect(popup.getByRole("button", { name })).toContainText("<b>ana</b>");
  await expect(popup.getByRole("img")).toHaveCount(0);
});

test("types what was asked for one page into no other", async ({ extended, server, admin, practice, account }) => {
  const shop = await account("Slow");
  await extended.pair(server, admin);
  const other = practice.site.replace("127.0.0.1", "localhost");
  await extended.context.route(/\/(second|elsewhere)$/, (route) => route.fulfill(html));
  for (const [place, next] of [new URL("elsewhere", other).href, new URL("second", practice.site).href].entries()) {
    const page = await pageWith(extended, practice.site, FORM, `first-${place}`);
    const popup = await extended.popup(page);
    // The answer comes when the page has gone.
    await popup.route(/\/api\/v1\/fill\//, async (route) => {
      await page.goto(next);
      await route.continue();
    });
    await popup.getByRole("button", { name: shop.name }).click();
    await expect(popup.getByRole("status")).toContainText("the page has changed meanwhile");
    await expect(user(page)).toHaveValue("");
    await expect(pass(page)).toHaveValue("");
    await popup.close();
    // Nor when it comes back from the browser's memory, as it was.
    await page.goBack();
    await expect(pass(page)).toHaveValue("");
    await page.close();
  }
});

test("fills in nothing that is at no address of the site, whoever made it", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Nowhere");
  await extended.pair(server, admin);
  const form = JSON.stringify(FORM).replaceAll("</", "<\\/");
  const body = `<button id="written">A</button><button id="blob">B</button><script>
    written.onclick = () => { const other = open("about:blank"); other.document.write(${form}); other.document.close(); };
    blob.onclick = () => open(URL.createObjectURL(new Blob(["<!doctype html>" + ${form}], { type: "text/html" })));</script>`;
  const opener = await pageWith(extended, practice.site, body, "opener");
  for (const way of ["#written", "#blob"]) {
    const opened = extended.context.waitForEvent("page");
    await opener.locator(way).click();
    const page = await opened;
    await expect(pass(page)).toBeVisible();
    const popup = await extended.popup(page);
    await expect.soft(popup.getByRole("status"), way).toHaveText("This page belongs to no site.");
    await popup.close();
    await page.close();
  }
  // A page that did not come, in whose place stands one of the browser's own.
  const page = await extended.context.newPage();
  await extended.context.route(/\/never$/, (route) => route.abort());
  await page.goto(new URL("never", practice.site).href).catch(() => undefined);
  const popup = await extended.popup(page);
  const row = popup.getByRole("button", { name: shop.name });
  const status = popup.getByRole("status");
  await expect(status).toHaveText(/^For|belongs to no site/);
  if (await row.isVisible()) await row.click();
  await expect(status).toHaveText(/lets no extension into this page|belongs to no site|nothing to fill in/);
  expect(await server.records(admin, shop.id, "password.revealed")).toBe(0);
});
