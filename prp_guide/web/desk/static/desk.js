/* The front desk's pages: signing in by link, buttons that keep what was typed until they are heard, undo, keys.
   All but the link works without this script. */
"use strict";

const byId = (id) => document.getElementById(id);
const FAR = "No connection to the server. Nothing was changed, and what you wrote is kept here. Press again in a moment.";

/* Signing in */

const link = location.hash.slice(1);
if (byId("sign-in") && link) {
  // Out of the address bar and the history before anything else can see it.
  history.replaceState(null, "", location.pathname);
  const form = byId("sign-in");
  form.elements.namedItem("link").value = link;
  form.hidden = false;
  byId("by-name").hidden = true;
  byId("no-link").hidden = true;
  form.submit();
}
// E-mails and webhooks point at /desk#PRP-XXXX.
if (byId("desk") && /^#PRP-\w{4,9}$/.test(location.hash) && location.pathname === "/desk") {
  location.replace(`/desk/requests/${location.hash.slice(1)}`);
}

/* Buttons. A form goes by script, so that a lost connection leaves the page, and the note in it, as they are. */

let sending = false;
addEventListener("submit", (event) => {
  const form = event.target;
  if (!byId("desk") || form.method !== "post" || form.action.endsWith("/desk/sign-out")) return;
  event.preventDefault();
  if (!sending) send(form, event.submitter);
});

async function send(form, button) {
  sending = true;
  tell("");
  document.documentElement.classList.add("busy");
  try {
    // What is typed is on the server first; then the act takes it along.
    if (form.id === "work" && window.deskNote) await window.deskNote.settled();
    const body = new URLSearchParams(new FormData(form, button));
    const reply = await fetch(button?.getAttribute("formaction") || form.action, {
      method: "POST",
      body,
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(15_000),
    });
    const said = await reply.json();
    if (reply.ok) {
      if (form.id === "work" && window.deskNote) window.deskNote.done();
      go(said.to);
      return;
    }
    tell(said.error || FAR);
    if (reply.status === 401) window.deskLive?.leave();
    else window.deskLive?.refresh();
  } catch {
    tell(FAR);
  } finally {
    sending = false;
    document.documentElement.classList.remove("busy");
  }
}

function go(to) {
  const url = new URL(to, location.href);
  // With nothing but another fragment, a browser would stay where it is.
  if (url.hash && url.pathname + url.search === location.pathname + location.search) {
    location.hash = url.hash;
    location.reload();
  } else location.assign(url);
}

function tell(words) {
  const note = byId("fault");
  note.textContent = words;
  note.hidden = !words;
}

/* Undo is offered for ten seconds. */

const undo = byId("undo-form");
if (undo) {
  const ends = Date.now() + Number(undo.dataset.ms);
  const count = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left <= 0) undo.remove();
    else {
      byId("undo-left").textContent = ` (${left} s)`;
      setTimeout(count, 250);
    }
  };
  count();
}
// A reload or a step back must not tell it again.
if (byId("just")) {
  const url = new URL(location.href);
  url.searchParams.delete("just");
  history.replaceState(null, "", url);
}

/* Keys */

const keysOn = byId("keys-on");
if (keysOn) {
  keysOn.checked = localStorage.getItem("desk-keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("desk-keys", keysOn.checked ? "on" : "off"));
  byId("options").hidden = false;
  addEventListener("click", (event) => {
    if (event.target.closest("#help-open")) byId("help").showModal();
  });
  addEventListener("keydown", press);
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  if (event.key === "?") byId("help").showModal();
  else if (!keysOn.checked) return;
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "m") byId("note")?.focus();
  else if (event.key === "/") byId("search").focus();
  else {
    const button = [...document.querySelectorAll("[data-key]")].find(
      (one) => one.dataset.key === event.key && one.checkVisibility(),
    );
    if (!button) return;
    button.click();
  }
  event.preventDefault();
}

function step(by) {
  const links = [...document.querySelectorAll("#queue h3 a")];
  const here = links.indexOf(document.activeElement.closest?.("#queue h3 a"));
  const from = here >= 0 ? here : links.findIndex((one) => one.ariaCurrent === "true");
  const next = links[from < 0 ? 0 : Math.min(Math.max(from + by, 0), links.length - 1)];
  next?.focus();
}
