/** Advice on a password for this vault while it is typed; which ones may be had, the server decides. */
export interface Strength {
  word: "" | "Too weak" | "Fair" | "Good";
  advice: string;
}

export const SHORTEST = 12;

export function strengthOf(password: string, name: string): Strength {
  if (password === "")
    return { word: "", advice: `At least ${SHORTEST} characters. Four or five unrelated words are easy to remember.` };
  const missing = SHORTEST - password.length;
  if (missing > 0)
    return { word: "Too weak", advice: `${missing} more ${missing === 1 ? "character" : "characters"} needed.` };
  const lower = password.toLowerCase();
  if (name.length >= 3 && lower.includes(name.toLowerCase())) {
    return { word: "Too weak", advice: "It contains your name, which attackers try first. Choose something else." };
  }
  if (new Set(lower).size < 6) return { word: "Too weak", advice: "It repeats itself. Add other words." };
  return password.length < 16
    ? { word: "Fair", advice: "A few more characters make it stronger." }
    : { word: "Good", advice: "As long as nobody else can guess it." };
}
