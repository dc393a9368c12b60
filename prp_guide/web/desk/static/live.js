/* Keeps the page fresh by server-sent events, counts what is unread, calls out what is urgent, and signs off. */
"use strict";

(() => {
  if (!document.getElementById("desk")) return;
  const byId = (id) => document.getElementById(id);
  const BY_ITSELF = { "x-prp-by-itself": "1" };
  const PARTS = ["top", "queue", "chosen-head", "chosen-call", "chosen-acts", "chosen-history", "foot"];
  const FALLBACK_MS = 30_000;
  const QUIET_MS = 60_000; // between two words to the server that somebody is there
  const WARN_S = 60;
  const talk = "BroadcastChannel" in window ? new BroadcastChannel("desk") : null;

  /* Fresh parts in place of old ones */

  let seen = Number(byId("top").dataset.newest);
  let fetching = false;
  let again = false;

  function refresh() {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    const url = new URL(location.href);
    url.hash = "";
    if (document.hidden) url.searchParams.set("after", seen);
    const request = new XMLHttpRequest();
    // The browser parses the reply itself and runs nothing in it, so Trusted Types have nothing to object to.
    request.responseType = "document";
    request.timeout = 10_000;
    request.onload = () => {
      const fresh = request.response;
      if (request.status === 401) leave();
      else if (request.status === 200 && fresh?.getElementById("top")) show(fresh);
      else lost();
    };
    request.onerror = request.ontimeout = lost;
    request.onloadend = () => {
      fetching = false;
      if (again) {
        again = false;
        refresh();
      }
    };
    request.open("GET", url);
    request.setRequestHeader("x-prp-by-itself", "1");
    request.setRequestHeader("accept", "text/html");
    request.send();
  }

  function show(fresh) {
    found();
    const before = byId("top").dataset;
    const now = fresh.getElementById("top").dataset;
    const more = Number(now.waiting) > Number(before.waiting);
    const words = fresh.querySelector("h1").textContent;
    const title = fresh.title;
    if (Number(now.urgent) > Number(before.urgent)) window.dispatchEvent(new CustomEvent("desk-urgent"));
    if (more) byId("news").textContent = words;
    for (const id of PARTS) {
      const part = fresh.getElementById(id);
      if (part) swap(byId(id), part);
    }
    if (!document.hidden) seen = Number(byId("top").dataset.newest);
    const unread = document.hidden ? Number(now.unread) : 0;
    document.title = (unread ? `(${unread} new) ` : "") + title;
  }

  function swap(shown, part) {
    if (!shown) return;
    const fresh = document.adoptNode(part);
    // What somebody types, has opened or is marking, to copy it, stays.
    const search = shown.querySelector(":scope > .search");
    if (search) fresh.querySelector(":scope > .search").replaceWith(search.cloneNode(true));
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    if (focused?.matches("input, select")) return;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && shown.contains(selection.anchorNode)) return;
    for (const opened of shown.querySelectorAll("details[id]")) {
      const other = fresh.querySelector(`#${opened.id}`);
      if (other) other.open = opened.open;
    }
    const options = shown.querySelector("#options");
    if (options) fresh.querySelector("#options").replaceWith(options);
    if (fresh.isEqualNode(shown)) return;
    shown.replaceWith(fresh);
    if (focused?.id) byId(focused.id)?.focus({ preventScroll: true });
  }

  addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    seen = Number(byId("top").dataset.newest);
    refresh();
  });

  function lost() {
    const note = byId("lost");
    note.textContent = "No connection to the server. This list may be out of date; it is tried again.";
    note.hidden = false;
  }

  function found() {
    byId("lost").hidden = true;
    byId("lost").textContent = "";
  }

  /* News. One tab listens for all: a browser has few connections to one server. */

  function listen() {
    return new Promise(() => {
      const open = () => {
        const source = new EventSource("/desk/news");
        source.addEventListener("queue", () => {
          talk?.postMessage("queue");
          refresh();
        });
        source.addEventListener("signed-out", () => {
          source.close();
          talk?.postMessage("signed-out");
          leave();
        });
        source.onerror = () => {
          refresh(); // says whether the server is lost, or one is signed out
          if (source.readyState === EventSource.CLOSED) setTimeout(open, 5_000);
        };
      };
      open();
    });
  }
  if (talk) talk.onmessage = (event) => (event.data === "signed-out" ? leave() : refresh());
  if (navigator.locks) void navigator.locks.request("desk-news", listen);
  else void listen();
  setInterval(refresh, FALLBACK_MS);

  /* Sound and notice for urgent ones, both off until somebody wants them */

  for (const id of ["sound", "notices"]) {
    byId(id).ariaPressed = String(localStorage.getItem(`desk-${id}`) === "on");
    byId(id).addEventListener("click", async () => {
      let on = byId(id).ariaPressed !== "true";
      if (on && id === "notices") on = "Notification" in window && (await Notification.requestPermission()) === "granted";
      byId(id).ariaPressed = String(on);
      localStorage.setItem(`desk-${id}`, on ? "on" : "off");
      if (on && id === "sound") ring();
      if (!on && id === "notices") byId("news").textContent = "Desktop notices are off, or not allowed by this browser.";
    });
  }
  addEventListener("desk-urgent", () => {
    // Of several tabs, the first one calls out for all.
    const key = "desk-called-out";
    if (Date.now() - Number(localStorage.getItem(key)) < 4_000) return;
    localStorage.setItem(key, String(Date.now()));
    if (localStorage.getItem("desk-sound") === "on") ring();
    if (localStorage.getItem("desk-notices") === "on" && "Notification" in window && Notification.permission === "granted") {
      // Nothing of the patient's: notices show on locked screens.
      const notice = new Notification("Urgent callback request", { body: "Open the inbox to see it.", tag: "desk-urgent" });
      notice.onclick = () => window.focus();
    }
  });

  function ring() {
    const audio = new AudioContext();
    for (const [at, pitch] of [[0, 660], [0.22, 880]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.15, audio.currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + at + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.2);
    }
    setTimeout(() => void audio.close(), 1_000);
  }

  /* Signing off. The server ends the session; here names leave the screen at that moment, and the note is kept. */

  let ends = Date.now() + 1000 * Number(byId("desk").dataset.left);
  let told = Date.now();
  const dialog = byId("still-there");

  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => Date.now() - told > QUIET_MS && awake());
  byId("stay").addEventListener("click", awake);

  async function awake() {
    told = Date.now();
    const body = new URLSearchParams({ form_token: byId("desk").dataset.token });
    await left({ method: "POST", body, headers: { accept: "application/json" }, keepalive: true }, "/desk/awake");
  }

  async function left(options = { headers: BY_ITSELF }, path = "/desk/left") {
    try {
      const reply = await fetch(path, { ...options, signal: AbortSignal.timeout(8_000) });
      if (reply.status === 401) await leave();
      if (reply.ok) ends = Date.now() + 1000 * (await reply.json()).left;
    } catch {
      // Out of reach: the time that was known last goes on.
    }
  }

  setInterval(async () => {
    const seconds = (ends - Date.now()) / 1000;
    if (seconds > WARN_S) {
      if (dialog.open) dialog.close();
      return;
    }
    await left(); // another window may have kept it going
    if (ends <= Date.now()) await leave();
    else if ((ends - Date.now()) / 1000 <= WARN_S && !dialog.open) dialog.showModal();
  }, 5_000);

  let leaving = false;
  async function leave() {
    if (leaving) return;
    leaving = true;
    byId("desk").hidden = true;
    document.title = "Signed out";
    await window.deskNote?.leave();
    location.replace("/desk");
  }

  window.deskLive = { refresh, leave };
})();
