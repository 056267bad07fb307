import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { expect, expectAccessible, expectFits, fresh, test } from "./fixtures.ts";
import { totp } from "./totp.ts";

/** A seed that nothing in the vault has: an import knows what is there by the seed. */
const freshSeed = () => Array.from(randomBytes(32), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join("");

interface Account {
  key: string;
  name: string;
  issuer: string;
}

/** One of the QR codes of Google Authenticator's export: a protobuf message, written by hand. */
function migration(accounts: Account[], size: number, index: number, batch: number): string {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const number = (field: number, value: number) => [field << 3, ...varint(value)];
  const bytes = (field: number, content: Iterable<number>) => {
    const all = [...content];
    return [(field << 3) | 2, ...varint(all.length), ...all];
  };
  const text = (field: number, content: string) => bytes(field, Buffer.from(content));
  const payload = [
    ...accounts.flatMap((account) =>
      bytes(1, [
        ...bytes(1, Buffer.from(account.key)),
        ...text(2, account.name),
        ...text(3, account.issuer),
        ...number(4, 1),
        ...number(5, 1),
        ...number(6, 2),
      ]),
    ),
    ...number(2, 1),
    ...number(3, size),
    ...number(4, index),
    ...number(5, batch),
  ];
  return `otpauth-migration://offline?data=${encodeURIComponent(Buffer.from(payload).toString("base64"))}`;
}

const picture = (name: string, content: string) => ({
  name,
  mimeType: "image/png",
  buffer: execFileSync("qrencode", ["-o", "-", "-s", "6", content], { stdio: ["ignore", "pipe", "ignore"] }),
});
const base32 = (key: string) => execFileSync("base32", { input: key }).toString().trim();

test.beforeEach(async ({ home: page }) => {
  await page.getByRole("link", { name: "Import" }).first().click();
  await expect(page.getByRole("heading", { name: "Import" })).toBeVisible();
});

test("pasted lines: a preview with a state for each, then a result for each", async ({ page, server, admin }) => {
  const [first, second] = [fresh("Line one"), fresh("Line two")];
  const [seed, other] = [freshSeed(), freshSeed()];
  const line = (name: string, secret: string) =>
    `otpauth://totp/${encodeURIComponent(name)}:someone?secret=${secret}&issuer=${encodeURIComponent(name)}`;
  await page
    .getByLabel("Or paste otpauth:// URLs")
    .fill([line(first, seed), line(second, other), "otpauth://totp/Wrong?secret=JB1"].join("\n"));
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("2 new, 0 already stored, 1 refused.")).toBeVisible();
  await expect(page.getByRole("row", { name: "refused" })).toContainText(/"1"/);
  await expectAccessible(page);

  await page.getByRole("checkbox", { name: `Import ${second}` }).uncheck();
  await page.getByLabel("Tags for new credentials").fill("imported");
  await page.getByRole("button", { name: "Import 1 credential" }).click();
  await expect(page.getByText("1 created, 0 already stored, 1 refused, 1 skipped.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: first }).click();
  const dialog = page.getByRole("dialog", { name: first });
  await expect.poll(async () => (await dialog.locator("[data-token=large]").innerText()) === totp({ seed })).toBe(true);
  await expect(dialog.getByText("imported")).toBeVisible();

  // A second time: what is there is seen, and nothing is doubled.
  await page.goto(`${server.address}/#/import`);
  await page.getByLabel("Or paste otpauth:// URLs").fill(line(first, seed));
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("0 new, 1 already stored, 0 refused.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Import 0 credentials" })).toBeDisabled();
  const { total } = await server.call<{ total: number }>(
    admin,
    "GET",
    `/credentials?search=${encodeURIComponent(first)}`,
  );
  expect(total).toBe(1);
});

