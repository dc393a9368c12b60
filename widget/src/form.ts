/** The plain callback form: it needs no assistant, only the server. What is missing or wrong, the server says. */
import { ApiError } from "./api";
import { button, h, randomId, setAttribute } from "./dom";
import type { Lang, Texts } from "./texts";
import type { CallbackReceipt, CallbackRequest } from "./types";

export interface FormOptions {
  texts: Texts;
  lang: Lang;
  topic: string;
  post: (request: CallbackRequest, key: string) => Promise<CallbackReceipt>;
  done: (receipt: CallbackReceipt) => void;
  whyNot: (error: unknown) => string;
}

export function createForm({ texts, lang, topic, post, done, whyNot }: FormOptions): HTMLElement {
  const { steps, form } = texts;
  const id = randomId();
  const fields = {
    name: field("name", steps.name, { autocomplete: "name" }),
    phone: field("phone", steps.phone, { autocomplete: "tel", type: "tel" }),
    best_time: field("best_time", steps.time),
    note: field("note", form.note),
  };
  const voicemail = h("input", { type: "checkbox" });
  // Nobody sees it: what fills in every field there is betrays itself.
  const trap = h("input", { name: "website", hidden: true, autocomplete: "off" });
  const trouble = h("p.wrong", { "aria-live": "polite" });
  const submit = button("submit", { type: "submit" }, form.submit);
  let sending = false;
  let key = "";
  let keyed = "";

  function field(name: string, { label, hint }: { label: string; hint: string }, props: Record<string, string> = {}) {
    const own = id + name;
    const wrong = h("p.wrong", { id: `${own}-wrong` });
    const input = h(name === "note" ? "textarea" : "input", {
      id: own,
      "aria-describedby": `${own}-hint ${own}-wrong`,
      autocomplete: "off",
      ...props,
    });
    const row = h("div.row", {},
      h("label", { for: own }, label),
      h("p.soft", { id: `${own}-hint` }, hint),
      input,
      wrong,
    );
    return { row, input, wrong };
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (sending) return;
    const value = (name: keyof typeof fields): string => fields[name].input.value.trim();
    const request: CallbackRequest = {
      name: value("name"),
      phone: value("phone"),
      best_time: value("best_time"),
      topic: topic || null,
      note: value("note") || null,
      lang,
      voicemail_ok: voicemail.checked,
      website: trap.value,
    };
    // The same words keep their key, so that trying again acts once; other words are another request.
    const body = JSON.stringify(request);
    if (body !== keyed) [key, keyed] = [randomId(), body];
    setSending(true);
    complain(null);
    try {
      done(await post(request, key));
    } catch (error) {
      complain(error);
    }
    setSending(false);
  }

  /** Says what is wrong beside the field that it is about, and goes to the first of them. */
  function complain(error: unknown): void {
    const errors = error instanceof ApiError ? [...error.fields] : [];
    let first: HTMLElement | null = null;
    for (const [name, { input, wrong }] of Object.entries(fields)) {
      wrong.textContent = errors.find(({ field }) => field === name)?.message ?? "";
      setAttribute(input, "aria-invalid", wrong.textContent && "true");
      if (wrong.textContent) first ??= input;
    }
    const elsewhere = errors.filter(({ field }) => !(field in fields)).map(({ message }) => message);
    trouble.textContent = elsewhere.join(" ") || (error && !first ? whyNot(error) : "");
    first?.focus();
  }

  function setSending(now: boolean): void {
    sending = now;
    setAttribute(submit, "aria-disabled", now && "true");
  }

  return h(
    "form.form",
    { lang, novalidate: true, "aria-labelledby": id, onsubmit: send },
    h("h3", { id }, texts.ask),
    ...Object.values(fields).map(({ row }) => row),
    h("label.tick", {}, voicemail, form.voicemail_ok),
    h("p.soft", {}, form.consent),
    trap,
    trouble,
    submit,
  );
}
