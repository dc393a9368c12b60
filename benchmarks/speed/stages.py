"""What share of a reply each stage takes: one client, one message at a time, timed inside the processes."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from benchmarks.speed.bots import Ours
from benchmarks.speed.load import load

PROBE = Path(__file__).resolve().parent / "probe"
_REPORTED = 1.2  # seconds, within which the processes write down what they have


def stages(folder: Path, seconds: float) -> dict[str, float]:
    """Milliseconds a reply of each stage, in the order in which a message meets them."""
    sums = folder / "sums"
    sums.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join((str(PROBE), str(Ours.project), os.environ.get("PYTHONPATH", "")))
    ours = Ours(folder / "probed", more={"PRP_PROBE": str(sums), "PYTHONPATH": path})
    ours.ensure_trained()
    ours.start()
    try:
        load(ours, 1, seconds / 3)
        before = _read(sums)
        run = load(ours, 1, seconds)
        after = _read(sums)
    finally:
        ours.stop()
    asked = after["MessagesEndpoint.post"][1] - before.get("MessagesEndpoint.post", (0, 0))[1]

    def took(*names: str) -> float:
        total = sum(after[name][0] - before.get(name, (0.0, 0))[0] for name in names if name in after)
        return 1000 * total / asked

    turns = took("Turns.begin", "Turns.finish", "Turns.form_is_open", "Turns.label_of")
    flags, asking, answering = took("Screen.check"), took("RasaClient.turn"), took("_turn")
    understanding = took("SentenceClassifier.process", "ReplyPlan.process")
    handling = took("MessageProcessor.handle_message")
    store = took("ConversationTrackerStore.retrieve", "ConversationTrackerStore.save")
    rules, saying = took("RulePolicy.predict_action_probabilities"), took("TopicReplies.generate")
    locking = took("Agent.handle_message") - handling
    web = sum(run.took) / len(run.took) - turns - flags - asking
    parts = {
        "web: HTTP, session, privacy": web,
        "turn store": turns,
        "red flags": flags,
        "HTTP to Rasa and back": asking - answering,
        "lock": locking,
        "tracker store": store,
        "understanding": understanding,
        "rules": rules,
        "saying it": saying,
        "the rest of Rasa": answering - locking - store - understanding - rules - saying,
    }
    return {name: max(0.0, value) for name, value in parts.items()}


def _read(folder: Path) -> dict[str, tuple[float, int]]:
    time.sleep(_REPORTED)
    found: dict[str, tuple[float, int]] = {}
    for file in folder.glob("*.json"):
        for name, (seconds, calls) in json.loads(file.read_text()).items():
            before = found.get(name, (0.0, 0))
            found[name] = (before[0] + seconds, before[1] + calls)
    return found
