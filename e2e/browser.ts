import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from "@playwright/test";

/** The machine's own Chromium, quiet: it asks no address of its own. */
export const browser: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  browserName: "chromium",
  locale: "en-GB",
  timezoneId: "Europe/Berlin",
  launchOptions: {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--disable-quic",
      // A web app that the tests bring themselves counts as one from the internet, which may open no socket to this machine.
      ...(process.env["COUNTERSIGN_WEB"] ? ["--disable-features=LocalNetworkAccessChecks"] : []),
    ],
  },
};
