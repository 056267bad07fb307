import { readFileSync } from "node:fs";
import { expect, expectAccessible, expectFits, fresh, SEED, signIn, test } from "./fixtures.ts";

test("credentials leave as another program's file, for administrators alone", async ({ home: page, server, admin }) => {
  const tag = fresh("leaving");
  const name = fresh("Leaves");
  const made = { name, username: "alice", password: "correct horse battery", totp: { secret: SEED }, tags: [tag] };
  await server.credential(admin, made);
  await page.getByRole("link", { name: "Export", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Export", level: 1 })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await page.getByLabel("Credentials", { exact: true }).selectOption("Those with a tag");
  await page.getByLabel("Tag", { exact: true }).fill(`${tag} and nothing`);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await expect(page.getByText(/nothing has this tag/)).toBeVisible();
  await page.getByLabel("Tag", { exact: true }).fill(tag);
  await page.getByLabel("Reason").fill("we move on");
  const answered = page.waitForResponse((response) => response.url().endsWith("/api/v1/export") && response.ok());
  await page.getByRole("button", { name: "Export", exact: true }).click();
  expect(await (await answered).text(), "sealed on its way").not.toContain("correct horse");
  await expect(page.getByText("1 credential exported.")).toBeVisible();
  await expectAccessible(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save countersign-bitwarden.json" }).click();
  const file = await saving;
  const written = JSON.parse(readFileSync(await file.path(), "utf8")) as { items: { name: string; login: object }[] };
  expect(written.items).toHaveLength(1);
  expect(written.items[0]).toMatchObject({ name, login: { username: "alice", password: "correct horse battery" } });

  const { items } = await server.call<{ items: { act: string; reason: string }[] }>(
    admin,
    "GET",
    `/audit/records?search=${encodeURIComponent(name)}`,
  );
  expect(items[0]).toMatchObject({ act: "credential.exported", reason: "we move on" });
});

test("a manager has no export", async ({ server, admin, context, page }) => {
  const manager = await server.person(admin, fresh("no-export"), "manager");
  await expect(
    server.call(manager, "POST", "/export", { format: "csv", all: true, recipient: "BA==" }),
  ).rejects.toThrow();
  await signIn(context, server, manager);
  await page.goto(`${server.address}/`);
  await expect(page.getByRole("link", { name: "Import", exact: true }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Export", exact: true })).toHaveCount(0);
});
