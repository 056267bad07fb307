/** Advice on a password for this vault while it is typed; which ones may be had, the server decides. */
export interface Strength {
  word: "" | "too weak" | "fair" | "good";
  advice: string;
}

export const SHORTEST = 12;

export function strengthOf(password: string, name: string): Strength {
  if (password === "") return { word: "", advice: `At least ${SHORTEST} characters. Four or five unrelated words are easy to remember.` };
  const missing = SHORTEST - password.length;
  if (missing > 0) return { word: "too weak", advice: `${missing} more ${missing === 1 ? "character" : "characters"}, please.` };
  const lower = password.toLowerCase();
  if (name.length >= 3 && lower.includes(name.toLowerCase())) {
    return { word: "too weak", advice: "It holds your name, which is tried first. Choose something else." };
  }
  if (new Set(lower).size < 6) return { word: "too weak", advice: "It repeats itself. Mix other words in." };
  return password.length < 16 ? { word: "fair", advice: "Some more characters make it better." } : { word: "good", advice: "If nobody but you can think of it." };
}
