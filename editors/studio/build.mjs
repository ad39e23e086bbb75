// Bundles the page into logidsl/studio/static (or the folder given), with the licences of what is bundled.
// The same sources and the same lock file give the same bytes.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const editors = dirname(here);
const target = resolve(process.argv[2] ?? join(here, "../../logidsl/studio/static"));

const made = await build({
  absWorkingDir: editors,
  entryPoints: { app: "studio/src/main.tsx" },
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  outdir: target,
  logLevel: "warning",
  // OpenSeadragon's minified file is a fifth of its readable one, and esbuild need not parse its comments.
  alias: { openseadragon: "openseadragon/build/openseadragon/openseadragon.min.js" },
});

/** The packages whose code is in the bundle, by name. */
function packages(metafile) {
  const names = new Set();
  for (const output of Object.values(metafile.outputs))
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input);
      if (match && bytesInOutput > 0) names.add(match[1]);
    }
  return [...names].sort();
}

async function licence(name) {
  const folder = join(editors, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).sort().find((f) => /^licen[cs]e(?:\.(?:txt|md))?$/i.test(f));
  if (!file) throw new Error(`${name} ships no licence text`);
  const text = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const parts = [];
for (const name of packages(made.metafile)) parts.push(await licence(name));
await mkdir(target, { recursive: true });
await writeFile(join(target, "LICENSES.txt"), `Packages bundled in app.js and app.css\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`);
await cp(join(here, "index.html"), join(target, "index.html"));
await cp(join(here, "icon.svg"), join(target, "icon.svg"));
