// What of a document a credential is typed into: the small part of the server's recogniser (`crates/recipe/src/recognise/`) that
// filling in needs. Both read the same words, and both are held to the same pictures of pages.
import type { DescribedField } from "./field.ts";
import { formsOf, type DescribedForm } from "./form.ts";
import {
  code,
  digitBoxes,
  isSent,
  puzzle,
  readPasswords,
  silentName,
  username,
  type PasswordReading,
} from "./lines.ts";
import type { Frame } from "./snapshot.ts";
import { any, attributeMeaning, meaning } from "./words.ts";

/** The fields of one form by their numbers. */
export interface Decision {
  username?: number;
  /** The password that holds now. */
  password?: number;
  /** The token, whole or a digit in each. */
  token: number[];
}

interface Judged {
  form: DescribedForm;
  decision: Decision;
  score: number;
}

/** Where nothing can be filled in, nothing is. */
const CERTAIN = 0.5;

/** The fields of the form that the document is about. */
export function decide(frame: Frame): Decision {
  const inside = offersWayOut(frame) && !offersWayIn(frame);
  const outside = offersWayIn(frame) && !offersWayOut(frame);
  const judged = formsOf(frame)
    .map((form) => judge(form, inside, outside))
    .filter((one) => one !== undefined)
    .filter((one) => !inside || one.decision.password === undefined || isSoleTopic(one.form));
  const weigh = ({ form, score }: Judged) => {
    const covered = form.lines.some((line) => line.field.covered) ? 0.5 : 0;
    return score + (form.dialog === undefined ? 0 : 0.5) - covered;
  };
  const found = judged.reduce<Judged | undefined>((a, b) => (a && weigh(a) > weigh(b) ? a : b), undefined);
  return found?.decision ?? { token: [] };
}

function judge(form: DescribedForm, inside: boolean, outside: boolean): Judged | undefined {
  const { around } = form;
  const digits = digitBoxes(form);
  const passwords = form.lines.filter((line) => line.isPassword && !digits.includes(line));
  const open = form.lines.filter((line) => !line.isPassword && !digits.includes(line));
  const riddle = puzzle(form, open, passwords.length > 0);
  const token = code(form, open, passwords, riddle);
  const name = username(open, passwords[0], token, riddle) ?? silentName(form, open, passwords);
  const hasCode = token !== undefined || digits.length > 0;
  const tokens = isSent(form, token) ? [] : digits.length > 0 ? digits : token ? [token] : [];
  const recovery = around.weight("Recovery") > 1.4 || (token?.weight("Recovery") ?? 0) >= 1.8;
  const beside = Math.max(around.weight("Newsletter"), around.weight("Search"), form.others > 0 ? 0.6 : 0);
  if (passwords.length > 3 || opensAnAccount(form, passwords)) return undefined;

  const decision: Decision = { token: tokens.map((line) => line.field.node) };
  let score: number;
  const aboutName = name !== undefined && !(passwords.length >= 2 && (aboutChange(form) || passwords.length === 3));
  const record = isRecord(form, passwords);
  const changing = changingOf(form) + (record ? 2.2 : 0) - signingIn(form, aboutName && !record, hasCode, outside);
  const reading = readPasswords(passwords, changing);
  if (reading) {
    const place = reading.roles.indexOf("old");
    const sure = reading.score > -Infinity && reading.margin * 0.3 + 0.3 >= CERTAIN;
    if (reading.roles.includes("new")) {
      score = scoreOfAChange(form, reading, passwords, name, changing);
    } else {
      score = scoreOfAPassword(form, passwords, name, hasCode, inside);
      if (score > 0.3 && name) decision.username = name.field.node;
    }
    const old = passwords[place];
    if (old && sure) decision.password = old.field.node;
  } else if (hasCode && !recovery && around.ownWeight("SignUp") < 1.5) {
    score = 1 + Math.max(around.weight("Code"), around.weight("Authenticator")) * 0.5 + (digits.length > 0 ? 1 : 0);
    score += (token?.code ?? 0) >= 3 ? 0.6 : 0;
    score -= beside;
  } else if (name) {
    score = scoreOfAName(form, name, riddle, beside);
    decision.username = name.field.node;
    decision.token = [];
  } else {
    return undefined;
  }
  if (form.index === undefined && form.buttons.length === 0 && form.dialog === undefined) score -= 0.6;
  return score > 0.3 ? { form, decision, score } : undefined;
}

const FORGETFUL = 0.6;

