import { plural, t } from "./language";

/** Advice on a password for this vault while it is typed; which ones may be had, the server decides. */
export interface Strength {
  /** "Too weak", "Fair", "Good"; empty where nothing is typed. */
  word: string;
  advice: string;
}

export const SHORTEST = 12;

export function strengthOf(password: string, name: string): Strength {
  if (password === "")
    return {
      word: "",
      advice: t("At least {count} characters. Four or five unrelated words are easy to remember.", { count: SHORTEST }),
    };
  const missing = SHORTEST - password.length;
  if (missing > 0)
    return {
      word: t("Too weak"),
      advice: plural(missing, "{count} more character needed.", "{count} more characters needed."),
    };
  const lower = password.toLowerCase();
  if (name.length >= 3 && lower.includes(name.toLowerCase())) {
    const advice = t("It contains your name, which attackers try first. Choose something else.");
    return { word: t("Too weak"), advice };
  }
  if (new Set(lower).size < 6) return { word: t("Too weak"), advice: t("It repeats itself. Add other words.") };
  return password.length < 16
    ? { word: t("Fair"), advice: t("A few more characters make it stronger.") }
    : { word: t("Good"), advice: t("As long as nobody else can guess it.") };
}
