/** Where the patient writes, with what is always in reach: "Ask for a call", and "start over" with its question. */
import { button, h, icon, setAttribute } from "./dom";
import { fill, type Texts } from "./texts";

export const MAX_LENGTH = 2000;

type Step = keyof Texts["steps"];

/** What a browser can fill in. */
const AUTOCOMPLETE: Record<string, string> = { name: "name", phone: "tel" };

export interface ComposerActions {
  send: (text: string) => void;
  ask: () => void;
  erase: () => void;
}

export function createComposer(on: ComposerActions) {
  const label = h("label", { for: "input" });
  const input = h("textarea", { id: "input", rows: "1", "aria-describedby": "problem", enterkeyhint: "send" });
  const send = button("send", { onclick: submit }, icon("send"));
  const problem = h("p.wrong", { id: "problem", "aria-live": "polite" });
  const retry = button("retry", { hidden: true });
  const ask = button("ask", { onclick: () => busy || on.ask() }, icon("phone"), h("span"));
  const over = button("quiet", { onclick: () => confirming(true) });
  const question = h("p", { id: "question" });
  const yes = button("yes", { onclick: erase });
  const no = button("quiet", { onclick: () => confirming(false) });
  const usual = h("div.bar", {}, ask, over);
  const sure = h(
    "div.sure",
    { role: "group", "aria-labelledby": "question", hidden: true },
    question,
    h("div.bar", {}, yes, no),
  );
  const element = h("div.composer", {},
    h("div.trouble", {}, problem, retry),
    label,
    h("div.field", {}, input, send),
    usual,
    sure,
  );

  let texts: Texts;
  let busy = false;
  let pressed = false; // while busy: sent as soon as it can be
  let step: Step | null = null;
  let onRetry = (): void => {};

  retry.addEventListener("click", () => onRetry());
  input.addEventListener("input", () => {
    fit();
    checkLength();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });

  function submit(): void {
    const text = input.value.trim();
    pressed = busy;
    if (busy || !text || !checkLength()) return input.focus();
    on.send(text);
  }

  function erase(): void {
    confirming(false);
    on.erase();
  }

  /** True when the text is short enough; otherwise says by how much it is not. */
  function checkLength(): boolean {
    const extra = input.value.trim().length - MAX_LENGTH;
    if (extra > 0) say(fill(texts.too_long, { n: extra }), true);
    else if (input.hasAttribute("data-long")) say("");
    setAttribute(input, "data-long", extra > 0);
    return extra <= 0;
  }

  const focused = (): Element | null => (element.getRootNode() as ShadowRoot).activeElement;

  /** `wrong`: it is about what stands in the input, and not about the way there. `again` comes with a button. */
  function say(trouble: string, wrong = false, again?: () => void, label = texts.retry): void {
    problem.textContent = trouble;
    setAttribute(input, "aria-invalid", wrong && trouble && "true");
    if (!again && focused() === retry) input.focus();
    retry.hidden = !again;
    retry.textContent = label;
    onRetry = again ?? onRetry;
    if (trouble && focused()) input.scrollIntoView({ block: "nearest" });
  }

  function fit(): void {
    input.style.height = "auto";
    if (input.value) input.style.height = `${input.scrollHeight + 2}px`;
  }

  /** The question takes the place of the bar; the focus goes along, and comes back. */
  function confirming(asked: boolean): void {
    const within = sure.contains(focused());
    sure.hidden = !asked;
    usual.hidden = asked;
    if (asked) no.focus();
    else if (within) over.focus();
  }

  function update(current: Texts): void {
    texts = current;
    const field = step && texts.steps[step];
    label.textContent = field?.label ?? texts.input;
    input.placeholder = field?.hint ?? texts.input_hint;
    setAttribute(label, "data-step", step);
    setAttribute(send, "aria-label", (send.title = texts.send));
    ask.lastElementChild!.textContent = texts.ask;
    over.textContent = texts.over;
    question.textContent = texts.over_question;
    yes.textContent = texts.over_yes;
    no.textContent = texts.over_no;
  }

  return {
    element,
    update,
    say,
    submit,
    confirming,

    get confirmingNow(): boolean {
      return !sure.hidden;
    },

    focus: (): void => input.focus(),

    get draft(): string {
      return input.value;
    },
    set draft(text: string) {
      input.value = text;
      fit();
    },

    setBusy(now: boolean): void {
      busy = now;
      for (const control of [send, ask]) setAttribute(control, "aria-disabled", now && "true");
      if (pressed && !now) submit();
    },

    /** In a callback the input asks for one thing, and lets the browser fill it in. */
    setStep(name: string): void {
      step = name in texts.steps ? (name as Step) : null;
      setAttribute(input, "inputmode", step === "phone" && "tel");
      setAttribute(input, "autocomplete", AUTOCOMPLETE[name] ?? "off");
      update(texts);
    },
  };
}
