import { defineConfig } from "@playwright/test";
import { browser } from "./browser.ts";

export default defineConfig({
  testDir: "tests",
  expect: { toMatchAriaSnapshot: { pathTemplate: "{testDir}/snapshots/{arg}{ext}" } },
  // Each worker runs a server of its own; one retry would only hide what is wrong.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    ...browser,
    viewport: { width: 1280, height: 800 },
    // What cannot be pressed is named, long before the test's own time is over.
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: "off",
  },
});
