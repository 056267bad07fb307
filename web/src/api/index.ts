// Every call the page makes, by the contract's own names. Those of the first page are in a file of their own, which comes with it.
import { call, download, type Query } from "./http";
import { at, V1 } from "./paths";
import type * as T from "./types";

export * from "./first";

const LONG = 10 * 60_000;

export const setup = (body: { link: string; name: string; password: string }) =>
  call<T.Me>("POST", `${V1}/setup`, { body });
export const finishProviderSignIn = (body: { token?: string }) =>
  call<T.Me>("POST", `${V1}/sign-in/oidc/finish`, { body });
export const leaveOnErrand = (purpose: "confirm" | "connect") =>
  call<T.Departure>("POST", `${V1}/me/provider`, { body: { purpose } });
export const finishErrand = (body: { purpose: "confirm" | "connect"; token?: string }) =>
  call<void>("POST", `${V1}/me/provider/finish`, { body });
export const disconnectProvider = () => call<void>("DELETE", `${V1}/me/provider`);
export const beginEnrolment = () => call<T.Enrolment>("POST", `${V1}/me/second-factor`);
export const confirmEnrolment = (token: string) =>
  call<T.RecoveryCodes>("POST", `${V1}/me/second-factor/confirm`, { body: { token } });
export const makeRecoveryCodes = () => call<T.RecoveryCodes>("POST", `${V1}/me/recovery-codes`);
export const changePassword = (body: { current: string; new: string }) =>
  call<void>("POST", `${V1}/me/password`, { body });
export const confirmSignIn = (body: { password: string; token?: string }) =>
  call<void>("POST", `${V1}/me/confirm`, { body });
export const beginPasskeyConfirmation = () =>
  call<{ options: T.PasskeyOptions }>("POST", `${V1}/me/confirm/passkey/options`);
export const confirmWithPasskey = (credential: T.PasskeyCredential) =>
  call<void>("POST", `${V1}/me/confirm/passkey`, { body: { credential } });
export const passkeys = () => call<T.Items<T.Passkey>>("GET", `${V1}/me/passkeys`);
export const beginPasskey = () => call<{ options: T.PasskeyOptions }>("POST", `${V1}/me/passkeys/options`);
export const addPasskey = (body: { name: string; credential: T.PasskeyCredential }) =>
  call<T.AddedPasskey>("POST", `${V1}/me/passkeys`, { body });
export const removePasskey = (id: string) => call<void>("DELETE", `${V1}/me/passkeys/${id}`);
export const webSessions = () => call<T.Items<T.WebSession>>("GET", `${V1}/me/sessions`);
export const endWebSession = (id: string) => call<void>("DELETE", `${V1}/me/sessions/${id}`);

export const removedCredentials = (query: Query, signal?: AbortSignal) =>
  call<T.Page<T.Removed>>("GET", `${V1}/bin`, { query, signal });
export const deleteRemovedCredential = (id: string) => call<void>("DELETE", `${V1}/bin/${encodeURIComponent(id)}`);

export const devices = () => call<T.Items<T.Device>>("GET", `${V1}/me/devices`);
export const makePairingCode = () => call<T.PairingCode>("POST", `${V1}/me/devices/code`);
export const removeDevice = (id: string) => call<void>("DELETE", `${V1}/me/devices/${id}`);

/** What asks to be signed in and shows this code. */
export const lookUpDeviceLogin = (code: string) =>
  call<T.DeviceLogin>("POST", `${V1}/me/device-logins`, { body: { user_code: code } });
export const approveDeviceLogin = (id: string, body: { role: T.Role; expires_in_days: number; scopes: string[] }) =>
  call<{ expires_at: string }>("POST", `${V1}/me/device-logins/${id}/approve`, { body });
export const denyDeviceLogin = (id: string) => call<void>("POST", `${V1}/me/device-logins/${id}/deny`);

