// build.mjs - bundles the browser's side into a folder of files that never change under their names
// SPDX-License-Identifier: Apache-2.0
//
// Usage: node build.mjs OUT_FOLDER
// OUT_FOLDER/index.html names what is in OUT_FOLDER/assets; the names hold a hash of the contents.
import { build } from "esbuild";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs OUT_FOLDER");
  process.exit(2);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", theme: "src/theme.ts" },
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  splitting: true,
  target: ["es2020"],
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "assets/[name]-[hash]",
  chunkNames: "assets/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  chunkNames: "assets/part-[name]-[hash]",
  loader: { ".svg": "file" },
  outdir: out,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
});

const made = Object.keys(result.metafile.outputs).map((path) => basename(path));
const named = (name, extension) => {
  const found = made.find((file) => file.startsWith(`${name}-`) && file.endsWith(extension));
  if (!found) throw new Error(`the bundle has no ${name}${extension}`);
  return `/assets/${found}`;
};
const page = readFileSync(join(here, "index.html"), "utf8")
  .replace("%APP_JS%", named("app", ".js"))
  .replace("%APP_CSS%", named("app", ".css"))
  .replace("%THEME_JS%", named("theme", ".js"));
writeFileSync(join(out, "index.html"), page);
