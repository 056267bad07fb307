// The words of the HTTP contract as the page uses them: the server's own description (`schema.d.ts`, made by
// `npm run schema`), made narrower where a text is one of a few. Times are RFC 3339 in UTC, ids are UUIDs.
import type { components } from "./schema";

type Schemas = components["schemas"];
type With<Body, Narrower> = Omit<Body, keyof Narrower> & Narrower;
export interface Items<T> {
  items: T[];
}
export interface Page<T> extends Items<T> {
  next_cursor?: string | null;
  total?: number | null;
}

export type Role = "administrator" | "manager" | "member" | "auditor";
export const ROLES: readonly Role[] = ["administrator", "manager", "member", "auditor"];
export type Algorithm = "SHA1" | "SHA256" | "SHA512";
export type Kind = "totp" | "hotp" | "steam";

export type Status = Schemas["StatusBody"];
export type Me = With<Schemas["MeBody"], { user: With<Schemas["MeUser"], { role: Role }> }>;
export type Enrolment = Schemas["SecondFactorSetupBody"];
export type RecoveryCodes = Schemas["RecoveryCodesBody"];
/** Web Authentication's own forms in JSON, which the description leaves open. */
export type PasskeyOptions = Record<string, unknown>;
export type PasskeyCredential = Record<string, unknown>;
export type Passkey = Schemas["PasskeyBody"];
export type AddedPasskey = Schemas["AddedPasskeyBody"];
export type WebSession = Schemas["WebSessionBody"];
export type ApiToken = With<Schemas["ApiTokenBody"], { role: Role }>;
export type ServiceAccount = Schemas["ServiceAccountBody"];
export type ClientSecret = Schemas["ClientSecretBody"];
export type FederatedIdentity = Schemas["FederatedIdentityBody"];
export type NewFederatedIdentity = Schemas["NewFederatedIdentityBody"];
export type NewServiceAccount = Schemas["NewServiceAccountBody"];
export type ServiceAccountPatch = Schemas["ServiceAccountPatchBody"];
export type Provisioning = Schemas["ProvisioningBody"];
export type WaysIn = {
  sessions: WebSession[];
  api_tokens: ApiToken[];
  devices: Device[];
  phones: Schemas["SeedOnPhoneBody"][];
};
export type Device = Schemas["DeviceBody"];
export type DeviceLogin = Schemas["DeviceLoginBody"];
export type PairingCode = Schemas["PairingCodeBody"];
export type SetUpLink = Schemas["PersonLinkBody"];
export type NewUser = With<Schemas["NewUserMadeBody"], { role: Role }>;
export type User = With<Schemas["UserBody"], { role: Role }>;

export type Departure = Schemas["DepartureBody"];
export type ProviderState = Schemas["ProviderStateBody"];
export type Provider = Schemas["ProviderBody"];
export type ProviderWish = Schemas["ProviderSettingsBody"];
export type ProviderTested = Schemas["ProviderTestedBody"];

export type SecondFactor = With<Schemas["SecondFactorBody"], { kind: Kind; algorithm: Algorithm }>;
interface Narrowed {
  attention?: { change: string; state: "in_doubt" | "waiting_for_a_person"; text: string } | null;
  status: "active" | "inactive";
  second_factor?: SecondFactor | null;
}
export type Summary = With<Schemas["SummaryBody"], Narrowed>;
export type Removed = With<Schemas["RemovedBody"], { second_factor?: SecondFactor | null }>;
export type Credential = With<
  Schemas["CredentialBody"],
  Narrowed & { open_change?: { id: string; state: ChangeState } | null }
>;

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
export type Totp = Schemas["TotpBody"];
export type NewCredential = Schemas["NewCredentialBody"];
export type CredentialInput = Schemas["PatchBody"];

export type Taker = Schemas["TakenByBody"];
export type TokenAnswer = Schemas["TokenBody"];
export type SeedCheck = With<Schemas["CheckedBody"], { kind: Kind; algorithm: Algorithm }>;
export type Revealed = Schemas["RevealedBody"];
export type Version = Schemas["VersionBody"];
export type Grant = Schemas["GrantBody"];
export type NewGrant = Schemas["NewGrantBody"];
export type AccessGrant = Schemas["AccessGrantBody"];
export type GrantDraft = Schemas["GrantDraftBody"];
export type Dashboard = Schemas["DashboardBody"];
export type ConcernedCredential = Schemas["ConcernedCredentialBody"];
export type Reviews = Schemas["ReviewsBody"];
export type ReviewedGrant = Schemas["ReviewedGrantBody"];
export type GrantReview = Schemas["GrantReviewBody"];
export type GrantPreview = Schemas["GrantPreviewBody"];
export type Policy = Schemas["PolicyBody"];
export type PoliciesEdit = Schemas["PoliciesEditBody"];
export type PoliciesEdited = Schemas["PoliciesEditedBody"];
export type PolicyChange = Schemas["PolicyChangeBody"];
export type ManyGrants = Schemas["ManyGrantsBody"];
export type ManyGranted = Schemas["ManyGrantedBody"];
export type MovedAccess = Schemas["MovedAccessBody"];
export type TagsEdit = Schemas["TagsEditBody"];
export type TagsEdited = Schemas["TagsEditedBody"];
export type TagChange = Schemas["TagChangeBody"];
export type Permissions = Schemas["PermissionsBody"];
export type WhoMay = Schemas["WhoMayBody"];
export type Group = Schemas["GroupBody"];
export type RequestState = "pending" | "approved" | "rejected" | "cancelled" | "revoked" | "expired";
export type AccessRequest = With<Schemas["AccessRequestBody"], { state: RequestState }>;
export type NewAccessRequest = Schemas["NewRequestBody"];
export type Requestable = Schemas["RequestableBody"];
export type CheckOut = Schemas["CheckOutBody"];
export type Approval = Schemas["ApprovalBody"];

