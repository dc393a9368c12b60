/* How far a publishing is, without loading the page again. */
"use strict";

const box = document.getElementById("publishing");
const words = document.getElementById("progress-words");

async function look() {
  try {
    const reply = await fetch("/desk/publishing", { headers: { "x-prp-by-itself": "1" }, signal: AbortSignal.timeout(10_000) });
    const found = await reply.json();
    if (!reply.ok || !found.running) return void location.reload();
    if (words.textContent !== found.words) words.textContent = found.words;
    box.querySelector("progress").value = found.step + 0.5;
  } catch {
    // the server may be away for a moment
  }
  setTimeout(look, 2000);
}

if (box.dataset.running) setTimeout(look, 1000);
