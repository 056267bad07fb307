// Words for what sessions say in codes. Pure.
import type { Extras, Level } from "../api/sessions";
import type { Challenge } from "../api/types";

export const LEVEL_WORDS: Record<Level, { word: string; about: string }> = {
  view: { word: "watch", about: "sees the picture, touches nothing" },
  interact: { word: "take part", about: "starts sessions, and takes control while nobody holds it" },
  control: { word: "take over", about: "takes control from whoever holds it, too" },
};

export const EXTRA_WORDS: readonly (readonly [keyof Extras, string])[] = [
  ["address", "open other addresses there"],
  ["paste", "paste into the page"],
  ["copy", "copy out of the page"],
  ["upload", "bring files"],
  ["download", "take files"],
];

/** What a person is to do in the picture, and when it goes on. */
export const TASK_WORDS: Record<Challenge, string> = {
  captcha: "Solve the CAPTCHA in the picture, as far as the site asks for it. Countersign goes on by itself once it is gone.",
  location: "The site asks whether this sign-in was meant. Confirm it in the picture. Countersign goes on by itself.",
  trust_browser: "The site asks whether to trust this browser. Choose in the picture: trusted, it asks less often. Countersign goes on by itself.",
  new_device: "The site has sent a code to the account's owner. Type that code in the picture and confirm it. Countersign goes on by itself.",
  unknown: "The site shows a page that Countersign does not know. Do what it asks in the picture, then press Done.",
};

/** Why something that was tried did not happen. */
export function refusedWords(what: string, why: string): string {
  const things: Record<string, string> = {
    paste: "Nothing was pasted", copy: "Nothing was copied", upload: "No file was given", download: "The file was not kept", address: "The address was not opened", control: "Control stays where it is",
  };
  const sentence = /[.!?]$/.test(why) ? why : why ? `${why}.` : "It is not granted to you here.";
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
