/** Light or dark, as the tag says, else as the page says, else as the system says. */

const dark = matchMedia("(prefers-color-scheme: dark)");

/** `changed` is called now, and whenever the colours are others. */
export function followTheme(host: HTMLElement, tag: HTMLElement | null, changed: () => void): void {
  const page = document.documentElement;
  const apply = (): void => {
    const wish = [tag, page].map((one) => one?.dataset["theme"]).find((theme) => theme === "light" || theme === "dark");
    host.dataset["theme"] = wish ?? (dark.matches ? "dark" : "light");
    changed();
  };
  const watch = new MutationObserver(apply);
  for (const one of [tag, page]) if (one) watch.observe(one, { attributes: true, attributeFilter: ["data-theme"] });
  dark.addEventListener("change", apply);
  apply();
}
