// Every page but the list, by the name that the frame and the app have for it. Fetched with the first of them, so that the first
// page does not hold the names of all their files.
import type { Component } from "svelte";

export type Load = () => Promise<{ default: Component<Record<string, unknown>> }>;

const PAGES = {
  access: () => import("./access/Access.svelte"),
  audit: () => import("./Audit.svelte"),
  bin: () => import("./Bin.svelte"),
  change: () => import("./changes/Change.svelte"),
  changes: () => import("./changes/Changes.svelte"),
  concern: () => import("./dashboard/Concern.svelte"),
  dashboard: () => import("./dashboard/Dashboard.svelte"),
  device: () => import("./DeviceLogin.svelte"),
  destinations: () => import("./audit/Destinations.svelte"),
  export: () => import("./Export.svelte"),
  "export-request": () => import("./requests/ExportRequest.svelte"),
  form: () => import("./CredentialForm.svelte"),
  handbook: () => import("./help/Handbook.svelte"),
  "handbook-before-sign-in": () => import("./help/BeforeSignIn.svelte"),
  help: () => import("./Help.svelte"),
  import: () => import("./Import.svelte"),
  live: () => import("./sessions/Live.svelte"),
  missing: () => import("./Missing.svelte"),
  palette: () => import("../palette/Palette.svelte"),
  preferences: () => import("../parts/account/Preferences.svelte"),
  recipes: () => import("./changes/Recipes.svelte"),
  recording: () => import("./sessions/Replay.svelte"),
  request: () => import("./requests/Request.svelte"),
  requests: () => import("./requests/Requests.svelte"),
  sessions: () => import("./sessions/Sessions.svelte"),
  settings: () => import("./Settings.svelte"),
  verify: () => import("./Verify.svelte"),
  waiting: () => import("./changes/Waiting.svelte"),
  // What one meets once in the life of an account.
  enrol: () => import("./Enrol.svelte"),
  "first-password": () => import("./FirstPassword.svelte"),
  provider: () => import("./Provider.svelte"),
  setup: () => import("./Setup.svelte"),
  welcome: () => import("./Welcome.svelte"),
};
export type PageName = keyof typeof PAGES;

/** What the page of that name is loaded by. */
export default function loadOf(name: PageName): Load {
  const load: () => Promise<{ default: unknown }> = PAGES[name];
  return load as Load;
}
