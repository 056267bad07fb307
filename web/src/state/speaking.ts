// In which language and time zone this browser is spoken to. Texts are looked up where modules begin, so the page is loaded anew.
import { t } from "../language";
import { LANGUAGES } from "../language/choose";
import { read, write } from "./storage";
import { route } from "./route.svelte";

export type Preference = "language" | "time-zone";
export type Options = readonly (readonly [value: string, words: string])[];

/** Each language by its name in itself, so that it is found by who reads no other. */
export const languages = (): Options => [["", t("Browser's language")], ...Object.entries(LANGUAGES)];

export const timeZones = (): Options => [
  ["", t("Browser's time zone")],
  ...[...new Set([...Intl.supportedValuesOf("timeZone"), "UTC"])].map(
    (zone) => [zone, zone.replaceAll("_", " ")] as const,
  ),
];

/** What was chosen; empty: the browser's own. */
export const preferred = (what: Preference): string => read(what) ?? "";

/**
 * Keeps it for this browser and loads the page anew; asks first where that would lose typed text. `keep` keeps it elsewhere before: where
 * that fails, nothing is chosen.
 */
export function prefer(
  what: Preference,
  value: string,
  keep: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  return new Promise((done, failed) => {
    route.leave(() => {
      keep().then(() => {
        write(what, value || null);
        location.reload();
        done();
      }, failed);
    });
  });
}
