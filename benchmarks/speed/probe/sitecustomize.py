"""Python loads this by itself in each process that has this folder on its PYTHONPATH: it times the stages of a reply.

Sums of wall time, by function, go to <PRP_PROBE>/<pid>.json twice a second. Asked by one client, one message at a time,
nothing overlaps, and sums may be subtracted from each other: benchmarks/speed/stages.py does that.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import inspect
import json
import os
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

FUNCTIONS = {
    "prp_guide.web.chat_api": ("MessagesEndpoint.post",),
    "prp_guide.chat.turns": ("Turns.begin", "Turns.finish", "Turns.form_is_open", "Turns.label_of"),
    "prp_guide.chat.rasa_client": ("RasaClient.turn",),
    "prp_guide.red_flags.screen": ("Screen.check",),
    "prp_guide.rasa_parts.channel": ("_turn",),
    "prp_guide.rasa_parts.tracker_store": ("ConversationTrackerStore.retrieve", "ConversationTrackerStore.save"),
    "prp_guide.rasa_parts.classifier": ("SentenceClassifier.process",),
    "prp_guide.rasa_parts.plan": ("ReplyPlan.process",),
    "prp_guide.rasa_parts.replies": ("TopicReplies.generate",),
    "rasa.core.agent": ("Agent.handle_message",),
    "rasa.core.processor": ("MessageProcessor.handle_message",),
    "rasa.core.policies.rule_policy": ("RulePolicy.predict_action_probabilities",),
}
SUMS: dict[str, list[float]] = {}


def timed(function: Any, name: str) -> Any:
    """`function`, whose seconds and calls are added up under `name`."""
    total = SUMS.setdefault(name, [0.0, 0])

    def add(began: float) -> None:
        total[0] += time.perf_counter() - began
        total[1] += 1

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def waiting(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await function(*given, **named)
            finally:
                add(began)

        return waiting

    @functools.wraps(function)
    def calling(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            add(began)

    return calling


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the modules of FUNCTIONS be found as ever, and times what it names in them once they are loaded."""

    def __init__(self) -> None:
        self._busy: set[str] = set()

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname not in FUNCTIONS or fullname in self._busy:
            return None
        self._busy.add(fullname)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_time(module: ModuleType) -> None:
            load(module)
            for name in FUNCTIONS[fullname]:
                *owners, last = name.split(".")
                owner = functools.reduce(getattr, owners, module)
                setattr(owner, last, timed(getattr(owner, last), name))

        spec.loader.exec_module = load_and_time  # type: ignore[method-assign]
        return spec


def _report(folder: Path) -> None:
    while True:
        time.sleep(0.5)
        if SUMS:
            draft = folder / f"{os.getpid()}.draft"
            draft.write_text(json.dumps(SUMS))
            draft.replace(folder / f"{os.getpid()}.json")


if "PRP_PROBE" in os.environ:
    sys.meta_path.insert(0, _Finder())
    threading.Thread(target=_report, args=(Path(os.environ["PRP_PROBE"]),), daemon=True).start()
