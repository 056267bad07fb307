// Reads the page's sources for its texts: those that are looked up, and those that are shown without.
import { parse } from "svelte/compiler";
import ts from "typescript";

export interface Text {
  key: string;
  /** Two forms, for one and for more. */
  counts: boolean;
  where: string;
}

/**
 * A marker in a comment: what follows is no text for people. On the line itself or the one before it holds for the line,
 * in front of a constant for the whole of it.
 */
const EXEMPT = "not-a-text";
/** Attributes of elements that people read or hear. */
const READ = new Set([
  "title",
  "alt",
  "placeholder",
  "label",
  "aria-label",
  "aria-description",
  "aria-roledescription",
]);
/** Components' properties that name something to the program. */
const NAMES = new Set([
  "class",
  "name",
  "id",
  "kind",
  "type",
  "href",
  "src",
  "for",
  "tone",
  "icon",
  "autocomplete",
  "style",
]);

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** All keys that a file looks up by `t` and `plural`. Whoever looks up something else than a literal is refused. */
export function textsOf(path: string, source: string): Text[] {
  const texts: Text[] = [];
  for (const { code, offset } of scripts(path, source)) {
    each(code, (node) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
      const name = node.expression.text;
      if (name !== "t" && name !== "plural") return;
      const where = place(path, source, offset(node.getStart(code)));
      const argument = node.arguments[name === "t" ? 0 : 2];
      for (const key of literals(argument, where)) texts.push({ key, counts: name === "plural", where });
    });
  }
  return texts;
}

/** The literals that an argument may be: itself, or those of a choice. */
function literals(argument: ts.Expression | undefined, where: string): string[] {
  if (argument !== undefined) {
    if (ts.isStringLiteralLike(argument)) return [argument.text];
    if (ts.isParenthesizedExpression(argument)) return literals(argument.expression, where);
    if (ts.isConditionalExpression(argument))
      return [...literals(argument.whenTrue, where), ...literals(argument.whenFalse, where)];
  }
  throw new Error(`${where}: looks up something that is no literal, which nobody can translate.`);
}

/** Texts that people read and that nobody looks up. */
export function bareTexts(path: string, source: string): Text[] {
  const found: Text[] = [];
  const add = (key: string, at: number) => {
    if (!exempt(source, at)) found.push({ key: key.trim(), counts: false, where: place(path, source, at) });
  };
  if (path.endsWith(".svelte")) markup(source, add);
  for (const { code, offset } of scripts(path, source)) {
    each(code, (node) => {
      if (exemptStatement(node)) return false;
      const at = offset(node.getStart(code));
      if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
        if (isSentence(node.text) && !lookedUp(node)) add(node.text, at);
      } else if (ts.isTemplateExpression(node) && !lookedUp(node)) {
        const words = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
        if (
          words.some(
            (word) => /(^|\s)[A-Za-z]{2,}|[a-z]{2,}\s/.test(word) && / /.test(word) && !/[/#=<>:;{}]/.test(word),
          )
        )
          add(node.getText(code), at);
      }
      return true;
    });
  }
  return found;
}

/** Texts between tags, and attributes that are read. */
function markup(source: string, add: (key: string, at: number) => void): void {
  const root = parse(source, { modern: true }) as unknown as { fragment: Node };
  const visit = (node: Node): void => {
    // What is typed at a terminal or into a program is the same in each language.
    if (node.type === "RegularElement" && node["name"] === "code") return;
    if (node.type === "Text" && /[A-Za-z]{2,}/.test(String(node["data"])))
      add(String(node["data"]), skipSpace(source, node.start));
    if (Array.isArray(node["attributes"])) {
      const component = node.type === "Component" || node.type === "SvelteComponent";
      for (const attribute of node["attributes"] as Node[]) attributeTexts(attribute, component, add);
    }
    // What is typed at a terminal or sent to the server is the same in every language.
    if (node["name"] === "code") return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "attributes" || key === "expression" || key === "parent") continue;
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) visit(child);
    }
  };
  visit(root.fragment);
}

