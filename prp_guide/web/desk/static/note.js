/* A note is kept on the server while it is typed, and in this tab for as long as the server cannot be reached. */
"use strict";

(() => {
  const form = document.getElementById("work");
  if (!form) return;
  const PAUSE_MS = 400;
  const AGAIN_MS = 2_000;
  const note = form.elements.namedItem("note");
  const state = document.getElementById("kept");
  const key = `desk-note ${form.dataset.user} ${form.dataset.draftUrl}`;
  let kept = note.defaultValue; // what the server has; the box may hold more, typed before this script came
  let running = null; // the save under way
  let timer = 0;
  let closed = false;

  const left = sessionStorage.getItem(key);
  if (left !== null && left !== note.value) {
    // From before a reload, or a sign-out, while the server was out of reach. Beside what came since, not over it.
    note.value = note.value && !left.includes(note.value) ? `${note.value}\n${left}` : left;
  }
  if (note.value !== kept) later(0);

  note.addEventListener("input", () => {
    sessionStorage.setItem(key, note.value);
    state.textContent = "";
    later(PAUSE_MS);
  });
  addEventListener("visibilitychange", () => document.hidden && later(0));
  addEventListener("pagehide", () => {
    if (!closed && note.value !== kept && !running) navigator.sendBeacon(form.dataset.draftUrl, body());
  });
  addEventListener("beforeunload", (event) => {
    if (!closed && note.value !== kept) event.preventDefault();
  });

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(() => void settled(), pause);
  }

  function body() {
    const fields = new URLSearchParams();
    for (const name of ["form_token", "note", "draft", "version"]) fields.set(name, form.elements.namedItem(name).value);
    return fields;
  }

  /** Waits until the server has what is typed, or has failed to take it. */
  async function settled() {
    clearTimeout(timer);
    for (let tries = 0; tries < 5 && (running || note.value !== kept) && !closed; tries += 1) {
      running ??= save();
      const well = await running;
      if (!well) return;
    }
  }

  async function save() {
    const text = note.value;
    try {
      const reply = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: body(),
        keepalive: text.length < 20_000,
        headers: { accept: "application/json" },
        signal: AbortSignal.timeout(8_000),
      });
      const said = await reply.json();
      if (!reply.ok) {
        state.textContent = `Not kept: ${said.error} Copy it before you leave this page.`;
        return false;
      }
      form.elements.namedItem("draft").value = said.draft;
      form.elements.namedItem("version").value = said.version;
      kept = text;
      if (note.value === text) {
        sessionStorage.removeItem(key);
        state.textContent = text.trim() ? "Kept, not added yet." : "";
      }
      return true;
    } catch {
      state.textContent = "No connection: kept in this window, trying again.";
      later(AGAIN_MS);
      return false;
    } finally {
      running = null;
    }
  }

  window.deskNote = {
    settled,
    /** The act has taken the note along. */
    done() {
      closed = true;
      clearTimeout(timer);
      sessionStorage.removeItem(key);
    },
    /** The page is left, come what may; what the server has not taken stays in this tab. */
    async leave() {
      await settled();
      closed = true;
    },
  };
})();
