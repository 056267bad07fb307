// One field: everything that says what it is for, weighed. The rules are those of `crates/recipe/src/recognise/field.rs`.
import type { Field } from "./snapshot.ts";
import { any, attributeMeaning, both, fold, meaning, NOTHING, type Concept, type Meaning } from "./words.ts";

type AutoToken =
  "none" | "username" | "email" | "current-password" | "new-password" | "one-time-code" | "other" | "card";

const OTHERS =
  /^(name|given-name|family-name|additional-name|nickname|organization|street-address|address-line1|postal-code|country|bday|sex|url)$/;

/** The last token of `autocomplete` that is no suffix. */
function autoToken(attribute: string): AutoToken {
  const tokens = attribute.split(/\s+/).filter((token) => token && token.toLowerCase() !== "webauthn");
  const last = (tokens.at(-1) ?? "").toLowerCase();
  if (last === "tel" || last === "tel-national") return "email";
  if (/^(username|email|current-password|new-password|one-time-code)$/.test(last)) return last as AutoToken;
  if (OTHERS.test(last)) return "other";
  return last.startsWith("cc-") ? "card" : "none";
}

/** Whether a text puts a sum: `3 + 4`, `12×2 =`. */
const isSum = (text: string): boolean => /\d[+×*−]\d/.test(text.replace(/\s/g, ""));

const asks = (text: string): boolean => /[?？؟]\s*$/.test(text);

export class DescribedField {
  readonly field: Field;
  /** By its own label, ARIA name, placeholder or title. */
  readonly said: Meaning;
  /** By the text that stands nearest. */
  readonly near: Meaning;
  readonly attributes: Meaning;
  /** By its `name` and `id` alone. */
  readonly names: Meaning;
  readonly named: boolean;
  readonly token: AutoToken;
  /** It belongs to another service. Set anew when what stands around it is known. */
  foreign: boolean;
  readonly #own: string[];

  /** `others`: texts that belong to something else and say nothing of the field they stand beside. */
  constructor(field: Field, others: ReadonlySet<string>) {
    const { words } = field;
    this.field = field;
    this.#own = [words.label ?? "", words.aria ?? "", words.placeholder ?? "", words.title ?? ""];
    this.said = both(...this.#own.map(meaning));
    this.names = both(attributeMeaning(words.html_name ?? ""), attributeMeaning(words.html_id ?? ""));
    this.attributes = both(this.names, attributeMeaning(words.hints ?? ""));
    this.near = others.has(words.nearby ?? "") ? NOTHING : meaning(words.nearby ?? "");
    this.named = this.#own.some((text) => text !== "");
    const token = autoToken(field.autocomplete ?? "");
    this.token = this.#isViolated(token) ? "none" : token;
    this.foreign =
      this.says("Foreign") ||
      this.names.has("Foreign") ||
      (meaning(words.description ?? "").has("Foreign") && !this.says("Password"));
  }

  #isViolated(token: AutoToken): boolean {
    if (token === "username" || token === "email") return this.isDotted;
    return (token === "current-password" || token === "new-password") && !this.isDotted && this.field.kind !== "text";
  }

  /** Whether something is said about it that counts: its own words, or the nearest text when it has none. */
  says(concept: Concept): boolean {
    return this.said.has(concept) || (!this.named && this.near.has(concept));
  }

  /** How strongly it is said, 0 to about 3. */
  weight(concept: Concept): number {
    const own = this.said.has(concept) ? 2.5 : !this.named && this.near.has(concept) ? 1.8 : 0;
    return own + (this.attributes.has(concept) ? 1 : 0);
  }

  /** Nothing says what it is for. */
  get isSilent(): boolean {
    return !this.named && this.near.size === 0 && !this.attributes.has("Search");
  }

  /** Its characters are drawn as dots, by its kind or by its style. */
  get isDotted(): boolean {
    const { kind, masked } = this.field;
    return kind === "password" || (masked === true && ["text", "email", "tel", "number", "url"].includes(kind));
  }

  get isPassword(): boolean {
    if (this.foreign || this.isPuzzle || this.isOfACard || this.isPin) return false;
    const { kind } = this.field;
    if (kind === "password") {
      const question = this.said.has("Question") && !this.said.has("Password");
      return !question && !this.#isTokenLine;
    }
    const namesSomebody = this.says("Username") || this.says("Email");
    if (this.isDotted) return !this.#isTokenLine && (this.says("Password") || !namesSomebody);
    const about = this.says("AboutPasswords") || this.names.has("AboutPasswords");
    const prefilled = this.field.filled && !this.field.secret;
    return (
      kind === "text" &&
      this.says("Password") &&
      !this.says("Code") &&
      !namesSomebody &&
      !about &&
      !prefilled &&
      !this.said.has("Question") &&
      this.attributes.has("Password")
    );
  }

  /** It says that it is one for a puzzle: a CAPTCHA, a sum. */
  get isPuzzle(): boolean {
    return (
      this.said.has("Human") ||
      this.names.has("Human") ||
      this.#own.some(isSum) ||
      (!this.named && (this.near.has("Human") || isSum(this.field.words.nearby ?? "")))
    );
  }

