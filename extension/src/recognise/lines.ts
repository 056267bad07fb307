// Which of a form's lines takes what: the name, the passwords, the token. The rules are those of `lines.rs`, `passwords.rs` and
// `kind.rs` in `crates/recipe/src/recognise/`.
import type { DescribedField } from "./field.ts";
import type { DescribedForm } from "./form.ts";
import type { Place } from "./snapshot.ts";

type Lines = readonly DescribedField[];

/** The best of some that weighs at least so much; the last of equals. */
function best(weighed: [DescribedField, number][], least: number): DescribedField | undefined {
  const fit = weighed.filter(([, score]) => score >= least);
  return fit.reduce<[DescribedField, number] | undefined>((a, b) => (a && a[1] > b[1] ? a : b), undefined)?.[0];
}

/** The name: the best line that could be one, near before the first password. */
export function username(
  open: Lines,
  password: DescribedField | undefined,
  code: DescribedField | undefined,
  puzzle: DescribedField | undefined,
): DescribedField | undefined {
  const before = password?.field.order ?? Infinity;
  const nearest = Math.max(-1, ...open.map((line) => line.field.order).filter((order) => order < before));
  const may = open.filter((line) => {
    const other = line.foreign || line.isPuzzle || line.isQuestion || line.isPin || line.isOfACard;
    return line !== code && line !== puzzle && !other;
  });
  const alone = open.length === 1 + (code ? 1 : 0) + (puzzle ? 1 : 0);
  const weigh = (line: DescribedField): [DescribedField, number] => {
    const near = password !== undefined && line.field.order === nearest;
    return [line, line.username + (near ? (alone ? 3.2 : 1.5) : 0)];
  };
  return best(may.map(weigh), 1);
}

/** The only line of a form that speaks of signing in, and says nothing of itself: icons do for words. */
export function silentName(form: DescribedForm, open: Lines, passwords: Lines): DescribedField | undefined {
  const [line, ...more] = open;
  const signsIn = form.around.weight("SignIn") >= 1 || form.around.helpsWhoForgot >= 1;
  if (!line || more.length > 0 || passwords.length > 0 || !signsIn || form.images.length > 0) return undefined;
  return line.isSilent && !line.isNumeric && !line.isQuestion && !line.isPuzzle ? line : undefined;
}

/** Boxes that take one character each: at least four of a kind in a row. */
export function digitBoxes(form: DescribedForm): DescribedField[] {
  let longest: DescribedField[] = [];
  let run: DescribedField[] = [];
  for (const line of form.lines) {
    const { place, max_length: most } = line.field;
    const last = run.at(-1)?.field.place;
    const same = !last || (Math.abs(last.w - place.w) <= 4 && Math.abs(last.h - place.h) <= 4);
    const narrow = place.w > 0 && place.w <= 80 && (most === undefined || most <= 10);
    const one = (most === 1 || narrow) && !line.foreign && !line.isPuzzle;
    if (!one || !same) run = [];
    if (one) run.push(line);
    if (run.length > longest.length) longest = [...run];
  }
  const single = longest.filter((line) => line.field.max_length === 1).length;
  const enough = longest.length >= 4 && longest.length <= 10;
  return enough && (single + 1 >= longest.length || isRowOfNumbers(longest)) ? longest : [];
}

/** Narrow boxes for digits side by side, none of which says how much it takes. */
function isRowOfNumbers(boxes: Lines): boolean {
  const digit = (line: DescribedField) => line.isNumeric || line.token === "one-time-code";
  const other = (line: DescribedField) => line.token === "card" || line.isOfACard;
  const beside = (a: Place, b: Place) => {
    const gap = b.x - a.x - a.w;
    return a.y < b.y + b.h && b.y < a.y + a.h && gap >= -2 && gap <= 48;
  };
  const pairs = boxes.slice(1).map((box, place) => [boxes[place], box] as const);
  return (
    boxes.every((box) => digit(box) && box.field.place.w <= 64 && !other(box)) &&
    pairs.every(([a, b]) => a !== undefined && beside(a.field.place, b.field.place))
  );
}

