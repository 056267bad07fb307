import { expect, expectAccessible, fresh, test } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";

test("a group is made, gets access with conditions, and loses it again", async ({ home: page, server, admin }) => {
  const call = (method: string, path: string, body: unknown) =>
    fetch(`${server.address}/api/v1${path}`, {
      method,
      headers: {
        Cookie: `countersign_session=${admin.session}`,
        "Content-Type": "application/json",
        Origin: server.address,
      },
      body: JSON.stringify(body),
    }).then((answer) => answer.json() as Promise<{ id: string }>);
  const [user, group, tag] = [fresh("berta"), fresh("Marketing"), fresh("social")];
  await call("POST", "/users", { name: user, role: "member", password: PASSWORD });
  const site = { url: "https://login.example.org/" };
  const made = await call("POST", "/credentials", { name: fresh("Portal"), username: "team", tags: [tag], site });

  await page.goto(`${server.address}/#/settings/groups`);
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByLabel("Group name").fill(group);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create" }).click();
  const members = page.getByRole("dialog", { name: `Members of ${group}` });
  await members.getByLabel("Add a member").selectOption(user);
  await expect(members.getByRole("row", { name: user })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: group })).toContainText(user);
  await expectAccessible(page);

  await page.goto(`${server.address}/#/credentials/${made.id}?tab=access`);
  await page.getByRole("button", { name: "Grant access" }).click();
  const dialog = page.getByRole("dialog", { name: "Grant access" });
  await dialog.getByLabel("To", { exact: true }).first().selectOption(`Group ${group}`);
  await dialog.getByLabel("On", { exact: true }).selectOption(`All with the tag ${tag}`);
  await dialog.getByLabel("Use the token").check();
  await dialog.getByLabel("A reason is given").check();
  await dialog.getByLabel("Ticket number matches").fill("OPS-[0-9]+");
  await dialog.getByLabel("Mon").check();
  await dialog.getByLabel("Time zone").fill("Europe/Berlin");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText(`${user}: gains see, token`)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Grant access" }).click();
  const row = page.getByRole("region", { name: "Grants" }).getByRole("row", { name: `Group ${group}` });
  await expect(row).toContainText("Reason; Ticket OPS-[0-9]+; Mon 08:00–18:00 (Europe/Berlin)");

  await page.getByRole("button", { name: "Show who can use this" }).click();
  const who = page.getByRole("region", { name: "Who can" });
  await expect(who.getByRole("row", { name: user })).toContainText(`Group ${group}, tag ${tag}`);
  await expect(who.getByRole("row", { name: `${admin.name} Administrator` })).toContainText("Role");
  await expectAccessible(page);

  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(row).toBeHidden();
});
