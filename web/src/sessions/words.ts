// Words for what sessions say in codes. Pure.
import type { Extras, Level } from "../api/sessions";
import type { Challenge } from "../api/types";

export const LEVEL_WORDS: Record<Level, { word: string; about: string }> = {
  view: { word: "View", about: "see the screen only" },
  interact: { word: "Interact", about: "start sessions, and take control while nobody else has it" },
  control: { word: "Take over", about: "also take control from others" },
};

export const EXTRA_WORDS: readonly (readonly [keyof Extras, string])[] = [
  ["address", "open other URLs"],
  ["paste", "paste"],
  ["copy", "copy"],
  ["upload", "upload"],
  ["download", "download"],
];

/** What a person is to do on the screen, and when it goes on. */
export const TASK_WORDS: Record<Challenge, string> = {
  captcha: "Solve the CAPTCHA on the screen. Countersign then continues automatically.",
  location:
    "The site asks you to confirm this sign-in. Confirm it on the screen. Countersign then continues automatically.",
  trust_browser:
    "The site asks whether to trust this browser. Choose on the screen; a trusted browser is asked less often. Countersign then continues automatically.",
  new_device:
    "The site has sent a code to the account's owner. Enter it on the screen and confirm. Countersign then continues automatically.",
  unknown: "The site shows a page that Countersign does not recognise. Do what it asks on the screen, then press Done.",
};

/** Why something that was tried did not happen. */
export function refusedWords(what: string, why: string): string {
  const things: Record<string, string> = {
    paste: "Nothing was pasted",
    copy: "Nothing was copied",
    upload: "No file was uploaded",
    download: "The file was not kept",
    address: "The URL was not opened",
    control: "Control was not taken",
  };
  const sentence = /[.!?]$/.test(why) ? why : why ? `${why}.` : "You don't have access to it.";
  return `${things[what] ?? "Refused"}: ${sentence}`;
}

/** "640 B", "3 kB", "1.5 MB". */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  const mega = bytes / 1_000_000;
  return mega < 1_000 ? `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB` : `${(mega / 1_000).toFixed(1)} GB`;
}

/** "4:05", "1:02:09": a place on a timeline. */
export function placeWords(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const rest = `${Math.floor(seconds / 60) % 60}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : rest;
}