export const apiTokens = () => call<T.Items<T.ApiToken>>("GET", `${V1}/api-tokens`);
export const createApiToken = (body: { name: string; role?: T.Role; expires_in_days?: number; scopes?: string[] }) =>
  call<T.ApiToken & { token: string }>("POST", `${V1}/api-tokens`, { body });
export const revokeApiToken = (id: string) => call<void>("DELETE", `${V1}/api-tokens/${id}`);

export const users = () => call<T.Items<T.User>>("GET", `${V1}/users`);
/** Without a password the answer has the link by which the person chooses one. */
export const createUser = (body: { name: string; role: T.Role; password?: string; sign_in?: "provider" }) =>
  call<T.NewUser>("POST", `${V1}/users`, { body });
export const setUpLinkFor = (id: string) => call<T.SetUpLink>("POST", `${V1}/users/${id}/setup-link`);
export const choosePassword = (body: { link: string; password: string }) =>
  call<{ name: string }>("POST", `${V1}/choose-password`, { body });
export const changeUser = (
  id: string,
  body: { role?: T.Role; disabled?: boolean; password?: string; reset_second_factor?: true },
) => call<T.User>("PATCH", `${V1}/users/${id}`, { body });
export const waysIn = (id: string) => call<T.WaysIn>("GET", `${V1}/users/${id}/access`);
export const endAllWaysIn = (id: string) => call<void>("DELETE", `${V1}/users/${id}/access`);
export const endSessionOf = (id: string, session: string) =>
  call<void>("DELETE", `${V1}/users/${id}/sessions/${session}`);
export const removeDeviceOf = (id: string, device: string) =>
  call<void>("DELETE", `${V1}/users/${id}/devices/${device}`);
export const revokeTokenOf = (id: string, token: string) =>
  call<void>("DELETE", `${V1}/users/${id}/api-tokens/${token}`);
export const disconnectUser = (id: string) => call<void>("DELETE", `${V1}/users/${id}/provider`);
export const provider = () => call<T.ProviderState>("GET", `${V1}/provider`);
export const changeProvider = (body: T.ProviderWish) => call<T.Provider>("PUT", `${V1}/provider`, { body });
export const removeProvider = () => call<void>("DELETE", `${V1}/provider`);
export const testProvider = (issuer: string) =>
  call<T.ProviderTested>("POST", `${V1}/provider/test`, { body: { issuer }, timeout: 60_000 });
export const removeUser = (id: string) => call<void>("DELETE", `${V1}/users/${id}`);

export const serviceAccounts = () => call<T.Items<T.ServiceAccount>>("GET", `${V1}/service-accounts`);
export const createServiceAccount = (body: T.NewServiceAccount) =>
  call<T.ServiceAccount>("POST", `${V1}/service-accounts`, { body });
export const changeServiceAccount = (id: string, body: T.ServiceAccountPatch) =>
  call<T.ServiceAccount>("PATCH", `${V1}/service-accounts/${id}`, { body });
export const removeServiceAccount = (id: string) => call<void>("DELETE", `${V1}/service-accounts/${id}`);
export const addSecret = (id: string) => call<T.ServiceAccount>("POST", `${V1}/service-accounts/${id}/secrets`);
export const rotateSecret = (id: string, overlap_hours: number) =>
  call<T.ServiceAccount>("POST", `${V1}/service-accounts/${id}/rotate`, { body: { overlap_hours } });
export const removeSecret = (id: string, secret: string) =>
  call<void>("DELETE", `${V1}/service-accounts/${id}/secrets/${secret}`);
export const addFederatedIdentity = (id: string, body: T.NewFederatedIdentity) =>
  call<T.FederatedIdentity>("POST", `${V1}/service-accounts/${id}/federated-identities`, { body });
export const removeFederatedIdentity = (id: string, identity: string) =>
  call<void>("DELETE", `${V1}/service-accounts/${id}/federated-identities/${identity}`);

export const provisioning = () => call<T.Provisioning>("GET", `${V1}/provisioning`);
export const createProvisioningToken = (body: { overlap_hours?: number; adopt?: boolean }) =>
  call<T.Provisioning>("POST", `${V1}/provisioning/token`, { body });
