// What a browser says it is, in words that people know their devices by.
import { t } from "./language";

/** Names (not-a-text). The first that is found counts: nearly all of them also say that they are Chrome, Safari or Mozilla. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|OPT|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|HeadlessChrome|Chromium)\//, "Chrome"],
  [/\bVersion\/[\d.]+ (?:Mobile\/\w+ )?Safari\//, "Safari"],
];

/** Names (not-a-text). An iPad asks for pages as a Mac does, and Android is a Linux: the narrower ones first. */
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/** "Chrome on Linux"; of a program its own name, as "curl"; "Unknown device" where it says nothing. */
export function deviceName(agent: string): string {
  const named = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (browser && system) return t("{browser} on {system}", { browser, system });
  if (browser) return browser;
  if (system) return t("Browser on {system}", { system });
  const program = /^[\w.-]+(?=\/|\s|$)/.exec(agent.trim())?.[0];
  return !program || program === "unknown" || program === "Mozilla" ? t("Unknown device") : program;
}