function attributeTexts(attribute: Node, component: boolean, add: (key: string, at: number) => void): void {
  if (attribute.type !== "Attribute" || !Array.isArray(attribute["value"])) return;
  const name = String(attribute["name"]);
  for (const part of attribute["value"] as Node[]) {
    if (part.type !== "Text") continue;
    const text = String(part["data"]);
    const shown = component
      ? !NAMES.has(name) && (isSentence(text) || /^[A-Z][a-z]+/.test(text))
      : READ.has(name) && /[A-Za-z]{2,}/.test(text);
    if (shown) add(text, part.start);
  }
}

/** A capital and then small letters, or several words. Names of the program have neither. */
function isSentence(text: string): boolean {
  return /^[A-Z][a-z]+([ .,:…?!'’]|$)/.test(text) || /[A-Za-z]{2,}[,.:]? [a-z]{1,}/.test(text);
}

/** Within what `t` or `plural` is given, what a module is imported by, a type, or a comparison with a name. */
function lookedUp(node: ts.Node): boolean {
  for (let at: ts.Node = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (ts.isVariableStatement(at) && at.getFullText().slice(0, at.getLeadingTriviaWidth()).includes(EXEMPT))
      return true;
    if (
      ts.isCallExpression(parent) &&
      ts.isIdentifier(parent.expression) &&
      ["t", "plural"].includes(parent.expression.text)
    )
      return parent.arguments[0] === at || parent.expression.text === "plural";
    if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return true;
    if (ts.isBinaryExpression(parent) && COMPARES.has(parent.operatorToken.kind)) return true;
    if (ts.isCaseClause(parent) && parent.expression === at) return true;
    if (ts.isNewExpression(parent) && /Error$/.test(parent.expression.getText())) return true;
    if (!ts.isConditionalExpression(parent) && !ts.isParenthesizedExpression(parent)) return false;
    if (ts.isConditionalExpression(parent) && parent.condition === at) return false;
  }
  return false;
}

const COMPARES = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
]);

/** Each piece of TypeScript of a file, with the way back to its place in the file. */
function scripts(path: string, source: string): { code: ts.SourceFile; offset: (at: number) => number }[] {
  const read = (text: string, from: number) => ({
    code: ts.createSourceFile("script.ts", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS),
    offset: (at: number) => from + at,
  });
  if (!path.endsWith(".svelte")) return [read(source, 0)];
  const root = parse(source, { modern: true }) as unknown as Record<"instance" | "module" | "fragment", Node | null>;
  const pieces: { code: ts.SourceFile; offset: (at: number) => number }[] = [];
  for (const script of [root.module, root.instance]) {
    const content = script?.["content"] as Node | undefined;
    if (content) pieces.push(read(source.slice(content.start, content.end), content.start));
  }
  // Expressions in the markup, each as a statement of its own. Classes are not for people.
  const visit = (node: Node): void => {
    if (node.type === "Attribute" && node["name"] === "class") return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "parent") continue;
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (!isNode(child)) continue;
        if (isExpression(child)) pieces.push(read(`(${source.slice(child.start, child.end)})`, child.start - 1));
        else visit(child);
      }
    }
  };
  if (root.fragment) visit(root.fragment);
  return pieces;
}

/** What the parser of expressions made: its nodes have a place by line, those of the markup have none. */
function isExpression(node: Node): boolean {
  return (
    "loc" in node &&
    !/^(Identifier|.*Pattern|VariableDeclaration)$/.test(node.type) &&
    /Expression|Literal/.test(node.type)
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** Visits what is within a node as well, but where `visit` answers false. */
function each(node: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  if (visit(node) === false) return;
  ts.forEachChild(node, (child) => each(child, visit));
}

function skipSpace(source: string, at: number): number {
  return at + (/^\s*/.exec(source.slice(at))?.[0].length ?? 0);
}

function place(path: string, source: string, at: number): string {
  return `${path}:${source.slice(0, at).split("\n").length}`;
}

function exemptStatement(node: ts.Node): boolean {
  return ts.isVariableStatement(node) && node.getFullText().slice(0, node.getLeadingTriviaWidth()).includes(EXEMPT);
}

function exempt(source: string, at: number): boolean {
  const lines = source.slice(0, at).split("\n");
  const here = source.split("\n")[lines.length - 1] ?? "";
  return here.includes(EXEMPT) || (lines.at(-2) ?? "").includes(EXEMPT);
}
