/* Takes the place of the server for the widget in the preview: nothing is sent, nothing is kept, no patient is counted.
   What it shows stands in the frame's data-messages; a message "show" from the editor's page says that it has changed. */
"use strict";

const KEY = "prp-guide";
const page = document.documentElement;
const memory = { token: "preview", turn: 0 };
const kept = new Map();

function remember(changes) {
  kept.set(KEY, JSON.stringify({ ...JSON.parse(kept.get(KEY) ?? "{}"), ...memory, seen: Date.now(), ...changes }));
}

// The browser's own belongs to whoever chats in another tab.
Object.defineProperty(window, "localStorage", {
  value: {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, String(value)),
    removeItem: (key) => void kept.delete(key),
  },
});
remember({ lang: page.lang });

function wanted() {
  try {
    return JSON.parse(window.frameElement?.dataset.messages ?? "[]");
  } catch {
    return [];
  }
}

const clinic = { name: page.dataset.clinic, phone: page.dataset.phone, open_now: null, next_open: "" };

function answer(method, path) {
  if (path === "/api/chat/sessions") return { session: "preview", messages: wanted(), clinic };
  if (path === "/api/chat/messages" && method === "GET") return { messages: wanted(), clinic };
  if (path === "/api/chat/messages") {
    const text = page.lang === "es" ? "Vista previa: los botones no llevan a ningún lado." : "This is a preview: its buttons lead nowhere.";
    return { messages: [{ id: String(Math.random()), kind: "chat", topic: null, text, lang: page.lang, choices: [], actions: [] }] };
  }
  return {};
}

const ask = window.fetch;
window.fetch = async (address, options = {}) => {
  const { pathname } = new URL(address, location.href);
  if (!pathname.startsWith("/api/")) return ask(address, options);
  const body = JSON.stringify(answer(options.method ?? "GET", pathname));
  return new Response(body, { status: 200, headers: { "Content-Type": "application/json" } });
};

function show() {
  const lang = window.frameElement?.dataset.lang ?? page.lang;
  page.lang = lang;
  memory.turn += 1;
  remember({ lang });
  // As if another tab of the patient's had gone on: the widget reads anew what was said, and takes no focus.
  dispatchEvent(new StorageEvent("storage", { key: KEY }));
  for (const pause of [100, 400]) setTimeout(toTheReply, pause);
}

/** The start of the reply. By scrollTop: scrollIntoView would move the editor's page around the frame, too. */
function toTheReply() {
  const root = document.querySelector("prp-guide")?.shadowRoot;
  const [body, item] = [root?.querySelector(".body"), root?.querySelector("[role=log] .item")];
  if (body && item) body.scrollTop += item.getBoundingClientRect().top - body.getBoundingClientRect().top - 12;
}

addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data === "show") show();
});

addEventListener("load", () => {
  // Whoever types beside the frame goes on typing.
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = () => {};
  window.PRPGuide?.open();
  setTimeout(() => (HTMLElement.prototype.focus = focus), 1000);
});
