/**
 * What was said. Two live regions, and each message in one of them only, so that nothing is read out twice:
 * `log` for the conversation, `alerts` for pinned red-flag cards.
 */
import { button, h, icon, safeHref, unseen } from "./dom";
import { dateIn, fill, textsIn, knownLang, type Lang, type Texts } from "./texts";
import type { Choice, Message, Source } from "./types";

export interface LogOptions {
  /** Where links that begin with / lead. */
  base: string;
  choose: (choice: Choice) => void;
  /** Whether an answer helped; rejected when that could not be kept. */
  rate: (id: string, helpful: boolean) => Promise<unknown>;
  /** A link to the page that is open now was followed. */
  leave: () => void;
}

export function createLog({ base, choose, rate, leave }: LogOptions) {
  const alerts = h("div.alerts", { role: "alert" });
  const notice = h("p.notice");
  const log = h("div.log", { role: "log", tabindex: "0" });
  const typing = h("p.typing", { role: "status" });
  const body = h("div.body", {}, notice, log, typing);
  let texts: Texts;
  let lang: Lang;

  /** One message, whole. The words around it are in its own language. */
  function render(message: Message): HTMLElement {
    const own = knownLang(message.lang) ?? lang;
    return message.pinned ? card(message, own) : bubble(message, own);
  }

  function bubble(message: Message, own: Lang): HTMLElement {
    const said = h("p.text", {}, message.text);
    const mine = message.role === "patient";
    return h(
      `div.item${mine ? " mine" : ""}`,
      { lang: own, "data-kind": message.kind ?? "" },
      h("div.bubble", {},
        unseen(mine ? textsIn(own).you_said : textsIn(own).assistant_said),
        said,
        message.source ? sourceLine(message.source, own) : null,
        actionLinks(message),
      ),
      message.kind === "answer" && message.id ? opinion(message.id, own) : null,
      choiceButtons(message, own),
    );
  }

  function opinion(id: string, own: Lang): HTMLElement {
    const label = textsIn(own);
    const press = (pressed: HTMLElement | null): void =>
      buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === pressed)));
    const buttons = [label.helpful, label.not_helpful].map((words, place) => {
      const one = button("quiet", {
        onclick: () => {
          press(one);
          rate(id, !place).catch(() => press(null));
        },
      }, words);
      return one;
    });
    press(null);
    return h("div.opinion", { role: "group", "aria-label": label.rating }, ...buttons);
  }

  /** It can be folded by hand, so that it never keeps the conversation out of sight. */
  function card(message: Message, own: Lang): HTMLElement {
    const { urgent, crisis, other } = textsIn(own).pinned;
    const title = message.kind === "urgent" ? urgent : message.kind === "crisis" ? crisis : other;
    return h(
      "div.card",
      { lang: own, "data-kind": message.kind ?? "", "data-topic": message.topic ?? "" },
      h(
        "details",
        { open: true },
        h("summary", {}, icon("warn"), title),
        h("p.text", {}, message.text),
      ),
      actionLinks(message),
      choiceButtons(message, own),
    );
  }

  function sourceLine({ section, url, reviewed }: Source, own: Lang): HTMLElement {
    const label = textsIn(own);
    const href = safeHref(url, base);
    const here = href?.split("#")[0] === location.href.split("#")[0];
    const name = href ? h("a", { href, onclick: () => here && leave() }, section) : section;
    const date = reviewed && `, ${fill(label.reviewed, { date: dateIn(own, reviewed) })}`;
    return h("p.source", {}, `${label.source} `, name, date);
  }

  function actionLinks({ actions = [] }: Message): HTMLElement | null {
    const links = actions.flatMap(({ label, href }) => {
      const safe = safeHref(href, base);
      if (!safe) return [];
      const mark = safe.startsWith("tel:") ? icon("phone") : null;
      return [h("a.action", { href: safe, rel: "noopener" }, mark, label)];
    });
    return links.length ? h("div.actions", {}, ...links) : null;
  }

  function choiceButtons({ choices = [] }: Message, own: Lang): HTMLElement | null {
    if (!choices.length) return null;
    return h(
      "div.choices",
      { role: "group", "aria-label": textsIn(own).choices },
      ...choices.map((choice) => button("choice", { onclick: () => choose(choice) }, choice.label)),
    );
  }

  function openChoices(): HTMLElement[] {
    return [log, alerts].flatMap((region) => [...region.querySelectorAll<HTMLElement>(".choices")]);
  }

  return {
    alerts,
    body,
    focus: (): void => log.focus({ preventScroll: true }),

    update(current: Texts, currentLang: Lang): void {
      [texts, lang] = [current, currentLang];
      notice.textContent = texts.notice;
      log.setAttribute("aria-label", texts.conversation);
    },

    /** Appends one message where it belongs; a pinned card takes the place of an older one on the same topic. */
    add(message: Message): HTMLElement {
      const item = render(message);
      if (message.pinned) {
        for (const old of alerts.children) if (old.getAttribute("data-topic") === message.topic) old.remove();
        alerts.append(item);
      } else log.append(item);
      return item;
    },

    addElement(element: HTMLElement): HTMLElement {
      const item = h("div.item", {}, element);
      log.append(item);
      return item;
    },

    /** Choices are open for one turn. While it runs they are hidden; `settle` says how it went. */
    holdChoices(): (settled: "done" | "failed") => void {
      const held = openChoices();
      for (const group of held) group.hidden = true;
      return (settled) => {
        for (const group of held) {
          if (settled === "done") group.remove();
          else group.hidden = false;
        }
      };
    },

    /** What is restored was heard before: nothing is read out while `fillUp` runs. */
    restore(fillUp: () => void): void {
      for (const region of [log, alerts]) {
        region.setAttribute("aria-live", "off");
        region.replaceChildren();
      }
      fillUp();
      setTimeout(() => [log, alerts].forEach((region) => region.removeAttribute("aria-live")), 1000);
    },

    setTyping(on: boolean): void {
      typing.textContent = on ? texts.typing : "";
    },
  };
}
