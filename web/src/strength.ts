/** Advice on a password for this vault while it is typed; the server decides. */
export interface Strength {
  /** 0 nothing yet, 1 too weak, 2 could be better, 3 good. */
  score: 0 | 1 | 2 | 3;
  advice: string;
}

export const SHORTEST = 12;
const COMMON = ["password", "passwort", "letmein", "welcome", "qwerty", "qwertz", "azerty", "iloveyou", "admin", "changeme", "countersign", "123456"];
const RUNS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm"];

export function strengthOf(password: string, name: string): Strength {
  if (password === "") return { score: 0, advice: `At least ${SHORTEST} characters. Four or five unrelated words are easy to remember.` };
  if (password.length < SHORTEST) {
    const missing = SHORTEST - password.length;
    return { score: 1, advice: `${missing} more ${missing === 1 ? "character" : "characters"}, please.` };
  }
  const lower = password.toLowerCase();
  if (name.trim().length >= 3 && lower.includes(name.trim().toLowerCase())) {
    return { score: 1, advice: "It holds your name, which is tried first. Choose something else." };
  }
  const common = COMMON.find((word) => lower.includes(word));
  const effective = password.length - repeated(lower) - (common ? common.length - 1 : 0);
  if (effective < 8) {
    return { score: 1, advice: common ? `“${common}” is among the first guesses. Add words that have nothing to do with it.` : "It repeats itself. Mix other words in." };
  }
  if (effective < SHORTEST) return { score: 2, advice: common ? `“${common}” is among the first guesses. Better without it.` : "Some of it is a run or a repetition. A few more characters make up for it." };
  return effective < 16 ? { score: 2, advice: "Good enough. Some more characters make it better." } : { score: 3, advice: "Good." };
}

/** How many characters a guesser gets for free, as they repeat or go on like the one before. */
function repeated(text: string): number {
  let free = 0;
  for (let i = 1; i < text.length; i++) {
    const pair = text.slice(i - 1, i + 1);
    const back = `${pair[1]}${pair[0]}`;
    const again = text.slice(0, i - 1).includes(pair);
    if (pair[0] === pair[1] || again || RUNS.some((run) => run.includes(pair) || run.includes(back))) free++;
  }
  return free;
}
