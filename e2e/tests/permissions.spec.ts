import { readFileSync } from "node:fs";
import { expect, fresh, signIn, test } from "./fixtures.ts";

interface Row {
  permission: string;
  grant: Record<string, unknown>;
  page: { tab: string; role: "tab" | "button" | "link"; name: string };
}

// The same table by which the API and the commands are asked.
const TABLE = JSON.parse(
  readFileSync(new URL("../../crates/cli/tests/permissions.json", import.meta.url), "utf8"),
) as Row[];

for (const { permission, grant } of TABLE) {
  test(`who was granted "${permission}" alone is offered that in the page, and nothing else`, async ({
    context,
    page,
    server,
    admin,
  }) => {
    const member = await server.person(admin, fresh("ana"), "member");
    const { id, name } = await server.credential(admin, {
      name: fresh(permission),
      password: "sealed",
      site: { url: "https://example.org/" },
      totp: { secret: "JBSWY3DPEHPK3PXP" },
    });
    await server.call(admin, "POST", "/grants", { user: member.id, credential: id, permissions: grant });
    await signIn(context, server, member);
    for (const act of TABLE) {
      await page.goto(`${server.address}/#/credentials/${id}?tab=${act.page.tab}`);
      const dialog = page.getByRole("dialog", { name });
      await expect(dialog.getByRole("tab", { selected: true })).toBeVisible();
      // Everything offered hangs on one answer, which also gives the dialog its name; the panel is drawn at once from it.
      await expect(dialog.getByRole("tabpanel").locator(":scope > *").last()).not.toBeEmpty();
      const offered = dialog.getByRole(act.page.role, { name: act.page.name, exact: true });
      const allowed = act.permission === "see" || act.permission === permission;
      await expect(offered, `${act.permission} with ${permission}`).toHaveCount(allowed ? 1 : 0);
    }
  });
}