function scoreOfAChange(
  form: DescribedForm,
  reading: PasswordReading,
  passwords: readonly DescribedField[],
  name: DescribedField | undefined,
  changing: number,
): number {
  const elsewhere = Math.max(form.around.weight("Delete"), form.around.ownWeight("SignUp"));
  let score = 1.2 + changing + (passwords.length > 1 ? 0.8 : 0) + reading.score * 0.15 - elsewhere;
  const empty = form.lines.some((line) => !line.isPassword && !line.field.filled && line.username >= 1);
  if (name && empty && !reading.roles.includes("old") && !aboutChange(form)) score -= 1.5;
  const declared = (token: string) => passwords.some((line) => line.token === token);
  if (declared("current-password") && declared("new-password")) score += 0.6;
  if (form.around.weight("Forgot") > 1.4) score -= 0.5;
  return score + 0.7;
}

function scoreOfAPassword(
  form: DescribedForm,
  passwords: readonly DescribedField[],
  name: DescribedField | undefined,
  hasCode: boolean,
  inside: boolean,
): number {
  const { around } = form;
  const air = (concept: Parameters<typeof around.weight>[0]) => around.weight(concept);
  const newMail = form.lines.some((line) => line.says("Email") && line.says("New"));
  if (newMail || air("Delete") > 1) return 0;
  const saysOld = (line: DescribedField) => line.isPassword && (line.token === "current-password" || line.says("Old"));
  if (aboutChange(form) && form.lines.length === 1 && form.lines.every(saysOld)) return 1.6 + air("Change") * 0.3;
  if (name) {
    const names = form.lines.filter((line) => !line.isPassword && line.username >= 1.5).length;
    const changingMail = Math.max(0, Math.max(air("Change"), air("Save") * 0.7) - air("SignIn"));
    const settings = inside && Math.max(around.loudWeight("SignIn"), air("Reauth")) < 0.7;
    const against = around.ownWeight("SignUp") * 1.2 + changingMail * 1.2 + (names > 1 ? 1.5 : 0) + (settings ? 2 : 0);
    return 1.8 + air("SignIn") + (hasCode ? 0.3 : 0) + around.helpsWhoForgot * FORGETFUL - against;
  }
  const again = air("Reauth");
  const said = Math.max(again, air("SignIn") + (form.fixed.length > 0 ? 0.4 : 0));
  if (inside && !asksAgain(form, said)) return 0;
  const other = Math.max(air("Change"), air("Save"), around.ownWeight("SignUp")) - said;
  const alone = form.others === 0 && (form.lines.length === 1 || (hasCode && passwords.length === 1));
  const helps = around.helpsWhoForgot * FORGETFUL;
  return 1.1 + said - Math.max(0, other) + (alone ? 0.6 : 0) + helps - (form.others > 0 ? 0.5 : 0);
}

/** How much a form with a line for a name and none for a secret looks like the first step of signing in. */
function scoreOfAName(
  form: DescribedForm,
  name: DescribedField,
  riddle: DescribedField | undefined,
  beside: number,
): number {
  const { around } = form;
  const region = name.field.region ?? "";
  if (name.names.has("Newsletter") || region === "footer" || region === "aside") return 0;
  const others = form.lines.filter((line) => line !== name && line !== riddle).length;
  const social = form.buttons.some((button) => meaning(button.name).has("Social"));
  const evidence =
    around.weight("SignIn") +
    (form.hidden.some((field) => field.kind === "password") ? 1 : 0) +
    (name.token === "username" ? 1 : 0) +
    (name.says("Username") ? 0.4 : 0) +
    around.helpsWhoForgot +
    (social ? 0.6 : 0) -
    (others > 0 ? 1.5 : 0) -
    (EDGES.includes(region) ? 1 : 0);
  const score = evidence > 0.6 ? evidence + name.username * 0.4 : 0;
  const against = around.ownWeight("SignUp") + beside * 1.5 + around.weight("Forgot") * 0.8;
  return score - against - around.weight("Delete") - around.weight("Change");
}

/** Whether a form that asks somebody who is in for one password has confirming as its sole topic. */
function asksAgain(form: DescribedForm, said: number): boolean {
  const declared = form.lines.some(
    (line) => line.token === "current-password" || line.says("Old") || line.says("Reauth"),
  );
  const digits = digitBoxes(form);
  const open = form.lines.filter((line) => !line.isPassword && !digits.includes(line)).length;
  return (said > 0 || declared) && form.others === 0 && open <= 2 && form.boxes.length <= 1;
}

/** Whether its headings say that the password is to be changed. */
const aboutChange = ({ around: { title } }: DescribedForm): boolean =>
  title.has("Password") && any(title, "Change", "New");

