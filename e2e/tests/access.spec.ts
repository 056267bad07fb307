import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";

test("a group is made, gets access with conditions, and loses it again", async ({ home: page, server, admin }) => {
  const [user, group, tag] = [fresh("berta"), fresh("Marketing"), fresh("social")];
  await server.call(admin, "POST", "/users", { name: user, role: "member", password: PASSWORD });
  const site = { url: "https://login.example.org/" };
  const made = await server.credential(admin, { name: fresh("Portal"), username: "team", tags: [tag], site });

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
  await expect(dialog.getByText(`${user} gains: see, use the token`)).toBeVisible();
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

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`who is asked for a reason and a ticket gives them where they are asked, ${colorScheme}, ${width} px`, async ({
      context,
      page,
      server,
      admin,
    }) => {
      const member = await server.person(admin, fresh("carla"), "member");
      const { id } = await server.credential(admin, {
        name: fresh("Console"),
        password: "sealed",
        totp: { secret: "JBSWY3DPEHPK3PXP" },
      });
      await server.call(admin, "POST", "/grants", {
        user: member.id,
        credential: id,
        permissions: { token: true, reveal: true },
        conditions: { reason: true, ticket: "OPS-[0-9]+" },
      });
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 760 });
      await signIn(context, server, member);
      await page.goto(`${server.address}/#/credentials/${id}?tab=password`);
      const bar = page.getByRole("region", { name: "Token OTP" });
      await bar.getByLabel("A reason is required").fill("an outage");
      await bar.getByLabel("Ticket number").fill("none");
      await expectAccessible(page);
      await expectFits(page);
      await bar.getByRole("button", { name: "Get token" }).click();
      await expect(bar.getByRole("alert")).toHaveText(/ticket is needed/);
      await expect(bar.getByRole("alert")).not.toHaveText(/reason/);
      await expectAccessible(page);
      await bar.getByLabel("Ticket number").fill("OPS-17");
      await bar.getByRole("button", { name: "Get token" }).click();
      await expect(bar.locator("[data-token=large]")).toHaveText(/^\d{6}$/);

      const show = page.getByRole("button", { name: "Show password" });
      await page.getByLabel("Reason").fill("an outage");
      await show.click();
      await page.getByLabel("Ticket number").fill("OPS-17");
      await expectAccessible(page);
      await expectFits(page);
      await show.click();
      await expect(page.getByRole("dialog")).toContainText("sealed");
    });
  }
}
