// Makes the page's types from what the server says of itself: the API's description, and what goes over the socket of a
// session. `--check` changes nothing and fails where a file is not what would be made.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { COMMENT_HEADER, astToString } from "openapi-typescript";

const API = new URL("../crates/server/openapi.json", import.meta.url);
const WIRE = new URL("../crates/wire/schema.json", import.meta.url);

const types = async (from, options) =>
  COMMENT_HEADER + astToString(await openapiTS(from, { silent: true, ...options }));

/** The wire's types, and its numbers as constants. */
async function wire() {
  const constants = Object.entries(JSON.parse(readFileSync(WIRE, "utf8"))["x-constants"]);
  const lines = constants.map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 4)} as const;\n`,
  );
  return (await types(WIRE, { arrayLength: true })) + lines.join("");
}

const made = {
  "src/api/schema.d.ts": await types(API),
  "src/api/wire.ts": await wire(),
};
const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(made)) {
  const file = new URL(name, import.meta.url);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`web/${name} is not what the server says of itself: make it anew with \`npm run schema\` in web/`);
    process.exitCode = 1;
  }
}
