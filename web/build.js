// Bundles the pages' scripts into the package; with --check it only says whether what is there is current.

import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const PAGES = ["graph", "play", "text", "training"];
const check = process.argv.includes("--check");

for (const page of PAGES) {
  const target = new URL(`../tinygrad_rnn/viz/page/static/${page}.js`, import.meta.url);
  const made = await build({
    entryPoints: [new URL(`${page}/main.js`, import.meta.url).pathname],
    absWorkingDir: new URL(".", import.meta.url).pathname,
    bundle: true,
    minify: true, // every page carries it whole
    write: false,
    format: "iife",
    target: "es2022",
    banner: { js: `// Made by web/build.js from web/${page}/main.js and what it imports: change it there.` },
  });
  const text = made.outputFiles[0].text;
  const before = await readFile(target, "utf8").catch(() => "");
  if (before === text) continue;
  if (check) {
    console.error(`${target.pathname} is not what web/ makes: run "npm run build" in web/ and commit the result`);
    process.exitCode = 1;
  } else {
    await writeFile(target, text);
    console.log(`wrote ${target.pathname}`);
  }
}
