// `npm run pictures`: takes the pictures in docs/handbook/src/pictures anew.
import { defineConfig } from "@playwright/test";
import { browser } from "./browser.ts";

export default defineConfig({
  testDir: "pictures",
  testMatch: "*.ts",
  workers: 1,
  timeout: 120_000,
  reporter: [["list"]],
  use: { ...browser },
});
