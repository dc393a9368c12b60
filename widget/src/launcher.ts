/** The button in the corner of the page. It opens the panel, and counts what came while the panel was closed. */
import { button, h, icon } from "./dom";
import { fill, type Texts } from "./texts";

export function createLauncher(onOpen: () => void) {
  const label = h("span");
  const badge = h("span.badge", { hidden: true });
  const element = button("launcher", { "aria-haspopup": "dialog", onclick: onOpen }, icon("chat"), label, badge);
  let unread = 0;
  let texts: Texts;

  function update(current: Texts): void {
    texts = current;
    label.textContent = texts.launcher;
    badge.hidden = !unread;
    badge.textContent = fill(texts.unread, { n: unread });
  }

  return {
    element,
    update,
    count(more: number): void {
      unread = more ? unread + more : 0;
      update(texts);
    },
  };
}