export const changeProvisioning = (adopt: boolean) =>
  call<T.Provisioning>("PATCH", `${V1}/provisioning`, { body: { adopt } });
export const disconnectProvisioning = () => call<void>("DELETE", `${V1}/provisioning`);

export const credential = (id: string) => call<T.Credential>("GET", at(id));
export const createCredential = (body: T.NewCredential) => call<T.Credential>("POST", `${V1}/credentials`, { body });
export const changeCredential = (id: string, body: T.CredentialInput) => call<T.Credential>("PATCH", at(id), { body });
/** By POST: a reason is no part of an address, and a code by counter moves its counter. */
export const token = (id: string, body: { reason?: string; ticket?: string; next?: boolean }) =>
  call<T.TokenAnswer>("POST", `${at(id)}/token`, { body });
export const reveal = (id: string, body: { reason?: string; ticket?: string; version?: number }) =>
  call<T.Revealed>("POST", `${at(id)}/reveal`, { body });
export const transfer = (id: string, body: { recipient: string; reason?: string; ticket?: string }) =>
  call<T.Transferred>("POST", `${at(id)}/transfer`, { body });
export const versions = (id: string) => call<T.Items<T.Version>>("GET", `${at(id)}/versions`);
export const grants = (id: string) => call<T.Items<T.Grant>>("GET", `${at(id)}/grants`);
export const changeGrants = (id: string, items: T.NewGrant[]) =>
  call<T.Items<T.Grant>>("PUT", `${at(id)}/grants`, { body: { items } });
export const who = (id: string) => call<T.Items<T.WhoMay>>("GET", `${at(id)}/who`);
export const grantsOn = (id: string) =>
  call<T.Page<T.AccessGrant>>("GET", `${V1}/grants`, { query: { credential: id } });
export const createGrant = (body: T.GrantDraft) => call<T.AccessGrant>("POST", `${V1}/grants`, { body });
export const editGrant = (id: string, body: T.GrantDraft) => call<T.AccessGrant>("PUT", `${V1}/grants/${id}`, { body });
/** What would change if it were saved, in the place of another where one is named. */
export const previewGrant = (grant: T.GrantDraft, replaces?: string) =>
  call<T.GrantPreview>("POST", `${V1}/grants/preview`, { body: { grant, ...(replaces ? { replaces } : {}) } });
export const reviewGrants = (items: T.GrantReview[]) => call<void>("POST", `${V1}/grants/reviews`, { body: { items } });
export const setReviewDays = (days: number) => call<void>("PUT", `${V1}/grants/reviews/settings`, { body: { days } });
export const removeGrant = (id: string) => call<void>("DELETE", `${V1}/grants/${id}`);
export const dashboard = () => call<T.Dashboard>("GET", `${V1}/dashboard`);
export const concerned = (query: { concern: string; limit: number; cursor?: string | undefined }) =>
  call<T.Page<T.ConcernedCredential>>("GET", `${V1}/dashboard/credentials`, { query });
export const requestable = (id: string) => call<T.Items<T.Requestable>>("GET", `${V1}/credentials/${id}/requestable`);
export const request = (id: string) => call<T.AccessRequest>("GET", `${V1}/requests/${id}`);
export const requestAccess = (body: T.NewAccessRequest) => call<T.AccessRequest>("POST", `${V1}/requests`, { body });
export const decideRequest = (
  id: string,
  decision: "approve" | "reject" | "cancel" | "revoke",
  body: { minutes?: number; comment?: string },
) => call<T.AccessRequest>("POST", `${V1}/requests/${id}/${decision}`, { body });
export const checkOut = (id: string) => call<T.CheckOut>("GET", `${V1}/credentials/${id}/check-out`);
export const takeCheckOut = (id: string, body: { minutes?: number; reason?: string; ticket?: string }) =>
  call<T.CheckOut>("POST", `${V1}/credentials/${id}/check-out`, { body });
