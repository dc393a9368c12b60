/* The front desk's page: signs in from the link's fragment, and keeps the list fresh. The page works without it. */
"use strict";

const EVERY_MS = 20_000;

const signIn = document.getElementById("sign-in");
const link = location.hash.slice(1);
if (signIn && link) {
  // Out of the address bar and the history before anything else can see it.
  history.replaceState(null, "", location.pathname);
  signIn.elements.namedItem("link").value = link;
  signIn.hidden = false;
  document.getElementById("no-link").hidden = true;
  signIn.submit();
}

if (document.getElementById("queue")) setInterval(refresh, EVERY_MS);

function refresh() {
  const shown = document.getElementById("queue");
  const request = new XMLHttpRequest();
  // The browser parses the reply itself and runs nothing in it, so Trusted Types have nothing to object to.
  request.responseType = "document";
  request.timeout = EVERY_MS / 2;
  request.onload = () => {
    const fresh = request.responseXML?.getElementById("queue");
    if (request.status === 401) location.replace("/desk"); // names and numbers leave the screen
    else if (request.status === 200 && fresh) show(shown, document.adoptNode(fresh));
    else lost();
  };
  request.onerror = lost;
  request.ontimeout = lost;
  request.open("GET", shown.dataset.source);
  request.send();
}

function show(shown, fresh) {
  const note = document.getElementById("lost");
  note.hidden = true;
  note.textContent = "";
  // What someone is marking with the mouse, to copy it, stays.
  const selection = getSelection();
  if (selection && !selection.isCollapsed && shown.contains(selection.anchorNode)) return;

  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  const before = Number(shown.dataset.waiting);
  const now = Number(fresh.dataset.waiting);
  shown.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.title = (now ? `(${now}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  if (now > before) document.getElementById("news").textContent = fresh.querySelector("h1").textContent;
}

function lost() {
  const note = document.getElementById("lost");
  note.textContent = "No connection to the server. This list may be out of date.";
  note.hidden = false;
}
