/** Colours that a site has set too close to each other are drawn apart, and named in the console. */

type Rgb = [number, number, number];

/** What stands on what. In this order: a corrected accent is what its text then stands on. */
const STANDS_ON: Record<string, string[]> = {
  text: ["surface", "background", "alarm"],
  soft: ["surface", "background"],
  accent: ["surface", "background"],
  wrong: ["surface", "alarm"],
  edge: ["surface", "background"],
  "on-accent": ["accent"],
  "on-header": ["header"],
  "on-wrong": ["wrong"],
};

const pen = document.createElement("canvas").getContext("2d");

/** A rule with the colours to use instead of those that `host` has; "" when all are well. */
export function corrections(host: HTMLElement): string {
  const given = getComputedStyle(host);
  const better: Record<string, string> = {};
  const one = (name: string): string => better[name] ?? given.getPropertyValue(`--prp-${name}`).trim();
  const colour = (name: string): string => one(name) || one(name.replace("header", "accent"));
  let rules = "";
  for (const [name, grounds] of Object.entries(STANDS_ON)) {
    const own = rgb(colour(name));
    const behind = grounds.map((ground) => rgb(colour(ground)));
    const least = name === "edge" ? 3 : 4.5;
    // What is no plain colour (translucent, oklch) cannot be judged here.
    if (!own || !areAll(behind) || contrast(own, behind) >= least) continue;
    const apart = drawnApart(own, behind, least);
    console.warn(`PRP Guide: --prp-${name} ${colour(name)} is too close to ${grounds}, ${apart} is used.`);
    better[name] = apart;
    rules += `--prp-${name}:${apart};`;
  }
  return `.root{${rules}}`;
}

const areAll = (colours: (Rgb | null)[]): colours is Rgb[] => !colours.includes(null);

/** The nearest mixture with black or white that stands out enough. */
function drawnApart(own: Rgb, behind: Rgb[], least: number): string {
  for (let part = 0; part < 21; part++) {
    for (const end of [0, 255]) {
      const mixed = own.map((each) => (each + ((end - each) * part) / 20) | 0) as Rgb;
      if (contrast(mixed, behind) >= least) return `rgb(${mixed})`;
    }
  }
  return "inherit";
}

/** The least of those with each ground. */
function contrast(own: Rgb, behind: Rgb[]): number {
  const light = luminance(own) + 0.05;
  return Math.min(...behind.map(luminance).map((other) => Math.max(light / (other + 0.05), (other + 0.05) / light)));
}

/** As WCAG 2 defines it; the darkest shades count as a trace lighter, which only errs towards more contrast. */
function luminance([red, green, blue]: Rgb): number {
  const linear = (each: number): number => ((each / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Any plain colour that the browser knows, read from how it writes it down. */
function rgb(colour: string): Rgb | null {
  if (!pen) return null;
  pen.fillStyle = "#0000";
  pen.fillStyle = colour;
  const parts = /^#(..)(..)(..)$/.exec(pen.fillStyle);
  return parts && (parts.slice(1).map((part) => parseInt(part, 16)) as Rgb);
}
