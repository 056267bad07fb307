// What an account keeps, taken into a browser.
import { expect, test } from "vitest";
import { differing } from "../src/state/adopting";

const here = (kept: Record<string, string>) => (name: string) => kept[name] ?? null;

test.each([
  ["nothing was chosen anywhere", {}, {}, []],
  ["what the account has nothing of stays", { language: null }, { language: "es" }, []],
  ["a browser that has nothing takes it", { language: "es" }, {}, [["language", "es"]]],
  ["the account's counts", { language: "es" }, { language: "pt" }, [["language", "es"]]],
  ["the same changes nothing", { language: "es", time_zone: "UTC" }, { language: "es", "time-zone": "UTC" }, []],
  ["as the browser has it", { language: "browser" }, { language: "es" }, [["language", null]]],
  ["and where it keeps nothing", { language: "browser", time_zone: "browser" }, {}, []],
  ["each by itself", { language: "es", time_zone: "UTC" }, { language: "es" }, [["time-zone", "UTC"]]],
])("%s", (_what, kept, kept_here, changes) => expect(differing(kept, here(kept_here))).toEqual(changes));
