import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, expectAccessible, fresh, test } from "./fixtures.ts";

/** A receiver of the test's own: what it was sent, and what it answers. */
async function receiver(answer: () => number): Promise<{ port: number; bodies: string[]; server: HttpServer }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const status = answer();
      if (status < 300) bodies.push(body);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { port: (server.address() as AddressInfo).port, bodies, server };
}

test("a destination is added, tried, seen to fail and to catch up, and removed", async ({
  home: page,
  admin,
  server,
}) => {
  let status = 200;
  const { port, bodies, server: http } = await receiver(() => status);
  const name = fresh("SIEM");
  await page.goto(`${server.address}/#/audit/destinations`);
  await page.getByRole("button", { name: "Add destination" }).click();
  const dialog = page.getByRole("dialog", { name: "Add destination" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Kind").selectOption("Webhook");
  await dialog.getByLabel("URL").fill("http://siem.example.com/");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(dialog.getByText(/in the clear/)).toBeVisible();
  await dialog.getByLabel("URL").fill(`http://127.0.0.1:${port}/hook`);
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(page.getByLabel("Signing secret", { exact: true })).toHaveText(/^csw_/);
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Up to date");
  await expect(row).not.toContainText("/hook");
  await expectAccessible(page);

  const act = async (what: string) => {
    await row.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: what }).click();
  };
  await act("Send test record");
  await expect(page.getByText("The receiver has taken the test record.")).toBeVisible();
  status = 503;
  await act("Send test record");
  await expect(page.getByText(/The receiver answered 503/).first()).toBeVisible();
  await expect(row).toContainText("Failing");
  await expect(row).toContainText("behind");
  await expectAccessible(page);
  status = 200;
  // What it missed comes by itself, in the order of the log.
  await expect(row).toContainText("Up to date", { timeout: 30_000 });
  const numbers = bodies.flatMap((body) =>
    (JSON.parse(body) as { lines: { seq?: number }[] }).lines.flatMap((line) => line.seq ?? []),
  );
  const sent = numbers.filter((number) => number > 0);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(new Set(sent).size).toBe(sent.length);

  await act("Pause");
  await expect(row).toContainText("Paused");
  await act("Remove");
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
  const log = await server.call<{ items: { act: string }[] }>(admin, "GET", `/audit/records?search=${name}`);
  expect(log.items.map((record) => record.act).reverse()).toEqual([
    "sink.created",
    "sink.tested",
    "sink.tested",
    "sink.paused",
    "sink.removed",
  ]);
  http.close();
});

test("a filter of the audit log is kept, gone to and forgotten", async ({ home: page, server }) => {
  const name = fresh("Sign-ins");
  await page.goto(`${server.address}/#/audit?act=user.signed_in`);
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  const view = page.getByRole("button", { name, exact: true });
  await expect(view).toHaveAttribute("aria-pressed", "true");
  await expectAccessible(page);
  await page.goto(`${server.address}/#/audit`);
  await page.reload();
  await view.click();
  await expect(page).toHaveURL(/act=user\.signed_in/);
  await page.getByRole("button", { name: `Remove the view ${name}` }).click();
  await expect(view).toHaveCount(0);
});

test("a bundle for an auditor is downloaded", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/audit/verify`);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Create bundle" }).click();
  expect((await downloading).suggestedFilename()).toBe("countersign-bundle.zip");
  await expectAccessible(page);
});
