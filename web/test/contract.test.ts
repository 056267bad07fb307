// Every call of the page against the server's own description: the address exists, and the server, which refuses what
// it does not know, knows every parameter and every field that is sent.
import { beforeEach, expect, it, vi } from "vitest";
import * as api from "../src/api";
import * as sessions from "../src/api/sessions";
import openapi from "../../crates/server/openapi.json?raw";

interface Schema {
  $ref?: string;
  properties?: Record<string, unknown>;
  required?: string[];
}
interface Operation {
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
const description = JSON.parse(openapi) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const ID = "01a20d03-059d-7e52-9b6e-168103684ae0";
const NO_EXTRAS = { address: false, paste: false, copy: false, upload: false, download: false };
const DRAFT = {
  group: ID,
  tag: "social",
  permissions: {
    token: true,
    reveal: false,
    session: "view",
    extras: NO_EXTRAS,
    change: false,
    edit: false,
    share: false,
    audit: false,
    transfer: false,
  },
  conditions: {
    reason: true,
    ticket: "OPS-[0-9]+",
    signed_in_minutes: 5,
    hours: { days: ["mon"], from: "08:00", to: "18:00", zone: "Europe/Berlin" },
    networks: ["10.0.0.0/8"],
    from: null,
    until: null,
    approval: null,
    check_out: null,
  },
};
const SINK = {
  name: "n",
  kind: "webhook",
  address: "https://siem.example.com/",
  header: "A: b",
  authority: null,
  plain: false,
  acts: ["token.*"],
  paused: false,
};
const calls: Record<string, () => Promise<unknown>> = {
  status: () => api.status(),
  setup: () => api.setup({ link: "l", name: "n", password: "p" }),
  signIn: () => api.signIn({ name: "n", password: "p", token: "1" }),
  signOut: () => api.signOut(),
  leaveForProvider: () => api.leaveForProvider(),
  finishProviderSignIn: () => api.finishProviderSignIn({ token: "1" }),
  leaveOnErrand: () => api.leaveOnErrand("confirm"),
  finishErrand: () => api.finishErrand({ purpose: "confirm", token: "1" }),
  disconnectProvider: () => api.disconnectProvider(),
  disconnectUser: () => api.disconnectUser(ID),
  provider: () => api.provider(),
  changeProvider: () =>
    api.changeProvider({
      name: "n",
      issuer: "https://login.example.com",
      client_id: "c",
      client_secret: null,
      address: "https://vault.example.com",
      scopes: ["profile"],
      match_by: "username",
      new_users: "member",
      trusts_second_factor: true,
      groups_claim: "groups",
      groups: [{ value: "ops", group: ID }],
    }),
  removeProvider: () => api.removeProvider(),
  testProvider: () => api.testProvider("https://login.example.com"),
  me: () => api.me(),
  beginEnrolment: () => api.beginEnrolment(),
  confirmEnrolment: () => api.confirmEnrolment("1"),
  makeRecoveryCodes: () => api.makeRecoveryCodes(),
  changePassword: () => api.changePassword({ current: "a", new: "b" }),
  confirmSignIn: () => api.confirmSignIn({ password: "p", token: "123456" }),
  beginPasskeySignIn: () => api.beginPasskeySignIn(),
  signInWithPasskey: () => api.signInWithPasskey({}),
  beginPasskeyConfirmation: () => api.beginPasskeyConfirmation(),
  confirmWithPasskey: () => api.confirmWithPasskey({}),
  passkeys: () => api.passkeys(),
  beginPasskey: () => api.beginPasskey(),
  addPasskey: () => api.addPasskey({ name: "n", credential: {} }),
  removePasskey: () => api.removePasskey(ID),
  webSessions: () => api.webSessions(),
  endWebSession: () => api.endWebSession(ID),
  removedCredentials: () => api.removedCredentials({ limit: 50, cursor: "c" }),
  restoreCredential: () => api.restoreCredential(ID, "n"),
  deleteRemovedCredential: () => api.deleteRemovedCredential(ID),
  devices: () => api.devices(),
  makePairingCode: () => api.makePairingCode(),
  removeDevice: () => api.removeDevice(ID),
  lookUpDeviceLogin: () => api.lookUpDeviceLogin("WDJB-MJHT"),
  approveDeviceLogin: () => api.approveDeviceLogin(ID, { role: "member", expires_in_days: 30, scopes: ["admin"] }),
  denyDeviceLogin: () => api.denyDeviceLogin(ID),
  apiTokens: () => api.apiTokens(),
  createApiToken: () => api.createApiToken({ name: "n", role: "member", expires_in_days: 1 }),
  revokeApiToken: () => api.revokeApiToken(ID),
  users: () => api.users(),
  setUpLinkFor: () => api.setUpLinkFor(ID),
  choosePassword: () => api.choosePassword({ link: "ci_x", password: "p" }),
  createUser: () => api.createUser({ name: "n", role: "member", password: "p", sign_in: "provider" }),
  changeUser: () => api.changeUser(ID, { role: "member", disabled: true, password: "p", reset_second_factor: true }),
  waysIn: () => api.waysIn(ID),
  endAllWaysIn: () => api.endAllWaysIn(ID),
  endSessionOf: () => api.endSessionOf(ID, ID),
  removeDeviceOf: () => api.removeDeviceOf(ID, ID),
  revokeTokenOf: () => api.revokeTokenOf(ID, ID),
  removeUser: () => api.removeUser(ID),
  provisioning: () => api.provisioning(),
  createProvisioningToken: () => api.createProvisioningToken({ overlap_hours: 1, adopt: true }),
  changeProvisioning: () => api.changeProvisioning(true),
  disconnectProvisioning: () => api.disconnectProvisioning(),
  serviceAccounts: () => api.serviceAccounts(),
  createServiceAccount: () =>
    api.createServiceAccount({
      name: "n",
      description: "d",
      owner: ID,
      scope: "see",
      networks: ["10.0.0.0/8"],
      expires_in_days: 1,
    }),
  changeServiceAccount: () =>
    api.changeServiceAccount(ID, {
      description: "d",
      owner: null,
      scope: "see",
      networks: [],
      expires_at: null,
      disabled: true,
    }),
  removeServiceAccount: () => api.removeServiceAccount(ID),
  addSecret: () => api.addSecret(ID),
  rotateSecret: () => api.rotateSecret(ID, 1),
  removeSecret: () => api.removeSecret(ID, ID),
  addFederatedIdentity: () =>
    api.addFederatedIdentity(ID, { issuer: "i", audience: "a", subject: "s", claims: { ref: "r" } }),
  removeFederatedIdentity: () => api.removeFederatedIdentity(ID, ID),
  credentials: () =>
    api.credentials({
      search: "a",
      tag: "a",
      site: "a",
      second_factor: "true",
      status: "active",
      sort: "name",
      cursor: "a",
      limit: 1,
    }),
  credential: () => api.credential(ID),
  createCredential: () =>
    api.createCredential({
      name: "n",
      username: "u",
      password: "p",
      site: { url: "u" },
      totp: { uri: "u" },
      tags: [],
      notes: "",
    }),
  changeCredential: () =>
    api.changeCredential(ID, {
      name: "n",
      username: "u",
      password: null,
      site: null,
      totp: null,
      tags: [],
      notes: "",
      status: "active",
      revision: 1,
    }),
  removeCredential: () => api.removeCredential(ID),
  token: () => api.token(ID, { reason: "r", next: true }),
  reveal: () => api.reveal(ID, { reason: "r", version: 1 }),
  versions: () => api.versions(ID),
  grants: () => api.grants(ID),
  changeGrants: () => api.changeGrants(ID, [{ user_id: ID, token: true, reveal: false }]),
  who: () => api.who(ID),
  grantsOn: () => api.grantsOn(ID),
  createGrant: () => api.createGrant(DRAFT),
  editGrant: () => api.editGrant(ID, DRAFT),
  previewGrant: () => api.previewGrant(DRAFT, ID),
  reviews: () => api.reviews({ show: "due", limit: 1, cursor: "a" }),
  reviewGrants: () => api.reviewGrants([{ id: ID, decided_at: "2026-01-01T00:00:00Z", keep: true }]),
  setReviewDays: () => api.setReviewDays(90),
  dashboard: () => api.dashboard(),
  concerned: () => api.concerned({ concern: "unused", limit: 1, cursor: "a" }),
  removeGrant: () => api.removeGrant(ID),
  checkOut: () => api.checkOut(ID),
  takeCheckOut: () => api.takeCheckOut(ID, { minutes: 30, reason: "r", ticket: "t" }),
  extendCheckOut: () => api.extendCheckOut(ID, 30),
  checkIn: () => api.checkIn(ID),
  waitForCheckOut: () => api.waitForCheckOut(ID),
  leaveCheckOut: () => api.leaveCheckOut(ID),
  requestable: () => api.requestable(ID),
  requests: () => api.requests({ scope: "mine", state: "pending", credential: ID, limit: 50 }),
  request: () => api.request(ID),
  requestAccess: () =>
    api.requestAccess({ credential: ID, permissions: DRAFT.permissions, minutes: 30, reason: "a fix" }),
  decideRequest: () => api.decideRequest(ID, "approve", { minutes: 10, comment: "fine" }),
  exportApproval: () => api.exportApproval(),
  changeExportApproval: () => api.changeExportApproval(true),
  exportRequests: () => api.exportRequests({ scope: "to_decide", limit: 1, cursor: "a" }),
  exportRequest: () => api.exportRequest(ID),
  requestExport: () => api.requestExport({ format: "csv", tag: "web", reason: "we move on" }),
  decideExportRequest: () => api.decideExportRequest(ID, "approve", { comment: "fine" }),
  groups: () => api.groups(),
  createGroup: () => api.createGroup("Staff"),
  renameGroup: () => api.renameGroup(ID, "Staff"),
  removeGroup: () => api.removeGroup(ID),
  addMember: () => api.addMember(ID, "users", ID),
  removeMember: () => api.removeMember(ID, "groups", ID),
  tags: () => api.tags(),
  changePolicies: () =>
    api.changePolicies({
      credentials: [{ id: ID, before: { every_days: null, after_reveal: false, window: null } }],
      policy: { every_days: 90, after_reveal: true, window: { from: "22:00", to: "05:00" } },
      preview: true,
    }),
  grantOnMany: () => {
    const { group, permissions, conditions } = DRAFT;
    return api.grantOnMany({ credentials: [ID], group, permissions, conditions, preview: true });
  },
  changeTags: () =>
    api.changeTags({
      credentials: [{ id: ID, revision: 1, add: ["a"], remove: ["b"] }],
      add: ["c"],
      remove: ["d"],
      preview: true,
    }),
  activity: () => api.activity({ credential: ID, user: ID, days: 30, time_zone: "Europe/Berlin" }),
  checkSeed: () =>
    api.checkSeed({
      text: "t",
      kind: "hotp",
      encoding: "hex",
      encoder: "steam",
      algorithm: "SHA1",
      digits: 6,
      period: 30,
      counter: 0,
    }),
  previewImport: () => api.previewImport([{ name: "n", data: "" }]),
  transfer: () => api.transfer(ID, { recipient: "BA==", reason: "r", ticket: "t" }),
  exportCredentials: () => api.exportCredentials({ format: "csv", all: true, recipient: "BA==", reason: "r" }),
  commitImport: () => api.commitImport({ files: [], skip: [1], tags: ["t"], leave_out_notes: true, targets: [] }),
  auditRecords: () =>
    api.auditRecords({
      search: "a",
      act: "a",
      credential: ID,
      actor: ID,
      since: "a",
      until: "a",
      cursor: "1",
      limit: 1,
    }),
  checkpoint: () => api.checkpoint(),
  bundle: () =>
    api.bundle({ search: "a", act: "a", credential: ID, actor: ID, since: "a", until: "a", sessions: [ID] }),
  savedViews: () => api.savedViews(),
  saveView: () => api.saveView("n", { search: "a", act: "a", credential: ID, actor: ID, since: "a", until: "a" }),
  removeView: () => api.removeView(ID),
  sinks: () => api.sinks(),
  createSink: () => api.createSink({ ...SINK, from_beginning: true }),
  changeSink: () => api.changeSink(ID, { ...SINK, new_signing_secret: true }),
  removeSink: () => api.removeSink(ID),
  pauseSink: () => api.pauseSink(ID),
  resumeSink: () => api.resumeSink(ID),
  rewindSink: () => api.rewindSink(ID, 1),
  testSink: () => api.testSink(ID),
  doctor: () => api.doctor(),
  changes: () => api.changes({ credential: ID, state: "failed", open: "true", cursor: "a", limit: 1 }),
  change: () => api.change(ID),
  askForChange: () => api.askForChange(ID, { rehearse: true, reason: "r" }),
  cancelChange: () => api.cancelChange(ID),
  retryChange: () => api.retryChange(ID),
  settleChange: () => api.settleChange(ID, "new"),
  notices: () => api.notices(),
  changeNotices: () => api.changeNotices({ tell_asker: true }),
  testNotices: () => api.testNotices(),
  deliveries: () => api.deliveries(),
  email: () => api.email(),
  changePreferences: () => api.changePreferences({ language: "es", time_zone: "UTC" }),
  changeEmail: () => api.changeEmail("ana@example.org"),
  automationOf: () => api.automationOf(ID),
  changeAutomation: () =>
    api.changeAutomation(ID, {
      origins: ["o"],
      sign_in: "a",
      change: "a",
      rules: "r",
      trust: "trust",
      heartbeat: true,
      changes_per_day: 2,
      policy: { every_days: 30, after_reveal: true, window: { from: "22:00", to: "05:00" } },
      session: { idle_minutes: 15, longest_minutes: 120, reason: true },
      extra_fields: [{ label: "l", html_name: "h", value: "v" }],
      certificate: "",
    }),
  recipes: () => api.recipes(),
  automation: () => api.automation(),
  startSession: () => sessions.startSession(ID, { reason: "r" }),
  openWaiting: () => sessions.openWaiting(ID),
  liveSessions: () => sessions.liveSessions({ open: true, credential: ID, cursor: "a", limit: 1 }),
  liveSession: () => sessions.liveSession(ID),
  endSession: () => sessions.endSession(ID),
  linkToSession: () => sessions.linkToSession(ID, { person: "ana", level: "view" }),
  useLink: () => sessions.useLink(ID, "cv_x"),
  linksOf: () => sessions.linksOf(ID),
  withdrawLinks: () => sessions.withdrawLinks(ID, ID),
  recordingOf: () => sessions.recordingOf(ID),
  partOf: () => sessions.partOf(ID, 3, new AbortController().signal),
};

let asked: { method: string; url: URL; body: unknown };

beforeEach(() => {
  vi.stubGlobal("fetch", (url: string, request: RequestInit) => {
    asked = {
      method: request.method ?? "",
      url: new URL(url, "http://vault"),
      body: request.body ? JSON.parse(request.body as string) : undefined,
    };
    return Promise.resolve(new Response("{}", { status: 200 }));
  });
  return () => vi.unstubAllGlobals();
});

it.each(Object.entries(calls))("%s", async (_, call) => {
  await call();
  const operation = operationFor(asked.method, asked.url.pathname);
  const known = (operation.parameters ?? []).map((parameter) => parameter.name);
  expect(known).toEqual(expect.arrayContaining([...asked.url.searchParams.keys()]));
  const schema = operation.requestBody?.content["application/json"]?.schema;
  expect(asked.body === undefined).toBe(schema === undefined);
  if (schema) {
    const { properties = {}, required = [] } = resolved(schema);
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(asked.body as object)));
    expect(Object.keys(asked.body as object)).toEqual(expect.arrayContaining(required));
  }
});

