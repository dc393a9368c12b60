/** Puts the parts together: what the patient does becomes a turn, what comes back is shown. */
import { ApiError, createApi } from "./api";
import { createComposer, MAX_LENGTH } from "./composer";
import { createConversation } from "./conversation";
import { h, randomId } from "./dom";
import { createForm } from "./form";
import { createHeader } from "./header";
import { createIdle } from "./idle";
import { createLauncher } from "./launcher";
import { createLog } from "./log";
import { createPanel, createScrolling } from "./panel";
import { createStore } from "./store";
import { fill, knownLang, needTexts, textsIn, type Lang, type Texts } from "./texts";
import type { CallbackReceipt, Clinic, Message, Turn } from "./types";

const CALLBACK_CHOICE = "topic:request_callback";

export interface WidgetOptions {
  /** The origin that serves the API. */
  base: string;
  lang: Lang;
  /** Shown until the server has said more. */
  clinic: Clinic;
}

export function createWidget(host: HTMLElement, { base, lang: pageLang, clinic: pageClinic }: WidgetOptions) {
  const store = createStore();
  const api = createApi(base);
  let lang: Lang = knownLang(store.memory.lang) ?? pageLang;
  const conversation = createConversation(api, store, () => lang);

  const launcher = createLauncher(open);
  const header = createHeader({ language: () => void switchLanguage(), close });
  const composer = createComposer({ send: (text) => void run(typed(text)), ask: askForCall, erase: startOver });
  const log = createLog({
    base,
    choose: ({ id, label }) => void run({ id: randomId(), words: label, choice: id }),
    rate: conversation.rate,
    leave: () => panel.fillsScreen && close(),
  });
  const panel = createPanel(host, [header.element, log.alerts, log.body, composer.element]);
  const scroll = createScrolling(panel.element, log.body);
  const root = h("div.root", { hidden: true }, launcher.element, panel.element);
  const idle = createIdle(store, {
    warn: (soon) => (soon ? composer.say(texts().idle, false, composer.focus, texts().stay) : composer.say("")),
    end: endIdle,
    keep: conversation.keep,
  });

  /** The turn that runs. What still comes of one that is no longer it is void. */
  let running: object | null = null;
  let failed: Turn | null = null;
  let languageLater = false;
  let loaded = false;
  let loading: Promise<void> | null = null;
  let seenTurn = store.memory.turn;
  let seenToken = store.memory.token;

  const texts = (): Texts => textsIn(lang);

  function update(): void {
    root.lang = lang;
    launcher.update(texts());
    log.update(texts(), lang);
    composer.update(texts());
    header.update(texts(), lang, store.memory.clinic ?? pageClinic);
  }

  /* Showing */

  /** The words around messages in another language are there before they are shown. */
  async function labelled(messages: Message[]): Promise<Message[]> {
    await Promise.all(messages.map((message) => needTexts(knownLang(message.lang) ?? lang, base)));
    return messages;
  }

  function show(messages: Message[]): void {
    const items = [];
    for (const message of messages) {
      items.push(log.add(message));
      if (message.form === "callback") offerForm(message);
    }
    const { step = "", error = "" } = messages[messages.length - 1] ?? {};
    composer.setStep(step);
    composer.say(error, !!error);
    if (!panel.isOpen) launcher.count(messages.length);
    else scroll.toStartOf(items);
  }

  /** After a page change: everything as it stood, with the choices of the last reply only. */
  function showHistory(messages: Message[]): void {
    const lastTurn = messages.map((message) => message.role).lastIndexOf("patient") + 1;
    log.restore(() => {
      for (const message of messages.slice(0, lastTurn)) log.add({ ...message, choices: [] });
      const opened = panel.isOpen;
      show(messages.slice(lastTurn));
      if (!opened) launcher.count(0);
    });
    scroll.toEnd("instant");
  }

  function offerForm(message: Message): void {
    const { id = "", topic = "" } = message;
    const sent = store.memory.sent?.[id];
    if (sent) return showReceipt(sent);
    const formLang = knownLang(message.lang) ?? lang;
    const item = log.addElement(
      createForm({
        texts: textsIn(formLang),
        lang: formLang,
        topic,
        post: api.requestCallback,
        whyNot,
        done(receipt) {
          store.change({ sent: { ...store.memory.sent, [id]: receipt } });
          item.remove();
          showReceipt(receipt);
          composer.focus();
        },
      }),
    );
  }

  function showReceipt({ text, reference }: CallbackReceipt): void {
    const line = reference && !text.includes(reference) ? fill(texts().form.reference, { reference }) : "";
    scroll.toStartOf([log.add({ role: "assistant", text: [text, line].filter(Boolean).join("\n"), lang })]);
  }

  /* Turns */

  function typed(text: string): Turn {
    // Unchanged words that were not sent before are the same turn.
    return failed && failed.words === text ? failed : { id: randomId(), words: text };
  }

  async function run(turn: Turn): Promise<void> {
    if (running) return;
    const mine = (running = {});
    const byHand = !turn.choice;
    const settle = log.holdChoices();
    const bubble = turn.words ? log.add({ role: "patient", text: turn.words, lang }) : null;
    if (byHand) composer.draft = "";
    wait(true);
    if (turn.words) keepFocus(byHand);
    scroll.toEnd();
    try {
      const messages = await labelled(await conversation.send(turn));
      if (running !== mine) return;
      failed = null;
      loaded = true;
      settle("done");
      remember();
      wait(false);
      show(messages);
    } catch (error) {
      if (running !== mine) return;
      wait(false);
      if (turn.choice === CALLBACK_CHOICE && !(error instanceof ApiError && error.status === 429)) {
        settle("done");
        show([{ role: "assistant", text: texts().form.down, lang, form: "callback", id: turn.id }]);
      } else {
        failed = turn;
        bubble?.remove();
        settle("failed");
        if (byHand) composer.draft = [turn.words, composer.draft].filter(Boolean).join("\n");
        // What was typed is sent as it stands in the input by then; a choice as it was.
        composer.say(whyNot(error, turn), false, byHand ? composer.submit : () => void run(turn));
      }
    } finally {
      if (running === mine) {
        running = null;
        if (languageLater) sendLanguage();
      }
    }
  }

  function wait(now: boolean): void {
    log.setTyping(now);
    composer.setBusy(now);
    if (now) composer.say("");
    header.update(texts(), lang, store.memory.clinic ?? pageClinic);
  }

  function whyNot(error: unknown, turn?: Turn): string {
    const why = texts().failed;
    if (!(error instanceof ApiError)) return why.server;
    const { status, retryAfter, reason } = error;
    if (status === 429) return fill(why.wait, { n: retryAfter || 30 });
    if (turn?.choice && (status === 400 || status === 422)) return why.refused;
    return reason === "offline" && navigator.onLine ? why.server : why[reason];
  }

  /** The focus stays in the input, except where that would open a phone's keyboard over the answer. */
  function keepFocus(byHand: boolean): void {
    if (byHand || !matchMedia("(pointer: coarse)").matches) composer.focus();
    else log.focus();
  }

  function askForCall(): void {
    void run({ id: randomId(), words: texts().ask, choice: CALLBACK_CHOICE });
  }

  /* Opening, closing, beginning */

  function open(): void {
    if (!panel.isOpen) {
      launcher.count(0);
      panel.show(true);
      launcher.element.hidden = true;
      if (loaded) scroll.toEnd("instant");
    }
    composer.focus();
    if (!loaded) void load(true);
  }

  function close(): void {
    if (!panel.isOpen) return;
    panel.show(false);
    launcher.element.hidden = false;
    launcher.element.focus();
  }

  /** The conversation so far, or (`begin`) a new one. One at a time. */
  function load(begin: boolean): Promise<void> {
    if (begin) wait(true);
    const task = (loading ?? Promise.resolve()).then(() => fetchOrBegin(begin)).finally(() => {
      if (loading !== task) return;
      loading = null;
      if (running) return;
      wait(false);
      if (languageLater) sendLanguage();
    });
    return (loading = task);
  }

  async function fetchOrBegin(begin: boolean): Promise<void> {
    if (loaded || running) return;
    try {
      const history = await labelled(await conversation.history());
      if (running) return;
      if (history.length) showHistory(history);
      else if (begin) show(await labelled(await conversation.open()));
      else return;
      loaded = true;
      remember();
    } catch (error) {
      if (begin && !running) composer.say(whyNot(error), false, () => void load(true));
    }
  }

  /** Whatever is under way is void, on the screen and on the server. */
  async function startOver(): Promise<void> {
    const mine = (running = {});
    wait(true);
    composer.focus();
    try {
      await conversation.erase();
    } catch {
      if (running === mine) {
        running = null;
        loaded = false;
        wait(false);
        composer.say(texts().failed.server, false, () => void startOver());
      }
      return;
    }
    running = null;
    failed = null;
    blank();
    composer.draft = "";
    void load(true);
  }

  /** What is being written stays. */
  function endIdle(): void {
    if (running) return;
    const seen = loaded;
    conversation.end();
    remember();
    blank();
    if (seen) log.add({ role: "assistant", text: texts().ended, lang });
  }

  function blank(): void {
    loaded = false;
    log.restore(() => {});
    composer.setStep("");
    wait(false);
    composer.say("");
  }

  /* Language */

  async function switchLanguage(): Promise<void> {
    const other = lang === "en" ? "es" : "en";
    await needTexts(other, base);
    lang = other;
    store.change({ lang });
    update();
    if (running || loading) languageLater = true;
    else sendLanguage();
  }

  function sendLanguage(): void {
    languageLater = false;
    if (conversation.exists()) void run({ id: randomId(), words: "", choice: `lang:${lang}` });
  }

  /* Other tabs */

  function remember(): void {
    ({ turn: seenTurn, token: seenToken } = store.memory);
    idle.watch();
  }

  async function otherTab(): Promise<void> {
    const { token, turn, lang: chosen } = store.memory;
    const spoken = knownLang(chosen) ?? lang;
    await needTexts(spoken, base);
    lang = spoken;
    update();
    idle.watch();
    if (running || (token === seenToken && turn === seenTurn)) return;
    const erased = token !== seenToken;
    remember();
    if (erased && !token && idle.over()) return endIdle();
    if (erased) blank();
    loaded = false;
    if (token) await load(false);
  }

  panel.element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (composer.confirmingNow) composer.confirming(false);
    else close();
  });
  for (const event of ["keydown", "click"]) panel.element.addEventListener(event, () => void idle.stir());
  store.onOtherTab(() => void otherTab());

  async function begin(): Promise<void> {
    await needTexts(lang, base);
    update();
    composer.setStep("");
    root.hidden = false;
    idle.watch();
    if (conversation.exists()) void load(false);
  }

  /** Nothing is seen before its language is there. */
  const ready = begin();

  return {
    root,
    open: (): void => void ready.then(open),
    close,
    /** Opens the panel and asks; what does not fit now is left in the input. */
    async ask(text: unknown): Promise<void> {
      const words = String(text).trim();
      await ready;
      open();
      await loading;
      if (!words) return;
      if (running || words.length > MAX_LENGTH) composer.draft = words;
      else await run(typed(words));
    },
  };
}
