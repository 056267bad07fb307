// The words of the HTTP contract as the page uses them. Times are RFC 3339 in UTC, ids are UUIDs.

export type Role = "administrator" | "manager" | "member" | "auditor";
export const ROLES: readonly Role[] = ["administrator", "manager", "member", "auditor"];

export interface Status {
  version: string;
  setup_needed: boolean;
  server_time: string;
  demo: boolean;
}

export interface Me {
  user: { id: string; name: string; role: Role; second_factor: boolean };
  via: "session" | "api_token";
  enrolment_needed: boolean;
  may: string[];
}

export interface Enrolment {
  uri: string;
  secret: string;
  qr_svg: string;
}

export interface WebSession {
  id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  agent: string;
  current: boolean;
}

export interface ApiToken {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
}

export interface User {
  id: string;
  name: string;
  role: Role;
  second_factor: boolean;
  disabled: boolean;
  created_at: string;
  last_sign_in_at?: string | null;
}

export type Algorithm = "SHA1" | "SHA256" | "SHA512";
export type Kind = "totp" | "hotp" | "steam";

export interface SecondFactor {
  kind: Kind;
  algorithm: Algorithm;
  digits: number;
  period?: number | null;
}

export interface May {
  token: boolean;
  reveal: boolean;
  edit: boolean;
  remove: boolean;
  grant: boolean;
}

export interface Summary {
  id: string;
  name: string;
  username: string;
  site: { url: string } | null;
  tags: string[];
  status: "active" | "inactive";
  has_password: boolean;
  second_factor: SecondFactor | null;
  created_at: string;
  updated_at: string;
  may: May;
}

export interface Credential extends Summary {
  notes: string;
  revision: number;
  password_changed_at?: string | null;
  warnings?: string[];
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
  total?: number;
}

/** What a seed field holds: the text as typed, and the choices under "advanced". */
export interface SeedInput {
  text: string;
  kind?: "totp" | "hotp";
  encoding?: "base32" | "hex" | "base64";
  encoder?: "steam";
  algorithm?: Algorithm;
  digits?: number;
  period?: number;
  counter?: number;
}

export type Totp =
  | { uri: string }
  | {
      secret: string;
      kind?: "totp" | "hotp";
      encoding?: "base32" | "hex" | "base64";
      encoder?: "steam";
      algorithm?: Algorithm;
      digits?: number;
      period?: number;
      counter?: number;
    };

export interface CredentialInput {
  name?: string;
  username?: string;
  password?: string | null;
  site?: { url: string } | null;
  totp?: Totp | null;
  tags?: string[];
  notes?: string;
  status?: "active" | "inactive";
  revision?: number;
}

export interface StepToken {
  token: string;
  step?: number;
  begins_at: string;
  ends_at: string;
}

export interface Taker {
  name: string;
  at: string;
  machine: boolean;
}

export interface TokenAnswer {
  token: string;
  digits: number;
  kind: Kind;
  server_time: string;
  period?: number | null;
  step?: number | null;
  begins_at?: string | null;
  ends_at?: string | null;
  counter?: number | null;
  next?: StepToken | null;
  taken_by?: Taker[];
}

export interface SeedCheck {
  kind: Kind;
  algorithm: Algorithm;
  digits: number;
  period?: number | null;
  counter?: number | null;
  issuer?: string | null;
  account?: string | null;
  uri: string;
  warnings: string[];
  current: Partial<StepToken> & { token: string };
  next?: (Partial<StepToken> & { token: string }) | null;
  server_time: string;
}

export interface Revealed {
  password: string;
  version: number;
  created_at: string;
  hide_after_seconds: number;
}

export interface Version {
  version: number;
  state: "current" | "candidate" | "former";
  created_at: string;
  created_by: string;
}

export interface Grant {
  user: { id: string; name: string; role: Role };
  token: boolean;
  reveal: boolean;
}

export interface ImportFile {
  name: string;
  data: string;
}

/** One item of an import: in a preview new, duplicate or refused; in a result created, skipped, duplicate or refused. */
export interface ImportItem {
  index: number;
  place: string;
  name: string;
  username: string;
  issuer?: string | null;
  kind?: Kind | null;
  algorithm?: Algorithm | null;
  digits?: number | null;
  period?: number | null;
  state: "new" | "created" | "skipped" | "duplicate" | "refused";
  id?: string | null;
  reason?: string | null;
  warnings: string[];
}

export interface ImportReport {
  items: ImportItem[];
  missing: string[];
  counts: { new: number; created: number; skipped: number; duplicate: number; refused: number };
}

export interface AuditRecord {
  seq: number;
  at: string;
  actor: { kind: "user" | "api_token" | "system" | "nobody"; id?: string | null; name: string };
  act: string;
  object?: { kind: string; id?: string | null; name: string } | null;
  reason?: string | null;
  details?: Record<string, unknown> | null;
  hash: string;
}

export interface Checkpoint {
  size: number;
  root: string;
  time: string;
  key: string;
  signature: string;
}

export interface Check {
  name: string;
  state: "ok" | "warning" | "failed";
  detail: string;
  hint?: string | null;
}
