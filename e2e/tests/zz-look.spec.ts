import { expect, signIn, test } from "./fixtures.ts";
import { TestProvider } from "./provider.ts";

test("look", async ({ browser, server, admin }) => {
  test.setTimeout(240_000);
  const provider = await TestProvider.start(server.address);
  const ops = await server.call<{ id: string }>(admin, "POST", "/groups", { name: "Operations" });
  await server.call(admin, "PUT", "/provider", {
    name: "Example",
    issuer: provider.issuer,
    client_id: "countersign",
    client_secret: "x",
    address: server.address,
    scopes: ["profile", "groups"],
    match_by: "username",
    groups_claim: "groups",
    groups: [{ value: "cn=operations,ou=groups,dc=example,dc=com", group: ops.id }],
  });
  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 760 } });
      const page = await context.newPage();
      const shot = (name: string) => page.screenshot({ path: `/tmp/oidc_shots/${name}-${theme}-${width}.png`, fullPage: true });
      await page.goto(`${server.address}/`);
      await expect(page.getByRole("button", { name: "Sign in with Example" })).toBeVisible();
      await shot("signin");
      await page.goto(`${server.address}/#/provider/refused/name_taken`);
      await expect(page.getByRole("alert")).toBeVisible();
      await shot("refused");
      await signIn(context, server, admin);
      await page.goto(`${server.address}/#/settings/provider`);
      await page.reload();
      await expect(page.getByLabel("Issuer")).toHaveValue(provider.issuer);
      await page.getByRole("button", { name: "Test" }).click();
      await expect(page.getByText("It can be used.")).toBeVisible();
      await shot("settings");
      await page.goto(`${server.address}/#/settings/account`);
      await expect(page.getByText("Not connected")).toBeVisible();
      await shot("account");
      await context.close();
    }
  }
  await provider.stop();
});
