/* The page on which an answer is written: the rules and the chat answer while one types. All else works without it. */
"use strict";

const form = document.getElementById("answer");
const frame = document.getElementById("preview");
const summary = document.getElementById("summary");
const PAUSE = 350; // milliseconds without a key, after which the rules are asked

let timer = 0;
let asked = 0;
let dirty = form.dataset.dirty === "1";
let said = {};
let lang = "en";

for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;

form.addEventListener("input", () => {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});
form.addEventListener("submit", () => (dirty = false));
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

async function check() {
  const mine = ++asked;
  try {
    const reply = await fetch(form.dataset.check, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(30_000),
    });
    const found = await reply.json();
    if (mine !== asked) return;
    if (!reply.ok) return void tell(found.error || "The rules could not be asked. Your text is still here.", false);
    tellFindings(found.findings);
    tellMeasures(found.measured);
    said = found.said;
    show();
  } catch {
    if (mine === asked) tell("No connection to the server. Your text is still here; saving checks it again.", false);
  }
}

function tell(words, good) {
  if (summary.textContent !== words) summary.textContent = words;
  summary.classList.toggle("good", good);
  form.dataset.checked = String(asked);
}

/** Each finding under the field it is about: facts.0 belongs to facts. */
function tellFindings(findings) {
  const places = new Map([...document.querySelectorAll("[data-place]")].map((list) => [list.dataset.place, list]));
  for (const [place, list] of places) {
    list.replaceChildren();
    document.getElementById(place)?.removeAttribute("aria-invalid");
  }
  for (const [place, , problem, hint] of findings) {
    let near = place;
    while (near && !places.has(near)) near = near.includes(".") ? near.slice(0, near.lastIndexOf(".")) : "";
    if (!places.has(near)) near = places.has(`${place}.en`) ? `${place}.en` : "";
    const item = document.createElement("li");
    const strong = document.createElement("strong");
    strong.textContent = upper(problem);
    item.append(strong, hint ? `. ${hint}` : ".");
    places.get(near).append(item);
    document.getElementById(near)?.setAttribute("aria-invalid", "true");
  }
  const count = findings.length;
  tell(count ? `${count} ${count === 1 ? "thing" : "things"} to put right before it can be saved.` : "Every rule is kept.", !count);
}

function tellMeasures(measured) {
  for (const line of document.querySelectorAll("[data-measure]")) line.textContent = "";
  for (const { place, words, fewest, most, sentences, longest, grade, values } of measured) {
    const line = document.querySelector(`[data-measure="${CSS.escape(place)}"]`);
    if (!line) continue;
    const parts = [`${words} words (${fewest} to ${most})`, `${sentences} ${sentences === 1 ? "sentence" : "sentences"}, the longest of ${longest} words`];
    if (grade !== null) parts.push(`reads at grade ${grade}`);
    parts.push(values.length ? `numbers you may use: ${values.join(", ")}` : "the facts you chose hold no number");
    line.textContent = parts.join(" · ");
  }
}

function upper(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/* The preview */

for (const choice of document.querySelectorAll('[name="preview-lang"]')) {
  choice.addEventListener("change", () => {
    lang = choice.value;
    show();
  });
}
form.addEventListener("focusin", (event) => {
  const other = event.target.name?.endsWith(".es") ? "es" : event.target.name?.endsWith(".en") ? "en" : lang;
  if (other === lang) return;
  lang = other;
  document.querySelector(`[name="preview-lang"][value="${lang}"]`).checked = true;
  show();
});

function show() {
  const message = said[lang] ?? said.en;
  if (!message) return;
  const label = form.elements.namedItem(`label.${message.lang}`)?.value || "…";
  const patient = { id: "asked", role: "patient", kind: "patient", text: label, lang: message.lang };
  frame.dataset.messages = JSON.stringify([patient, { ...message, role: "assistant" }]);
  frame.dataset.lang = message.lang;
  frame.contentWindow.postMessage("show", location.origin);
}

frame.addEventListener("load", show);
check();
