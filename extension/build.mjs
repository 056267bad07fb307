// Builds the extension for Chromium and for Firefox from one source: `node build.mjs` writes a folder and a zip of each into
// `../target/extension/`. The same source gives the same bytes.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { zip } from "./zip.mjs";

const HERE = import.meta.dirname;
const OUT = join(HERE, "../target/extension");
/** What the server's own script beside a document is made of, as far as it looks and does not act. */
const INSIDE = join(HERE, "../crates/browser/src/inside");
const PARTS = ["tree", "sight", "names", "drawn", "look"];
const GIVES = ["adopt", "look", "elementOf", "topmost", "holds", "parentOf", "boxOf", "hiddenFor"];

const inside = {
  name: "inside",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^countersign:inside$/ }, () => ({ path: "inside", namespace: "inside" }));
    onLoad({ filter: /.*/, namespace: "inside" }, () => {
      const parts = PARTS.map((part) => readFileSync(join(INSIDE, `${part}.js`), "utf8"));
      const rest = readFileSync(join(HERE, "src/page/inside-rest.js"), "utf8");
      return { contents: [rest, ...parts, `export { ${GIVES.join(", ")} };`].join("\n"), loader: "js" };
    });
  },
};

const common = { bundle: true, target: "es2023", legalComments: "none", charset: "utf8", logLevel: "warning" };

async function write(browser) {
  const folder = join(OUT, browser);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = (name) => join(HERE, "src", name);
  await build({
    ...common,
    entryPoints: [source("background.ts"), source("popup.ts"), source("pair.ts")],
    format: "esm",
    outdir: folder,
  });
  // What is put into a page gives its answer as the value of its last expression.
  await build({ ...common, entryPoints: [source("page/page.ts")], format: "iife", outdir: folder, plugins: [inside] });
  for (const name of ["popup.html", "pair.html", "style.css", "icons"])
    cpSync(source(name), join(folder, name), { recursive: true });
  const manifest = JSON.parse(readFileSync(source("manifest.json"), "utf8"));
  const own = JSON.parse(readFileSync(source(`manifest.${browser}.json`), "utf8"));
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify({ ...manifest, ...own }, null, 2)}\n`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath, one.name).slice(folder.length + 1)).sort();
  writeFileSync(
    join(OUT, `countersign-${browser}.zip`),
    zip(paths.map((path) => [path, readFileSync(join(folder, path))])),
  );
}

for (const browser of ["chromium", "firefox"]) await write(browser);
