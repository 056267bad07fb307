import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from "@playwright/test";

/** Of several such lists Chromium takes the last, so this one begins with what Playwright leaves out itself. */
const off = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  // Pages of Chromium's own, loaded for each window that nobody sees; they take more time than most tests.
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
];
// A web app that the tests bring themselves counts as one from the internet, which may open no socket to this machine.
if (process.env["COUNTERSIGN_WEB"]) off.push("LocalNetworkAccessChecks");

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
      `--disable-features=${off.join(",")}`,
    ],
  },
};
