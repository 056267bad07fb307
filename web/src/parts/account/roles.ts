// The names of roles, as people read them.
import type { Role } from "../../api/types";
import { t } from "../../language";

const NAMES: Record<Role, string> = {
  administrator: t("Administrator"),
  manager: t("Manager"),
  member: t("Member"),
  auditor: t("Auditor"),
};

export const roleName = (role: string): string => NAMES[role as Role] ?? role;