  /** It stands under a question that only a person can answer. */
  get isQuestion(): boolean {
    const says = this.named ? this.said : this.near;
    const known: Concept[] = [
      ...(["Username", "Email", "Phone", "Password", "Code", "Forgot"] as const),
      ...(["SignUp", "SignIn", "Search"] as const),
    ];
    const nearby = this.field.words.nearby ?? "";
    const put = this.named
      ? this.#own.slice(0, 3).some(asks)
      : nearby.split(/\s+/).filter(Boolean).length >= 4 && asks(nearby);
    const declared = ["username", "email", "one-time-code"].includes(this.token);
    return (
      !declared &&
      (says.has("Question") ||
        this.names.has("Question") ||
        (put && !any(says, ...known) && !any(this.names, ...known)))
    );
  }

  /** It belongs to a card for payments, or says so. */
  get isOfACard(): boolean {
    return this.says("Card") || this.names.has("Card") || (this.token === "card" && !this.saysCode && !this.named);
  }

  get saysCode(): boolean {
    const all = ["Code", "Authenticator"] as const;
    return any(this.said, ...all) || any(this.attributes, ...all) || (!this.named && any(this.near, ...all));
  }

  /** A number that somebody has learnt by heart: neither the password nor a token, unless it says that as well. */
  get isPin(): boolean {
    let found = false;
    for (const text of [...this.#own, this.field.words.html_name ?? "", this.field.words.html_id ?? ""]) {
      const words = fold(text).split(" ");
      const rest = words.filter((word) => !/^(pin|pincode|pins)$/.test(word));
      const says = meaning(rest.join(" "));
      const code = rest.every((word) => word === "code") || !any(says, "Code", "Authenticator");
      if (rest.length < words.length) found ||= code && !says.has("Password");
      else if (any(says, "Code", "Authenticator", "Password")) return false;
    }
    return found && this.token === "none";
  }

  /** It declares itself to be the line for the name: no token goes there. */
  get isDeclaredName(): boolean {
    return (
      this.token === "username" ||
      this.token === "email" ||
      this.field.kind === "email" ||
      (!this.says("Code") &&
        (this.said.has("Username") ||
          (this.names.has("Username") && !this.names.has("Code") && !this.near.has("Code"))))
    );
  }

  /** A line for a code that is hidden by dots. */
  get #isTokenLine(): boolean {
    const saysCode = this.says("Code") || this.attributes.has("Code");
    if ((this.field.drawn_boxes ?? 0) > 0) return true;
    const saysPassword = this.attributes.has("Password") && !this.attributes.has("Code");
    const most = this.field.max_length;
    const tiny = (most !== undefined && most >= 4 && most <= 8) || this.isNumeric;
    const silent = !this.says("Password") && !saysPassword;
    return (
      (this.token === "one-time-code" && !saysPassword) ||
      (tiny && silent && this.token !== "current-password" && this.token !== "new-password") ||
      (saysCode && !saysPassword && (this.isNumeric || !this.says("Password")))
    );
  }

  /** It wants digits. */
  get isNumeric(): boolean {
    const { input_mode, kind, pattern = "" } = this.field;
    return (
      input_mode === "numeric" ||
      input_mode === "decimal" ||
      kind === "number" ||
      pattern.includes("[0-9]") ||
      pattern.includes("\\d")
    );
  }

  get username(): number {
    let score = 0;
    if (this.token === "username") score += 3;
    else if (this.token === "email") score += 2;
    else if (this.token === "other" && (this.says("Username") || this.says("Email"))) score -= 0.5;
    else if (["other", "one-time-code", "card"].includes(this.token)) score -= 2;
    score += Math.max(this.weight("Username"), this.weight("Email") * 0.9, this.weight("Phone") * 0.7);
    if (this.field.kind === "email") score += 1;
    for (const against of ["Code", "Search", "Human", "Recovery"] as const) score -= this.weight(against);
    if (this.says("Tenant") && !this.says("Username")) score -= 1.5;
    if (this.isNumeric && !this.says("Username")) score -= 1;
    return score;
  }

  get code(): number {
    const says = Math.max(this.weight("Code"), this.weight("Authenticator"));
    const card = this.token === "other" || this.token === "card";
    let score = 0;
    if (this.token === "one-time-code") score += 3;
    else if (card && says > 0) score -= 0.3;
    else if (card || this.token === "username" || this.token === "email") score -= 1.5;
    score += says;
    if (this.isNumeric) score += 1;
    const { max_length: most, drawn_boxes: drawn = 0 } = this.field;
    if (most !== undefined && most >= 4 && most <= 10) score += 0.8;
    if (drawn >= 4 && drawn <= 10) score += 3;
    for (const against of ["Human", "Search"] as const) score -= this.weight(against);
    score -= this.weight("Username") * 0.8;
    if (!this.says("Code")) score -= this.weight("Email");
    return score;
  }

  /** Whether its own name or label says that it is the other password than its token does. */
  get contradictsItsToken(): boolean {
    const all = both(this.said, this.attributes);
    const says = (one: Concept, other: Concept) => all.has(one) && !all.has(other);
    if (this.token === "current-password") return says("New", "Old") || says("Repeat", "Old");
    return this.token === "new-password" && says("Old", "New");
  }
}