const isLegible = ({ place }: { place: Place }): boolean =>
  place.w >= 60 && place.w <= 500 && place.h >= 20 && place.h <= 250;

/** A line that a person has to fill: it says so, it stands under a question, or a picture stands beside it. */
export function puzzle(form: DescribedForm, open: Lines, withPassword: boolean): DescribedField | undefined {
  const pictured = form.images.some(isLegible);
  const weigh = (line: DescribedField): [DescribedField, number] => {
    let score = line.weight("Human") + (line.isPuzzle ? 2 : 0);
    if (withPassword && line.isQuestion) score += 2;
    if (pictured && line.username < 2 && line.code < 2.5) {
      const orders = form.lines.map((one) => one.field.order).filter((order) => order < line.field.order);
      const after = Math.max(-1, ...orders);
      const behind = form.images.some((one) => isLegible(one) && one.order > after && one.order < line.field.order);
      score += 1 + Math.min(form.around.weight("Human"), 1.5) + (orders.length > 0 && behind ? 1 : 0);
    }
    if (line.token === "other" || line.says("Search")) score -= 2;
    return [line, score];
  };
  return best(open.map(weigh), 1.8);
}

/** The line for a token: one that says so, or that can be nothing else. A name, a puzzle, a card's code are none. */
export function code(
  form: DescribedForm,
  open: Lines,
  passwords: Lines,
  riddle: DescribedField | undefined,
): DescribedField | undefined {
  const air = Math.max(form.around.weight("Authenticator"), form.around.weight("Code"));
  const cards = form.lines.filter((line) => line.token === "card" || line.isOfACard).length;
  const pays = cards > 1 && form.lines.some((line) => line.isOfACard);
  const [password] = passwords;
  const nameFirst = password !== undefined && open.some((line) => line.field.order < password.field.order);
  const signsIn = passwords.length === 1 && nameFirst && form.around.weight("SignIn") > 0;
  const may = (line: DescribedField) => {
    const { max_length: most, filled, secret, kind } = line.field;
    const misdeclared =
      signsIn &&
      !pays &&
      (most === undefined || most >= 6) &&
      (line.names.has("Code") || line.names.has("Authenticator"));
    const keepsSix = most !== undefined && most >= 6 && most <= 10;
    const long = line.says("Code") && (keepsSix || line.says("SixDigits"));
    const card =
      line.isOfACard ||
      (line.token === "card" && air < 0.4 && line.weight("Authenticator") < 1 && !long && !misdeclared);
    const prefilled = filled && !secret && kind !== "password";
    const other =
      line.weight("Authenticator") < 1 &&
      (line.says("OtherCode") || line.names.has("OtherCode") || line.says("Tenant"));
    const pin = line.isPin && form.around.weight("Authenticator") < 0.7;
    const no = other || line.foreign || pin || card || pays || line.isDeclaredName || line.isQuestion || prefilled;
    return line !== riddle && !line.isPuzzle && !no;
  };
  const isOne = (line: DescribedField) =>
    line.code >= 2.2 ||
    (line.code > 0.7 && aloneInCodeAir(form, open, line)) ||
    namelessAfterPassword(form, open, passwords, line);
  const found = open.filter((line) => may(line) && isOne(line));
  return best(
    found.map((line) => [line, line.code]),
    -Infinity,
  );
}

function aloneInCodeAir(form: DescribedForm, open: Lines, line: DescribedField): boolean {
  const air = Math.max(form.around.weight("Code"), form.around.weight("Authenticator"));
  return open.length === 1 && !form.lines.some((one) => one.isPassword) && air >= 1.4 && !line.says("Human");
}