test("an authenticator's export in several pictures, in any order, missing parts named", async ({ page }) => {
  const [a, b, c] = [fresh("Export A"), fresh("Export B"), fresh("Export C")];
  const account = (name: string, key: string): Account => ({ key, name: `${name}:someone@example.org`, issuer: name });
  const parts = [a, b, c].map((name, i) =>
    picture(`part-${i + 1}.png`, migration([account(name, `key of account ${i + 1} long`)], 3, i, 77)),
  );
  const files = page.getByLabel("Files to import");
  await files.setInputFiles([parts[2], parts[0]].filter((part) => part !== undefined));
  await expect(page.getByText("2 new, 0 already stored, 0 refused.")).toBeVisible();
  await expect(page.getByText(/Missing: .*2.*3/)).toBeVisible();
  await expectAccessible(page);

  await files.setInputFiles([parts[1]].filter((part) => part !== undefined));
  await expect(page.getByText("3 new, 0 already stored, 0 refused.")).toBeVisible();
  await expect(page.getByText("Missing:")).toBeHidden();
  await page.getByRole("button", { name: "Import 3 credentials" }).click();
  await expect(page.getByText("3 created, 0 already stored, 0 refused, 0 skipped.")).toBeVisible();
  await page.getByRole("link", { name: b }).click();
  const dialog = page.getByRole("dialog", { name: b });
  await expect
    .poll(
      async () =>
        (await dialog.locator("[data-token=large]").innerText()) === totp({ seed: base32("key of account 2 long") }),
    )
    .toBe(true);
});

test("a file that is nothing of the kind is refused with words, and the others go on", async ({ page }) => {
  const name = fresh("Beside");
  await page.getByLabel("Files to import").setInputFiles([
    { name: "holiday.png", mimeType: "image/png", buffer: Buffer.from("not a picture at all") },
    {
      name: "codes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(`otpauth://totp/${encodeURIComponent(name)}?secret=${freshSeed()}\n`),
    },
  ]);
  await expect(page.getByText(/^1 new, 0 already stored, 1 refused\.$/)).toBeVisible();
  await expect(page.getByRole("row", { name: "holiday.png" })).toContainText("Refused");
});

