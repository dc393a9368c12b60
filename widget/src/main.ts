/** One tag, one element: finds its own script tag, puts <prp-guide> at the end of the page, offers window.PRPGuide. */
import { corrections } from "./contrast";
import { styleSheet } from "./styles";
import { followTheme } from "./theme";
import { knownLang } from "./texts";
import { createWidget } from "./widget";

const tag =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');

/** Session-replay tools are asked to leave the conversation alone. */
const MASKS = {
  class: "ph-no-capture rr-block sentry-block fs-exclude",
  "data-private": "",
  "data-hj-suppress": "",
  "data-clarity-mask": "true",
  "data-dd-privacy": "hidden",
};

class PrpGuide extends HTMLElement {
  connectedCallback(): void {
    if (this.shadowRoot) return;
    const shadow = this.attachShadow({ mode: "open" });
    const corrected = new CSSStyleSheet();
    shadow.adoptedStyleSheets = [styleSheet(), corrected];
    for (const [name, value] of Object.entries(MASKS)) this.setAttribute(name, value);
    followTheme(this, tag, () => corrected.replaceSync(corrections(this)));
    const { lang, clinic = "", phone = "" } = tag?.dataset ?? {};
    const { root, ...handles } = createWidget(this, {
      base: new URL(tag?.src || location.href).origin,
      lang: knownLang(lang) ?? knownLang(document.documentElement.lang) ?? "en",
      clinic: { name: clinic, phone, open_now: null, next_open: "" },
    });
    shadow.append(root);
    window.PRPGuide = handles;
  }
}

function mount(): void {
  if (!document.querySelector("prp-guide")) document.body.append(document.createElement("prp-guide"));
}

if (!customElements.get("prp-guide")) {
  customElements.define("prp-guide", PrpGuide);
  if (document.body) mount();
  else addEventListener("DOMContentLoaded", mount);
}
