// What each chapter is about, in one sentence, for the overview.

/** In the handbook's own language (not-a-text). */
export const ABOUT: Readonly<Record<string, string>> = {
  introduction: "What Countersign is, and where to begin.",
  "ten-minutes": "Try the demo, set up a vault that stays, and store the first account.",
  token: "Get a one-time code in the page, by keyboard, or in a terminal.",
  team: "Import the accounts, add people and groups, and grant them access.",
  accounts: "Add credentials, import them, restore them from the bin, and export them.",
  changes: "Change a password at its site, and see what can become of it.",
  recipes: "Describe a site whose pages are not found or not understood by themselves.",
  sessions: "Use a site in a recorded browser, together or alone.",
  access: "Roles, groups, grants, approvals and check-outs.",
  "signing-in": "Passwords, passkeys, recovery codes, sign-in providers and the browser extension.",
  "service-accounts": "Give programs and build jobs access of their own.",
  notices: "What is told to whom by e-mail, webhook or browser.",
  servers: "Run on PostgreSQL, and on more than one machine.",
  hardening: "Set up HTTPS and proxies, and protect the vault key.",
  backup: "Make backups, by hand or on a schedule, and restore them.",
  audit: "Export and verify the audit log, and send it elsewhere.",
  "command-line": "Completions, names, secrets for other programs, and where the login is kept.",
  api: "Ask the server over HTTP, as page and commands do.",
  settings: "Every setting, with its flag, its variable and its name in the settings file.",
  crypto: "Which algorithm is used for what, and how keys are replaced.",
  troubleshooting: "Find an error message, and what to do about it.",
};
