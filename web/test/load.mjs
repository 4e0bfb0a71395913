// load.mjs - the browser's modules as Node can run them, and all sources as syntax trees
// SPDX-License-Identifier: Apache-2.0
import { buildSync } from "esbuild";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const source = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/** Imports a module of src/ with all that it uses. */
export async function load(name) {
  const folder = mkdtempSync(join(tmpdir(), "dnsvigil-web-"));
  const outfile = join(folder, "module.mjs");
  try {
    buildSync({ entryPoints: [join(source, name)], bundle: true, format: "esm", platform: "node", outfile, logLevel: "warning" });
    return await import(outfile);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls for every node of every source with its file and line. */
export function walk(visit) {
  for (const name of readdirSync(source, { recursive: true }).map(String).filter((name) => /\.tsx?$/.test(name))) {
    const tree = ts.createSourceFile(name, readFileSync(join(source, name), "utf8"), ts.ScriptTarget.Latest, true);
    const down = (node) => {
      visit(node, name, tree.getLineAndCharacterOfPosition(node.pos).line + 1);
      ts.forEachChild(node, down);
    };
    down(tree);
  }
}

export const text = (name) => readFileSync(join(source, name), "utf8");
export { ts };