export const extendCheckOut = (id: string, minutes: number) =>
  call<T.CheckOut>("PATCH", `${V1}/credentials/${id}/check-out`, { body: { minutes } });
export const checkIn = (id: string) => call<T.CheckOut>("DELETE", `${V1}/credentials/${id}/check-out`);
export const waitForCheckOut = (id: string) => call<T.CheckOut>("PUT", `${V1}/credentials/${id}/check-out/queue`);
export const leaveCheckOut = (id: string) => call<T.CheckOut>("DELETE", `${V1}/credentials/${id}/check-out/queue`);
export const groups = () => call<T.Items<T.Group>>("GET", `${V1}/groups`);
export const createGroup = (name: string) => call<T.Group>("POST", `${V1}/groups`, { body: { name } });
export const renameGroup = (id: string, name: string) =>
  call<T.Group>("PATCH", `${V1}/groups/${id}`, { body: { name } });
export const removeGroup = (id: string) => call<void>("DELETE", `${V1}/groups/${id}`);
export const addMember = (id: string, kind: "users" | "groups", member: string) =>
  call<T.Group>("PUT", `${V1}/groups/${id}/${kind}/${member}`);
export const removeMember = (id: string, kind: "users" | "groups", member: string) =>
  call<T.Group>("DELETE", `${V1}/groups/${id}/${kind}/${member}`);
/** Says what would change with `preview`; else changes all of it, or nothing. */
export const changeTags = (body: T.TagsEdit) =>
  call<T.TagsEdited>("POST", `${V1}/credentials/tags`, { body, timeout: 120_000 });
export const changePolicies = (body: T.PoliciesEdit) =>
  call<T.PoliciesEdited>("POST", `${V1}/credentials/policies`, { body, timeout: 120_000 });
export const grantOnMany = (body: T.ManyGrants) =>
  call<T.ManyGranted>("POST", `${V1}/credentials/grants`, { body, timeout: 120_000 });
export const checkSeed = (body: T.SeedInput | { image: string }, signal?: AbortSignal) =>
  call<T.SeedCheck>("POST", `${V1}/seeds/check`, { body, signal, timeout: 60_000 });

export const previewImport = (files: T.ImportFile[]) =>
  call<T.ImportReport>("POST", `${V1}/import`, { body: { files }, timeout: LONG });
export const commitImport = (body: T.Import) =>
  call<T.ImportReport>("POST", `${V1}/import/commit`, { body, timeout: LONG });

export const exportCredentials = (body: T.Export) => call<T.Exported>("POST", `${V1}/export`, { body, timeout: LONG });
/** Whether exports need the approval of a second administrator. */
export const exportApproval = () => call<T.ExportApproval>("GET", `${V1}/export/approval`);
export const changeExportApproval = (required: boolean) =>
  call<T.ExportApproval>("PUT", `${V1}/export/approval`, { body: { required } });
export const requestExport = (body: T.NewExportRequest) =>
  call<T.ExportRequest>("POST", `${V1}/export/requests`, { body });
export const exportRequest = (id: string) =>
  call<T.ExportRequest>("GET", `${V1}/export/requests/${encodeURIComponent(id)}`);
export const decideExportRequest = (
  id: string,
  decision: "approve" | "reject" | "cancel",
  body: { comment?: string },
) => call<T.ExportRequest>("POST", `${V1}/export/requests/${encodeURIComponent(id)}/${decision}`, { body });

export const auditRecords = (query: Query, signal?: AbortSignal) =>
  call<T.Page<T.AuditRecord>>("GET", `${V1}/audit/records`, { query, signal });
/** How often a credential was used, or somebody used any, on each of the last days by this browser's clock. */
export const activity = (query: { credential?: string; user?: string; days: number; time_zone: string }) =>
  call<T.Activity>("GET", `${V1}/audit/activity`, { query, timeout: 60_000 });