it("brings files as they are", async () => {
  let body: unknown;
  vi.stubGlobal("fetch", (url: string, request: RequestInit) => {
    asked = { method: request.method ?? "", url: new URL(url, "http://vault"), body: undefined };
    body = request.body;
    return Promise.resolve(new Response('{"upload":"u1"}'));
  });
  const file = new File(["x"], "a & b.png");
  expect(await sessions.uploadTo(ID, file, new AbortController().signal)).toBe("u1");
  expect(body).toBe(file);
  expect(asked.url.searchParams.get("name")).toBe("a & b.png");
  expect(operationFor(asked.method, asked.url.pathname).parameters?.map((parameter) => parameter.name)).toContain(
    "name",
  );
});

it("knows every call that the page can make", () => {
  // All but the last only make addresses; files go to a session as they are.
  const other = ["pictureOf", "webmOf", "downloadOf", "recordsCsv", "uploadTo"];
  const made = Object.entries({ ...api, ...sessions })
    .filter(([name, value]) => typeof value === "function" && !other.includes(name))
    .map(([name]) => name);
  expect(Object.keys(calls).sort()).toEqual(made.sort());
  expect(operationFor("GET", api.AUDIT_EXPORT)).toBeDefined();
  expect(operationFor("GET", api.recordsCsv({}))).toBeDefined();
  expect(operationFor("GET", api.pictureOf(ID, 3))).toBeDefined();
  expect(operationFor("GET", sessions.webmOf(ID))).toBeDefined();
  expect(operationFor("GET", sessions.downloadOf(ID, "f"))).toBeDefined();
});

function operationFor(method: string, address: string): Operation {
  // The page asks relative to where it is.
  const path = new URL(address, "http://vault").pathname;
  // A path that is there as it is written goes before one with a place for an id.
  const named = Object.keys(description.paths).sort((one, other) => Number(other === path) - Number(one === path));
  const template = named.find((each) => new RegExp(`^${each.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path));
  const operation = template && description.paths[template]?.[method.toLowerCase()];
  if (!operation) throw new Error(`the server's description has no ${method} ${path}`);
  return operation;
}

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name ? resolved(description.components.schemas[name] ?? {}) : schema;
}
