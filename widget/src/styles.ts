/** One constructed style sheet: no style element and no style attribute, so it passes a strict CSP. */
import css from "./widget.css";

export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
