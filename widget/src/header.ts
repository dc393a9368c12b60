/** The clinic's name, whether it is open, its phone, the language and the way out. */
import { button, h, icon, setAttribute } from "./dom";
import { fill, momentIn, type Lang, type Texts } from "./texts";
import type { Clinic } from "./types";

export function createHeader(on: { language: () => void; close: () => void }) {
  const name = h("h2", { id: "title" });
  const state = h("p.state");
  const number = h("span");
  const call = h("a.pill", { hidden: true }, icon("phone"), number);
  const language = button("pill", { onclick: on.language });
  const close = button("close", { onclick: on.close }, icon("close"));
  const element = h(
    "div.head",
    {},
    h("div.top", {}, h("div.who", {}, name, state), close),
    h("div.bar", {}, call, language),
  );

  return {
    element,
    update(texts: Texts, lang: Lang, clinic: Clinic): void {
      name.textContent = clinic.name || texts.launcher;
      state.textContent = stateIn(texts, lang, clinic);
      setAttribute(state, "data-open", clinic.open_now === true);
      call.hidden = !clinic.phone;
      number.textContent = fill(texts.call, { phone: clinic.phone });
      setAttribute(call, "href", telHref(clinic.phone));
      language.textContent = texts.other_language;
      language.lang = lang === "en" ? "es" : "en";
      setAttribute(close, "aria-label", (close.title = texts.close));
    },
  };
}

function stateIn(texts: Texts, lang: Lang, clinic: Clinic): string {
  if (clinic.open_now === true) return `${texts.assistant} · ${texts.open}`;
  if (clinic.open_now !== false) return texts.assistant;
  const next = clinic.next_open && fill(texts.opens, { when: momentIn(lang, clinic.next_open) });
  return `${texts.assistant} · ${next || texts.closed}`;
}

/** "(310) 975-9785" is tel:+13109759785: ten digits are a number of the United States. */
function telHref(phone: string): string {
  const digits = phone.replace(/\D/g, "");
  return `tel:${phone.trim().startsWith("+") ? "+" : digits.length === 10 ? "+1" : ""}${digits}`;
}