/** Whether it shows what is known of an account, to be edited: an empty password there is the new one. */
function isRecord(form: DescribedForm, passwords: readonly DescribedField[]): boolean {
  const { button } = form.around;
  const saves = any(button, "Save", "Change") && !button.has("SignIn");
  const known = form.lines.filter((line) => !line.isPassword);
  const filled = known.filter((line) => line.field.filled && !line.field.secret).length;
  const [only] = passwords;
  const asksNow = passwords.length === 1 && (only?.token === "current-password" || only?.says("Old") === true);
  const confirms = form.around.weight("Reauth") > 0 || asksNow;
  return saves && filled > 0 && known.length <= 2 * filled && passwords.length >= 1 && !confirms;
}

/** How much around a form speaks of setting a new password; negative when it speaks of signing in or of confirming. */
function changingOf(form: DescribedForm): number {
  const { around } = form;
  const change = Math.max(around.weight("Change"), around.loudWeight("New")) + around.weight("Save") * 0.5;
  const against = Math.max(around.weight("SignIn"), around.weight("Reauth"), around.weight("Delete"));
  return (Math.min(change, 2.5) + (aboutChange(form) ? 1 : 0)) * 0.6 - Math.min(against, 3) * 0.8;
}

/** What tells a form to sign in whatever its words are. */
function signingIn(form: DescribedForm, named: boolean, hasCode: boolean, outside: boolean): number {
  const name = named && form.around.loudWeight("SignUp") < 1 ? 1.6 : 0;
  const fixed = name === 0 && form.fixed.length > 0 ? 0.6 : 0;
  const remembers = form.boxes.some((one) => one.said.has("Remember") || one.near.has("Remember"));
  const helps = form.around.helpsWhoForgot * FORGETFUL;
  return helps + name + (outside ? 0.8 : 0) + fixed + (hasCode ? 0.8 : 0) + (remembers ? 0.6 : 0);
}

/** Whether a form opens an account. */
function opensAnAccount(form: DescribedForm, passwords: readonly DescribedField[]): boolean {
  const { around } = form;
  const one = (said: boolean, weight: number) => (said ? weight : 0);
  const current = passwords.some((line) => line.token === "current-password" || line.says("Old"));
  const fresh = passwords.some((line) => line.token === "new-password");
  const told = [...form.lines, ...form.boxes].filter((line) => line.said.has("Person")).length;
  const person = told + form.lines.filter((line) => line.token === "other").length;
  const named = form.lines.some((line) => !line.isPassword && line.username >= 1.5);
  const sure = around.ownWeight("SignUp") + one(around.page.has("SignUp"), 0.4);
  const newcomer = one(fresh && !current && named, 0.8) + one(person > 0, 0.8) + one(person > 1, 0.4);
  const against =
    around.loudWeight("SignIn") +
    one(around.attributes.has("SignIn"), 0.7) +
    one(around.page.has("SignIn"), 0.4) +
    one(around.title.has("Password") && around.title.has("Change"), 1.5) +
    around.helpsWhoForgot * 0.8 +
    one(current, 1.2);
  const all = sure + (sure > 0 || person > 1 ? newcomer : 0);
  return all > against + 0.4 && all >= 1.1;
}

const EDGES: readonly string[] = ["header", "navigation", "footer", "aside", "search"];

/** Whether a form that asks for the password again is all that its page, or its dialog, asks. */
function isSoleTopic(form: DescribedForm): boolean {
  return !(form.frame.fields ?? []).some((field) => {
    const asked = ["text", "email", "tel", "number", "password", "url", "select", "text_area"].includes(field.kind);
    const usable = !field.hidden && !field.disabled && !field.read_only;
    const elsewhere = field.form !== form.index && field.dialog === form.dialog;
    return asked && usable && elsewhere && !EDGES.includes(field.region ?? "");
  });
}

/** A link, button or form that signs out. */
function offersWayOut({ buttons = [], links = [], forms = [] }: Frame): boolean {
  const out = (name: string, ...attributes: string[]) => {
    const says = meaning(name);
    const own = attributes.some((one) => attributeMeaning(one).has("SignOut")) && !any(says, "SignIn", "Cancel");
    return name.length <= 60 && (says.has("SignOut") || own);
  };
  const path = (address: string) => address.replace(/^[a-z]+:\/\/[^/]*/, "").split("?")[0] ?? "";
  const sent = (form: number | undefined) => (form === undefined ? "" : (forms[form]?.action_path ?? ""));
  return (
    buttons.some((button) => out(button.name, button.hints ?? "", sent(button.form))) ||
    links.some((link) => out(link.name, path(link.address)))
  );
}

/** A link or button that leads to a way in. */
function offersWayIn({ buttons = [], links = [] }: Frame): boolean {
  return [...buttons, ...links].some(({ name }) => {
    const says = meaning(name);
    return any(says, "SignIn", "SignUp") && !any(says, "SignOut", "Security", "Settings", "Sessions");
  });
}