export const checkpoint = () => call<T.Checkpoint>("GET", `${V1}/audit/checkpoint`);
/** The records that pass the filter, for a spreadsheet. */
export function recordsCsv(query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(given).toString();
  return `${V1}/audit/records.csv${text ? `?${text}` : ""}`;
}
export const AUDIT_EXPORT = `${V1}/audit/export`;
export const bundle = (body: T.BundleWish) => download("POST", `${V1}/audit/bundle`, { body, timeout: LONG });

export const savedViews = () => call<T.Items<T.SavedView>>("GET", `${V1}/audit/views`);
export const saveView = (name: string, filter: T.SavedView["filter"]) =>
  call<T.SavedView>("POST", `${V1}/audit/views`, { body: { name, filter } });
export const removeView = (id: string) => call<void>("DELETE", `${V1}/audit/views/${id}`);

export const sinks = () => call<T.Items<T.Sink>>("GET", `${V1}/audit/sinks`);
export const createSink = (body: T.SinkDraft) => call<T.Sink>("POST", `${V1}/audit/sinks`, { body });
export const changeSink = (id: string, body: T.SinkDraft) => call<T.Sink>("PUT", `${V1}/audit/sinks/${id}`, { body });
export const removeSink = (id: string) => call<void>("DELETE", `${V1}/audit/sinks/${id}`);
export const pauseSink = (id: string) => call<T.Sink>("POST", `${V1}/audit/sinks/${id}/pause`);
export const resumeSink = (id: string) => call<T.Sink>("POST", `${V1}/audit/sinks/${id}/resume`);
export const rewindSink = (id: string, from: number) =>
  call<T.Sink>("POST", `${V1}/audit/sinks/${id}/rewind`, { body: { from } });
export const testSink = (id: string) =>
  call<{ taken: boolean; answer: string }>("POST", `${V1}/audit/sinks/${id}/test`, { timeout: 60_000 });

export const doctor = () => call<{ checks: T.Check[] }>("GET", `${V1}/doctor`);

export const notices = () => call<T.NoticeSettings>("GET", `${V1}/notices/settings`);
export const changeNotices = (body: T.NoticeWish) => call<T.NoticeSettings>("PUT", `${V1}/notices/settings`, { body });
export const testNotices = () => call<{ notices: number }>("POST", `${V1}/notices/test`);
export const deliveries = () => call<T.Items<T.Delivery>>("GET", `${V1}/notices`);
export const email = () => call<{ email?: string | null }>("GET", `${V1}/me/email`);
export const changeEmail = (email: string | null) => call<void>("PUT", `${V1}/me/email`, { body: { email } });

/** What is left out stays as it is. */
export const changePreferences = (body: { language?: string; time_zone?: string }) =>
  call<T.Me["preferences"]>("PATCH", `${V1}/me/preferences`, { body });

export const change = (id: string) => call<T.Change>("GET", `${V1}/changes/${id}`);
export const askForChange = (id: string, body: { rehearse: boolean; reason?: string }) =>
  call<T.Change>("POST", `${at(id)}/changes`, { body });
export const cancelChange = (id: string) => call<T.Change>("POST", `${V1}/changes/${id}/cancel`);
export const retryChange = (id: string) => call<T.Change>("POST", `${V1}/changes/${id}/retry`);
/** A person has tried at the site which of the two passwords signs in. */
export const settleChange = (id: string, holds: "new" | "old") =>
  call<T.Change>("POST", `${V1}/changes/${id}/settle`, { body: { holds } });
/** The masked picture that was taken at a step. */
export const pictureOf = (id: string, seq: number) => `${V1}/changes/${id}/pictures/${seq}`;
export const automationOf = (id: string) => call<T.Automation>("GET", `${at(id)}/automation`);
export const changeAutomation = (id: string, body: T.AutomationInput) =>
  call<T.Automation>("PUT", `${at(id)}/automation`, { body });
export const recipes = () => call<T.Items<T.Recipe>>("GET", `${V1}/recipes`);
export const automation = () => call<T.AutomationState>("GET", `${V1}/automation`);