test("a password manager's export brings passwords, sites and tags, and says what it leaves out", async ({
  page,
  server,
  admin,
}) => {
  const [shop, card] = [fresh("Harbour shop"), fresh("Harbour card")];
  const login = {
    username: "alice",
    password: "a long pass phrase",
    totp: null,
    uris: [{ uri: "https://harbour.example/" }],
  };
  const items = [
    { id: "1", folderId: "f", type: 1, name: shop, notes: "call first", login },
    { id: "2", type: 3, name: card, card: { number: "4111111111111111" } },
  ];
  const text = JSON.stringify({ encrypted: false, folders: [{ id: "f", name: "harbour" }], items });
  const file = { name: "bitwarden.json", mimeType: "application/json", buffer: Buffer.from(text) };
  await page.getByLabel("Files to import").setInputFiles([file]);
  await expect(page.getByText("1 new, 0 already stored, 0 refused.")).toBeVisible();
  const row = page.getByRole("row", { name: shop });
  await expect(row).toContainText("alice");
  await expect(row).toContainText("harbour.example");
  await expect(row).toContainText("Yes");
  await expect(page.getByText("Not imported: cards (1).")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Import 1 credential" }).click();
  await expect(page.getByText("1 created, 0 already stored, 0 refused, 0 skipped.")).toBeVisible();
  const found = await server.call<{ items: { id: string; tags: string[]; username: string }[] }>(
    admin,
    "GET",
    `/credentials?search=${encodeURIComponent(shop)}`,
  );
  expect(found.items.map(({ tags, username }) => [username, tags])).toEqual([["alice", ["harbour"]]]);
  const revealed = await server.call<{ password: string }>(
    admin,
    "POST",
    `/credentials/${found.items[0]?.id}/reveal`,
    {},
  );
  expect(revealed.password).toBe(login.password);
});

test("an encrypted export is opened by its password, and says when it is the wrong one", async ({ page }) => {
  const buffer = readFileSync(
    new URL("../../crates/transfer/tests/formats/samples/bitwarden-pbkdf2.json", import.meta.url),
  );
  await page
    .getByLabel("Files to import")
    .setInputFiles([{ name: "locked.json", mimeType: "application/json", buffer }]);
  const form = page.getByRole("form", { name: "Encrypted files" });
  const field = form.getByLabel("Password of locked.json");
  await expect(field).toBeVisible();
  await expectAccessible(page);
  await field.fill("something else");
  await form.getByRole("button", { name: "Open" }).click();
  await expect(form.getByText("This password does not open the file.")).toBeVisible();
  await field.fill("correct horse");
  await form.getByRole("button", { name: "Open" }).click();
  await expect(form).toBeHidden();
  await expect(page.getByText(/[1-9][0-9]* new/)).toBeVisible();
  await expectFits(page);
});

test("of a table that nobody knows one says which column holds what, leaves the notes out, and sees whom its tags reach", async ({
  page,
  server,
  admin,
}) => {
  const name = fresh("Jetty");
  const tag = fresh("granted");
  const ben = await server.person(admin, fresh("ben"), "member");
  await server.call(admin, "POST", "/grants", { user: ben.id, tag, permissions: { token: true } });
  const lines = ["Alpha,Beta,Gamma,Delta,Epsilon", `${name},keeper,a long pass phrase,the door sticks,${tag}`];
  const file = { name: "team.csv", mimeType: "text/csv", buffer: Buffer.from(`${lines.join("\n")}\n`) };
  await page.getByLabel("Files to import").setInputFiles([file]);
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview.getByText("Choose what each column contains")).toBeVisible();
  await expectAccessible(page);
  for (const [field, column] of [
    ["Name", "Alpha"],
    ["User name", "Beta"],
    ["Password", "Gamma"],
    ["Notes", "Delta"],
    ["Tags", "Epsilon"],
  ] as const)
    await preview.getByLabel(field, { exact: true }).selectOption(column);
  await expect(preview.getByText("1 new, 0 already stored, 0 refused.")).toBeVisible();
  const row = preview.getByRole("row", { name });
  await expect(row).toContainText("keeper");
  await expect(row).toContainText("Yes");
  await expect(
    preview.getByText(`Everyone with a grant on the tag “${tag}” gets access to what is imported`),
  ).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  await preview.getByRole("checkbox", { name: "Do not import notes" }).check();
  await preview.getByRole("button", { name: "Import 1 credential" }).click();
  await expect(page.getByText("1 created, 0 already stored, 0 refused, 0 skipped.")).toBeVisible();
  const found = await server.call<{ items: { id: string }[] }>(
    admin,
    "GET",
    `/credentials?search=${encodeURIComponent(name)}`,
  );
  const made = await server.call<{ username: string; notes: string; tags: string[] }>(
    admin,
    "GET",
    `/credentials/${found.items[0]?.id}`,
  );
  expect([made.username, made.notes, made.tags]).toEqual(["keeper", "", [tag]]);
});

test("what a credential lacks is added to it, unless it is left out", async ({ page, server, admin }) => {
  const name = fresh("Slipway");
  const { id } = await server.credential(admin, { name, username: "keeper", password: "a long pass phrase" });
  const line = `otpauth://totp/${encodeURIComponent(name)}:keeper?secret=${freshSeed()}&issuer=${encodeURIComponent(name)}`;
  await page.getByLabel("Or paste otpauth:// URLs").fill(line);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("0 new, 1 addition, 0 already stored, 0 refused.")).toBeVisible();
  await expect(page.getByRole("row", { name: "Addition" })).toContainText(`Adds its setup key to "${name}"`);
  await expectAccessible(page);
  const box = page.getByRole("checkbox", { name: /^Import / });
  await box.uncheck();
  await expect(page.getByRole("button", { name: "Import 0 credentials" })).toBeDisabled();
  await box.check();
  await page.getByRole("button", { name: "Add to 1 credential" }).click();
  await expect(page.getByText("0 created, 1 added, 0 already stored, 0 refused, 0 skipped.")).toBeVisible();
  await expectAccessible(page);
  const stored = await server.call<{ second_factor: unknown }>(admin, "GET", `/credentials/${id}`);
  expect(stored.second_factor).not.toBeNull();
});
