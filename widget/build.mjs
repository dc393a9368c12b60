// Bundles src/main.ts to prp_guide/web/static/widget.js, with English; the other languages lie beside it as
// widget.<language>.json and are loaded when a page or a patient speaks them. No eval, no other code loaded later.
// `npm run size` prints the gzipped size of what it would write, and writes nothing.
import { build, transform } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sizeOnly = process.argv.includes("--size");

const minifiedCss = {
  name: "css-as-text",
  setup(bundle) {
    bundle.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: css.code.trim(), loader: "text" };
    });
  },
};

const result = await build({
  absWorkingDir: here("."),
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8", // the server sends it as UTF-8
  // Names that only our own modules use among themselves: no field of the API, none of the DOM.
  mangleProps: /^(add|addElement|alerts|base|change|choose|confirming|confirmingNow|count|done|draft|element|end|erase|exists|fields|fillsScreen|history|holdChoices|isOpen|keep|language|leave|memory|onOtherTab|openSession|post|rate|reason|requestCallback|restore|retryAfter|row|say|setBusy|setStep|setTyping|show|stir|texts|toEnd|toStartOf|update|watch|whyNot|words|wrong)$/,
  plugins: [minifiedCss],
  write: false,
});
// A second squeeze: 3 % less than esbuild's own.
const { code } = await minify(result.outputFiles[0].text, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true } });

const built = (name) => here(`../prp_guide/web/static/${name}`);
if (!sizeOnly) {
  await writeFile(built("widget.js"), `${code}\n`);
  for (const file of (await readdir(here("texts"))).filter((name) => name !== "en.json")) {
    const texts = JSON.stringify(JSON.parse(await readFile(here(`texts/${file}`), "utf8")));
    await writeFile(built(`widget.${file}`), `${texts}\n`);
  }
}
console.log(`widget.js: ${Buffer.byteLength(code)} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
