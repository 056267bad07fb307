import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { handbook } from "./handbook.ts";

/**
 * Svelte guards its code for taking over a page rendered on a server by one variable, for bundlers to leave that code
 * out. This bundler does not see that nobody sets it here, so it is told. Fails when Svelte changes the file, so that
 * nobody relies on what no longer happens.
 */
function neverHydrates(): Plugin {
  const edits: [string, string][] = [
    ["export let hydrating = false;", "export const hydrating = false;"],
    ["hydrating = value;", ""],
    ["export function reset(", "/* @__NO_SIDE_EFFECTS__ */ export function reset("],
    ["export function next(", "/* @__NO_SIDE_EFFECTS__ */ export function next("],
  ];
  return {
    name: "never-hydrates",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("/svelte/src/internal/client/dom/hydration.js")) return null;
      return edits.reduce((text, [from, to]) => {
        if (!text.includes(from))
          throw new Error(`Svelte's hydration.js no longer holds “${from}”: look at vite.config.ts.`);
        return text.replace(from, to);
      }, code);
    },
  };
}

export default defineConfig({
  plugins: [neverHydrates(), handbook(), svelte()],
  // Behind a proxy the page may be anywhere on its host; all its places are behind the “#”, so relative is enough.
  base: "./",
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing inline: the page runs under `default-src 'none'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { bundlerTimings: false },
      // What the first page needs is fetched, and compressed, as one.
      output: {
        codeSplitting: {
          groups: [
            // What fetches the language's texts; a module of the page may look some up where it begins, so it comes after them.
            { name: "begin", tags: ["$initial"], priority: 2 },
            { name: "first", test: /\/src\/App\.svelte$/, priority: 1 },
          ],
        },
      },
    },
  },
  // `npm run dev` beside a running `countersign serve`.
  server: { proxy: { "/api": "http://127.0.0.1:7117" }, fs: { allow: [".", "../docs/handbook"] } },
  test: { include: ["test/**/*.test.ts"], environment: "node", css: true },
});