export type Import = Schemas["ImportBody"];
export type ImportFile = Schemas["FileBody"];
/** In a preview new, duplicate or refused; in a result created, skipped, duplicate or refused. */
export type ImportItem = Schemas["ItemBody"];
export type Export = Schemas["ExportBody"];
export type Exported = Schemas["ExportedBody"];
export type ExportApproval = Schemas["ExportApprovalBody"];
export type NewExportRequest = Schemas["NewExportRequestBody"];
export type ExportRequestState = "pending" | "approved" | "rejected" | "cancelled" | "expired" | "used";
export type ExportRequest = With<Schemas["ExportRequestBody"], { state: ExportRequestState }>;
export type Transferred = Schemas["TransferredBody"];
export type ImportReport = Schemas["ReportBody"];
/** A CSV, and which of its columns hold what. */
export type ImportTable = Schemas["TableBody"];
export type Columns = Schemas["ColumnsBody"];

/** The description leaves these three open: they differ by act. */
export type AuditRecord = With<
  Schemas["RecordBody"],
  {
    actor: { kind: string; id?: string | null; name: string };
    object?: { kind: string; id?: string | null; name: string } | null;
    details: Record<string, unknown>;
  }
>;
export type Activity = Schemas["ActivityBody"];
export type ActivityDay = Schemas["ActivityDayBody"];
export type Checkpoint = Schemas["CheckpointBody"];
export type Check = With<Schemas["HealthCheck"], { state: "ok" | "warning" | "failed" }>;

export type Sink = With<
  Schemas["SinkBody"],
  {
    kind: "syslog" | "cef" | "otlp" | "webhook" | "folder";
    state: "current" | "behind" | "failing" | "paused";
  }
>;
export type SinkDraft = Schemas["SinkDraftBody"];
export type SavedView = Schemas["ViewBody"];
export type BundleWish = Schemas["BundleBody"];
export type NoticeSettings = Schemas["NoticesBody"];
export type NoticeWish = Schemas["NoticeSettingsBody"];
export type Delivery = With<Schemas["DeliveryBody"], { state: "waiting" | "delivered" | "given_up" }>;

export type ChangeState =
  | "queued"
  | "signing_in"
  | "changing"
  | "submitted"
  | "verifying"
  | "waiting_for_a_person"
  | "postponed"
  | "changed"
  | "passed"
  | "failed"
  | "in_doubt"
  | "cancelled";
export type ChangeKind = "change" | "rehearsal" | "heartbeat";
export type Because = "person" | "schedule" | "after_reveal" | "after_check_out" | "heartbeat";
export type Challenge = "captcha" | "location" | "trust_browser" | "new_device" | "unknown";
export type ChangeEvent = With<Schemas["ChangeEventBody"], { state: ChangeState }>;
export type Change = With<
  Schemas["ChangeBody"],
  {
    kind: ChangeKind;
    state: ChangeState;
    because: Because;
    reason?: With<Schemas["ChangeReasonBody"], { challenge?: Challenge | null }> | null;
    events?: ChangeEvent[] | null;
  }
>;
export type AutomationState = Schemas["Readiness"];

type RecipeStatus = "unverified" | "verified";
interface Trusting {
  trust: "do_not_trust" | "trust" | "ask";
}
export type AutomationInput = With<
  Required<Schemas["AutomationSettingsRequest"]>,
  Trusting & { changes_per_day: number; policy: Required<Schemas["PolicyBody"]> }
>;
export type Automation = With<
  Schemas["AutomationBody"],
  Trusting & {
    recipe?: With<Schemas["RecipeNameBody"], { status: RecipeStatus }> | null;
    last_heartbeat?: With<Schemas["HeartbeatBody"], { state: "passed" | "failed" }> | null;
  }
>;
export type Recipe = With<Schemas["RecipeInfo"], { status: RecipeStatus }>;
