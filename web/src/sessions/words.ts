// Words for what sessions say in codes. Pure.
import type { Extras, Level } from "../api/sessions";
import type { Challenge } from "../api/types";
import { locale, t } from "../language";

export const LEVEL_WORDS: Record<Level, { word: string; about: string }> = {
  view: { word: t("View"), about: t("see the screen only") },
  interact: { word: t("Interact"), about: t("start sessions, and take control while nobody else has it") },
  control: { word: t("Take over"), about: t("also take control from others") },
};

export const EXTRA_WORDS: readonly (readonly [keyof Extras, string])[] = [
  ["address", t("open other URLs")],
  ["paste", t("paste")],
  ["copy", t("copy")],
  ["upload", t("upload")],
  ["download", t("download")],
];

/** What a person is to do on the screen, and when it goes on. */
export const TASK_WORDS: Record<Challenge, string> = {
  captcha: t("Solve the CAPTCHA on the screen. Countersign then continues automatically."),
  location: t(
    "The site asks you to confirm this sign-in. Confirm it on the screen. Countersign then continues automatically.",
  ),
  trust_browser: t(
    "The site asks whether to trust this browser. Choose on the screen; a trusted browser is asked less often. Countersign then continues automatically.",
  ),
  new_device: t(
    "The site has sent a code to the account's owner. Enter it on the screen and confirm. Countersign then continues automatically.",
  ),
  unknown: t(
    "The site shows a page that Countersign does not recognise. Do what it asks on the screen, then press Done.",
  ),
};

/** Why something that was tried did not happen. */
export function refusedWords(what: string, why: string): string {
  const things: Record<string, string> = {
    paste: t("Nothing was pasted"),
    copy: t("Nothing was copied"),
    upload: t("No file was uploaded"),
    download: t("The file was not kept"),
    address: t("The URL was not opened"),
    control: t("Control was not taken"),
  };
  const sentence = /[.!?]$/.test(why) ? why : why ? `${why}.` : t("You don't have access to it.");
  return `${things[what] ?? t("Refused")}: ${sentence}`;
}

const TENTHS = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** "1.5", as the locale writes it. */
export function tenths(value: number): string {
  return TENTHS.format(value);
}

/** "640 B", "3 kB", "1.5 MB". */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return t("{size} kB", { size: Math.round(bytes / 1_000) });
  const mega = bytes / 1_000_000;
  if (mega >= 1_000) return t("{size} GB", { size: tenths(mega / 1_000) });
  return t("{size} MB", { size: mega < 10 ? tenths(mega) : Math.round(mega) });
}

/** "4:05", "1:02:09": a place on a timeline. */
export function placeWords(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const rest = `${Math.floor(seconds / 60) % 60}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : rest;
}