/** A line that says nothing of itself and is the only one after name and password. */
function namelessAfterPassword(form: DescribedForm, open: Lines, passwords: Lines, line: DescribedField): boolean {
  const [password, ...more] = passwords;
  if (!password || more.length > 0) return false;
  const after = open.filter((one) => one.field.order > password.field.order).length;
  const undeclared = line.token === "none" || line.token === "one-time-code" || (line.saysCode && line.isNumeric);
  const behind = line.field.order > password.field.order;
  return after === 1 && line.isSilent && undeclared && behind && form.others === 0 && form.images.length === 0;
}

/** Whether the code was sent somewhere, rather than made by an app. */
export function isSent(form: DescribedForm, line: DescribedField | undefined): boolean {
  const air = (concept: Parameters<typeof form.around.weight>[0]) => form.around.weight(concept);
  const own = line
    ? Math.max(line.weight("Sent"), line.weight("Email"), line.weight("Phone")) - line.weight("Authenticator")
    : 0;
  const score = own + air("Sent") + air("NewDevice") * 0.5 + Math.max(air("Email"), air("Phone")) * 0.5;
  return score - air("Authenticator") * 1.2 > 0.6;
}

export type PasswordRole = "old" | "new" | "repeat";

/** The orders that make sense, with what speaks for each before anything is read. */
const ORDERS: readonly (readonly [readonly PasswordRole[], number])[] = [
  [["old"], 0.6],
  [["new"], 0],
  [["new", "repeat"], 0.6],
  [["old", "new"], 0.3],
  [["new", "old"], -0.6],
  [["old", "new", "repeat"], 1.5],
  [["new", "repeat", "old"], 0.3],
  [["new", "old", "repeat"], -1],
  [["repeat", "new", "old"], -2],
];

export interface PasswordReading {
  roles: readonly PasswordRole[];
  score: number;
  /** How far ahead of the next best it is. */
  margin: number;
}

/** Weighs every order. `changing` says how much around the form speaks of setting a new password. */
export function readPasswords(fields: Lines, changing: number): PasswordReading | undefined {
  const count = (token: string) => fields.filter((field) => field.token === token).length;
  const contradicted = fields.some((field) => field.contradictsItsToken);
  const tokens = count("current-password") <= 1 && count("new-password") <= 2 && !contradicted;
  const weighed = ORDERS.filter(([roles]) => roles.length === fields.length).map(([roles, before]) => {
    const each = fields.map((field, place) => weightOf(field, roles[place] ?? "old", tokens));
    const around = roles.includes("new") ? changing : -changing;
    return { roles, score: each.reduce((a, b) => a + b, before + around) + alike(fields, roles) };
  });
  weighed.sort((a, b) => b.score - a.score);
  const [first, next] = weighed;
  return first && { ...first, margin: Math.min(9, first.score - (next?.score ?? -Infinity)) };
}

function weightOf(field: DescribedField, role: PasswordRole, tokens: boolean): number {
  const [fresh, old, repeat] = [field.weight("New"), field.weight("Old"), field.weight("Repeat")];
  const limits = field.field.min_length !== undefined || field.field.pattern ? 1 : 0;
  const declared = (wanted: string) => {
    if (!tokens) return 0;
    if (field.token === wanted) return 2;
    return field.token === "current-password" || field.token === "new-password" ? -1 : 0;
  };
  if (role === "old") return declared("current-password") + old - fresh - repeat * 0.6 - limits * 0.5;
  if (role === "new") return declared("new-password") + fresh - old - repeat * 0.8 + limits * 0.4;
  return declared("new-password") + repeat + fresh * 0.3 - old + limits * 0.2;
}

/** The new password and its repetition obey the same limits; the old one seldom has any. */
function alike(fields: Lines, roles: readonly PasswordRole[]): number {
  const limits = (role: PasswordRole) => {
    const field = fields[roles.indexOf(role)]?.field;
    return field && JSON.stringify([field.min_length, field.max_length, field.pattern ?? ""]);
  };
  const [fresh, repeat, old] = [limits("new"), limits("repeat"), limits("old")];
  if (fresh && repeat && fresh !== repeat) return -0.8;
  return fresh && !repeat && old && fresh !== old ? 0.5 : 0;
}
