/** The box that holds header, cards, conversation and input. On a phone it fills the screen, and the page rests. */
import { h, setAttribute } from "./dom";

const PHONE = "(max-width: 479.98px)";

export function createPanel(host: HTMLElement, parts: HTMLElement[]) {
  const element = h("div.panel", { role: "dialog", "aria-labelledby": "title", hidden: true }, ...parts);
  const phone = matchMedia(PHONE);
  let resting: Element[] = [];
  let overflow = "";

  function modal(on: boolean): void {
    const page = document.documentElement;
    if (on === !!resting.length) return;
    setAttribute(element, "aria-modal", on && "true");
    if (on) {
      resting = [...document.body.children].filter((one) => one !== host && !one.hasAttribute("inert"));
      overflow = page.style.overflow;
    }
    for (const one of resting) setAttribute(one, "inert", on);
    page.style.overflow = on ? "hidden" : overflow;
    if (!on) resting = [];
  }

  /** The keyboard of a phone covers the page, or makes it lower: keep to what is still seen, the input first. */
  function fit(): void {
    const seen = window.visualViewport;
    if (!seen || seen.scale > 1.01) return;
    element.style.setProperty("--seen", `${seen.height}px`);
    element.style.setProperty("--top", `${seen.offsetTop}px`);
    (element.getRootNode() as ShadowRoot).activeElement?.scrollIntoView({ block: "nearest" });
  }

  phone.addEventListener("change", () => modal(!element.hidden && phone.matches));
  for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, fit);

  return {
    element,
    get isOpen(): boolean {
      return !element.hidden;
    },
    get fillsScreen(): boolean {
      return phone.matches;
    },
    show(open: boolean): void {
      element.hidden = !open;
      modal(open && phone.matches);
      fit();
    },
  };
}

/** Brings the start of a new answer into view, unless the reader has gone back to read something older. */
export function createScrolling(panel: HTMLElement, body: HTMLElement) {
  let last = 0;
  let reading = false;

  // In a very low window the whole panel scrolls, so that there is room to read.
  const box = (): HTMLElement => (getComputedStyle(body).overflowY === "visible" ? panel : body);
  // Captured, because scrolling does not bubble.
  panel.addEventListener(
    "scroll",
    () => {
      const { scrollTop, scrollHeight, clientHeight } = box();
      reading = scrollHeight - clientHeight - scrollTop > 40 && (reading || scrollTop < last - 4);
      last = scrollTop;
    },
    true,
  );

  function move(top: number, behavior: ScrollBehavior): void {
    const one = box();
    one.scrollTo({ top, behavior });
    last = Math.min(last, top);
    reading = false;
  }

  return {
    /** The first of the items that scrolls: a card does only in a low window, and elsewhere is seen anyway. */
    toStartOf(items: HTMLElement[]): void {
      const one = box();
      const item = items.find((each) => one.contains(each));
      if (!item) return this.toEnd();
      if (reading && !item.matches(".card")) return;
      move(one.scrollTop + item.getBoundingClientRect().top - one.getBoundingClientRect().top - 12, "auto");
    },
    toEnd(behavior: ScrollBehavior = "auto"): void {
      move(box().scrollHeight, behavior);
    },
  };
}
