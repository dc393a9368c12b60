// Bundles src/main.ts to prp_guide/web/static/widget.js: one file, no eval, nothing loaded later.
// `npm run size` prints the gzipped size of what it would write, and writes nothing.
import { build, transform } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

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
  outfile: here("../prp_guide/web/static/widget.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8", // the server sends it as UTF-8
  // Names that only our own modules use among themselves: no field of the API, none of the DOM.
  mangleProps: /^(addElement|confirmingNow|fillsScreen|holdChoices|isOpen|onOtherTab|openSession|requestCallback|retryAfter|setBusy|setStep|setTyping|toEnd|toStartOf|whyNot)$/,
  plugins: [minifiedCss],
  write: !sizeOnly,
  metafile: true,
});

const script = sizeOnly ? result.outputFiles[0].contents : await readFile(here("../prp_guide/web/static/widget.js"));
console.log(`widget.js: ${script.length} bytes, ${gzipSync(script, { level: 9 }).length} gzipped`);
