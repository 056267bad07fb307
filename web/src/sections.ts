// The map of the page: what the Products menu offers, and each product's side menu.
import { t } from "./language";

export interface Entry {
  label: string;
  href: string;
  /** The first parts of the path that belong to this entry. */
  path: string[];
  /** Only for those who may do this. */
  needs?: string;
  /** Says how many there are when there are any. */
  counts?: "waiting" | "approvals" | "reviews";
}

export interface Group {
  label: string;
  /** Where the group's own name leads: its first entry. */
  href: string;
  entries: Entry[];
}

export interface Section {
  name: string;
  about: string;
  href: string;
  roots: string[];
  needs?: string;
  groups: Group[];
}

export const SECTIONS: Section[] = [
  {
    name: "PAM Core",
    about: t("Credentials with their passwords and tokens"),
    href: "#/credentials",
    roots: [
      "access",
      "credentials",
      "dashboard",
      "pam-core",
      "import",
      "export",
      "bin",
      "changes",
      "recipes",
      "sessions",
      "requests",
    ],
    groups: [
      {
        label: t("Credentials"),
        href: "#/credentials",
        entries: [
          { label: t("All credentials"), href: "#/credentials", path: ["credentials"] },
          { label: t("Dashboard"), href: "#/dashboard", path: ["dashboard"], needs: "grants" },
          { label: t("Import"), href: "#/import", path: ["import"], needs: "credentials.import" },
          { label: t("Export"), href: "#/export", path: ["export"], needs: "credentials.export" },
          { label: t("Bin"), href: "#/bin", path: ["bin"], needs: "credentials.remove" },
        ],
      },
      {
        label: t("Access"),
        href: "#/requests",
        entries: [
          { label: t("All requests"), href: "#/requests", path: ["requests"], counts: "approvals" },
          { label: t("All grants"), href: "#/access", path: ["access"], needs: "grants", counts: "reviews" },
        ],
      },
      {
        label: t("Sessions"),
        href: "#/sessions",
        entries: [{ label: t("All sessions"), href: "#/sessions", path: ["sessions"] }],
      },
      {
        label: t("Changes"),
        href: "#/changes",
        entries: [
          { label: t("All changes"), href: "#/changes", path: ["changes"] },
          { label: t("Needs attention"), href: "#/changes/waiting", path: ["changes", "waiting"], counts: "waiting" },
          { label: t("Recipes"), href: "#/recipes", path: ["recipes"] },
        ],
      },
    ],
  },
  {
    name: t("Audit"),
    about: t("Who used or changed what, when and why"),
    href: "#/audit",
    roots: ["audit"],
    needs: "audit",
    groups: [
      {
        label: t("Audit"),
        href: "#/audit",
        entries: [
          { label: t("Records"), href: "#/audit", path: ["audit"] },
          { label: t("Destinations"), href: "#/audit/destinations", path: ["audit", "destinations"] },
          { label: t("Verify and export"), href: "#/audit/verify", path: ["audit", "verify"] },
        ],
      },
    ],
  },
  {
    name: t("Settings"),
    about: t("Your account, users and this vault"),
    href: "#/settings",
    roots: ["settings"],
    groups: [
      {
        label: t("My account"),
        href: "#/settings/account",
        entries: [
          { label: t("Password and second factor"), href: "#/settings/account", path: ["settings", "account"] },
          { label: t("Signed-in devices"), href: "#/settings/sessions", path: ["settings", "sessions"] },
          {
            label: t("Browser extensions"),
            href: "#/settings/browser-extensions",
            path: ["settings", "browser-extensions"],
          },
          { label: t("API tokens"), href: "#/settings/api-tokens", path: ["settings", "api-tokens"] },
        ],
      },
      {
        label: t("This vault"),
        href: "#/settings/about",
        entries: [
          { label: t("Users"), href: "#/settings/users", path: ["settings", "users"], needs: "users" },
          {
            label: t("Service accounts"),
            href: "#/settings/service-accounts",
            path: ["settings", "service-accounts"],
            needs: "users",
          },
          { label: t("Groups"), href: "#/settings/groups", path: ["settings", "groups"], needs: "groups" },
          { label: t("Sign-in provider"), href: "#/settings/provider", path: ["settings", "provider"], needs: "users" },
          {
            label: t("Provisioning"),
            href: "#/settings/provisioning",
            path: ["settings", "provisioning"],
            needs: "users",
          },
          {
            label: t("Exports##settings"),
            href: "#/settings/exports",
            path: ["settings", "exports"],
            needs: "credentials.export",
          },
          { label: t("Notices"), href: "#/settings/notices", path: ["settings", "notices"] },
          { label: t("Doctor"), href: "#/settings/doctor", path: ["settings", "doctor"], needs: "settings" },
          { label: t("About"), href: "#/settings/about", path: ["settings", "about"] },
        ],
      },
    ],
  },
];

/** The section a path belongs to; the first one for the start page. */
export function sectionOf(path: readonly string[]): Section {
  const root = path[0] ?? "credentials";
  return SECTIONS.find((section) => section.roots.includes(root)) ?? (SECTIONS[0] as Section);
}

/** The entry a path belongs to: the one with the longest path that fits. */
export function entryOf(section: Section, path: readonly string[]): Entry | undefined {
  const here = path.length === 0 || path[0] === "pam-core" ? ["credentials"] : path;
  return section.groups
    .flatMap((group) => group.entries)
    .filter((entry) => entry.path.every((part, i) => here[i] === part))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
