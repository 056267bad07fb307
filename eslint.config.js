// What finds faults in TypeScript, Svelte and JavaScript, in the page, in the browser tests and in the scripts that Rust
// crates bring into pages. Taste is the formatter's. A rule that is off has its reason beside it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import js from "@eslint/js";
import playwright from "eslint-plugin-playwright";
import svelte from "eslint-plugin-svelte";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";
import ts from "typescript-eslint";

const TYPED = ["web/**/*.ts", "web/**/*.svelte", "e2e/**/*.ts", "extension/**/*.ts"];
/** What is taken out of an object so that the rest is left has no use, nor what stands before a wanted argument. */
const UNUSED = { ignoreRestSiblings: true, argsIgnorePattern: "^_" };
const INSIDE = "crates/browser/src/inside/";
const PRACTICE = "practice/src/assets/site.js";

export default defineConfig(
  globalIgnores([
    "**/target/",
    "web/dist/",
    // Made from what the server says of itself.
    "web/src/api/schema.d.ts",
    "web/src/api/wire.ts",
    // One line each, in place of bundles that no page loads.
    "crates/server/swagger/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },
  js.configs.recommended,
  {
    rules: {
      "array-callback-return": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-new-func": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unreachable-loop": "error",
      "no-unused-vars": ["error", UNUSED],
    },
  },

  {
    files: TYPED,
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: [".svelte"] },
    },
    rules: {
      "@typescript-eslint/no-deprecated": "error",
      "@typescript-eslint/no-unused-vars": ["error", UNUSED],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // `async` without `await` says that what is thrown comes as a promise too, which is what the caller reads.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["web/**"],
    extends: [svelte.configs.recommended],
    languageOptions: { globals: globals.browser },
    rules: {
      // `{" "}` keeps a space where Svelte takes it away, at the begin of a block.
      "svelte/no-useless-mustaches": "off",
      // It takes every Map for one that a page reads. Those here are kept beside the state, which is replaced as a whole.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    files: ["**/*.svelte"],
    rules: {
      // The linter has no types for what one component gives another, or its snippets. svelte-check has.
      ...off("no-unsafe-argument", "no-unsafe-assignment", "no-unsafe-call", "no-unsafe-member-access"),
      ...off("no-unsafe-return", "no-redundant-type-constituents", "no-unnecessary-type-assertion"),
    },
  },
  {
    files: ["e2e/**"],
    extends: [playwright.configs["flat/recommended"]],
    languageOptions: { globals: globals.node },
    rules: {
      // What a helper within a test does depends on what it is given. Expectations under a condition are refused all the same.
      "playwright/no-conditional-in-test": "off",
    },
  },

  {
    files: ["extension/src/**"],
    languageOptions: { globals: { ...globals.browser, ...globals.webextensions } },
  },

  // Scripts without types.
  { files: ["extension/*.mjs"], languageOptions: { globals: globals.node } },
  // Put before the parts of the script that lives beside each document, which use all of it.
  { files: ["extension/src/page/inside-rest.js"], rules: { "no-unused-vars": "off" } },
  { files: ["*.js", "web/*.{js,mjs}"], languageOptions: { globals: globals.node } },
  { files: ["web/public/**"], languageOptions: { sourceType: "script", globals: globals.browser } },
  ...inside(),
  {
    files: [PRACTICE],
    languageOptions: {
      sourceType: "script",
      // `P` is written before the script; what it hangs on `window`, pages call by the bare name, and so does it.
      globals: { ...globals.browser, P: "writable", ...named(read(PRACTICE), /\bwindow\.(\w+) = /g) },
    },
  },
);

/**
 * The parts of the script that lives beside each document. Together they are one function, so each part knows the names
 * of all others, and a name is unused only when no part uses it.
 */
function inside() {
  const parts = readdirSync(join(import.meta.dirname, INSIDE)).map((name) => ({ name, text: read(INSIDE + name) }));
  const declared = /^(?:const|let|(?:async )?function\*?) (\w+)/gm;
  return parts.map(({ name, text }) => {
    const others = parts.filter((part) => part.name !== name);
    const theirs = Object.assign({}, ...others.map((part) => named(part.text, declared)));
    const words = new Set(others.flatMap((part) => part.text.replace(/\/\/.*/g, "").match(/\w+/g) ?? []));
    const wanted = Object.keys(named(text, declared)).filter((own) => words.has(own));
    return {
      files: [INSIDE + name],
      languageOptions: {
        sourceType: "script",
        parserOptions: { ecmaFeatures: { globalReturn: true, impliedStrict: true } },
        // `insideTell` is the browser side's ear.
        globals: { ...globals.browser, insideTell: "readonly", ...theirs },
      },
      rules: { "no-unused-vars": ["error", { varsIgnorePattern: `^(${wanted.join("|")})$` }] },
    };
  });
}

/** Rules of typescript-eslint that are off. */
function off(...rules) {
  return Object.fromEntries(rules.map((rule) => [`@typescript-eslint/${rule}`, "off"]));
}

/** A file, by its path from here. */
function read(path) {
  return readFileSync(join(import.meta.dirname, path), "utf8");
}

/** Each name that a pattern finds, as a global. */
function named(text, pattern) {
  return Object.fromEntries([...text.matchAll(pattern)].map(([, name]) => [name, "writable"]));
}
