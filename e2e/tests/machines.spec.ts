// Accounts of programs, and users whom an identity provider brings.
import { expect, expectAccessible, fresh, test, useWeb } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";

test("a service account gets a secret once, is granted something, and is out when it is disabled", async ({
  home: page,
  server,
  admin,
}) => {
  const [name, account] = [fresh("Shop"), fresh("deploy")];
  const { id } = await server.credential(admin, { name, totp: { secret: "JBSWY3DPEHPK3PXP" } });
  await page.goto(`${server.address}/#/settings/service-accounts`);
  await page.getByRole("button", { name: "New service account" }).click();
  await page.getByLabel("Name", { exact: true }).fill(account);
  await page.getByLabel("Description").fill("Deploys the shop");
  await page.getByLabel("Only for").fill(`credential:${name}`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: `Secret for ${account}` });
  const client = await shown.getByLabel("Client ID", { exact: true }).innerText();
  const secret = await shown.getByLabel("Client secret", { exact: true }).innerText();
  expect(secret).toMatch(/^cc_/);
  await expectAccessible(page);
  await shown.getByRole("button", { name: "Done" }).click();
  expect(await page.content()).not.toContain(secret);

  // Granted in the form for people, where it is told from them.
  await page.goto(`${server.address}/#/credentials/${id}?tab=access`);
  await page.getByRole("button", { name: "Grant access" }).click();
  await page.getByLabel("To", { exact: true }).selectOption(`${account} (service account)`);
  await page.getByRole("dialog").last().getByLabel("Use the token").check();
  await page.getByRole("dialog").last().getByRole("button", { name: "Grant access", exact: true }).click();
  await page.getByRole("button", { name: "Show who can use this" }).click();
  await expect(page.getByRole("region", { name: "Who can", exact: true })).toContainText(`${account} Service account`);

  const issue = async () =>
    fetch(`${server.address}/api/v1/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${client}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "token" }),
    });
  const answer = await issue();
  expect(answer.status).toBe(200);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const read = () =>
    fetch(`${server.address}/api/v1/credentials/${id}/token`, { headers: { Authorization: `Bearer ${token}` } }).then(
      ({ status }) => status,
    );
  expect(await read()).toBe(200);
  await page.goto(`${server.address}/#/settings/service-accounts`);
  const row = page.getByRole("row", { name: account });
  await row.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(row).toContainText("Disabled");
  expect(await read()).toBe(401);
  expect((await issue()).status).toBe(401);
});

test("a service account trusts the jobs of a CI system, as far as its subject says, until that is removed", async ({
  home: page,
  server,
}) => {
  const account = fresh("pipeline");
  await page.goto(`${server.address}/#/settings/service-accounts`);
  await page.getByRole("button", { name: "New service account" }).click();
  await page.getByLabel("Name", { exact: true }).fill(account);
  await page.getByRole("button", { name: "Create" }).click();
  await page
    .getByRole("dialog", { name: `Secret for ${account}` })
    .getByRole("button", { name: "Done" })
    .click();
  await page.getByRole("row", { name: account }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Federated identities" }).click();
  const dialog = page.getByRole("dialog", { name: `Federated identities of ${account}` });
  await expect(dialog).toContainText("No federated identities.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Add federated identity" }).click();
  const form = page.getByRole("dialog", { name: "Add federated identity" });
  await expect(form.getByLabel("Audience")).toHaveValue(server.address);
  await form.getByLabel("Issuer").fill("https://token.actions.githubusercontent.com");
  await form.getByLabel("Subject").fill("repo:*");
  await form.getByLabel("Further claims").fill("repository_id=74\nref_protected = true");
  await form.getByRole("button", { name: "Add" }).click();
  await expect(form).toContainText("Matches too much");
  await expectAccessible(page);
  await form.getByLabel("Subject").fill("repo:acme/site:*");
  await form.getByRole("button", { name: "Add" }).click();
  const row = dialog.getByRole("row", { name: "repo:acme/site:*" });
  await expect(row).toContainText("repository_id=74");
  await expect(row).toContainText("ref_protected=true");
  await expect(row).toContainText("Never");
  await expectAccessible(page);
  await row.getByRole("button", { name: "Remove" }).click();
  await page
    .getByRole("dialog", { name: "Remove this federated identity?" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(dialog).toContainText("No federated identities.");
});

test("a provider brings somebody who signs in, and whose open page is out within a second", async ({
  home: page,
  browser,
  server,
}) => {
  await page.goto(`${server.address}/#/settings/provisioning`);
  await page.getByRole("button", { name: /^(Create|Rotate) token$/ }).click();
  await page.getByRole("button", { name: "Create token" }).last().click();
  const shown = page.getByRole("dialog", { name: "Provisioning token" });
  const token = await shown.getByLabel("Provisioning token", { exact: true }).innerText();
  await shown.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Connected")).toBeVisible();
  const scim = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${server.address}/scim/v2/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" },
      body: JSON.stringify(body),
    });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as { id: string };
  };
  const name = fresh("ana");
  const { id } = await scim("POST", "Users", { userName: name, active: true });

  await page.goto(`${server.address}/#/settings/users`);
  const row = page.getByRole("row", { name });
  await expect(row).toContainText("Provisioned");
  await row.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Set-up link" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create link" }).click();
  const link = await page.getByRole("dialog").locator("output").innerText();

  const own = await browser.newContext();
  await useWeb(own);
  const theirs = await own.newPage();
  await theirs.goto(link);
  await theirs.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await theirs.getByRole("button", { name: "Save password" }).click();
  await expect(theirs.getByText(`Sign in as ${name}`)).toBeVisible();
  await theirs.goto(`${server.address}/`);
  await theirs.getByLabel("Name").fill(name);
  await theirs.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  const me = () => theirs.evaluate(() => fetch("api/v1/me").then(({ status }) => status));
  await expect.poll(me).toBe(200);

  await scim("PATCH", `Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "Replace", path: "active", value: "False" }],
  });
  const out = Date.now();
  await expect.poll(me, { intervals: [50] }).toBe(401);
  expect(Date.now() - out).toBeLessThan(1_000);
  await own.close();
});
