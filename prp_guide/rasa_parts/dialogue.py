"""What a tracker tells about the conversation so far, as prp_guide.language needs it."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from prp_guide.language.meaning import Context
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.rasa_parts.names import FORM, STEP_OF_SLOT


def context_of(tracker: DialogueStateTracker) -> Context:
    """Where the conversation in `tracker` stands before its next message."""
    said = last_said(tracker)
    topic = next((m["topic"] for m in reversed(said) if m.get("kind") in ("answer", "staff")), None)
    asked_back = any(message.get("kind") == "clarify" for message in said)
    return Context(step=step_of(tracker), topic=topic, offered=_offer(said), asked_back=asked_back)


def step_of(tracker: DialogueStateTracker) -> str | None:
    """The step of the callback form that waits for an answer, None outside the form."""
    if tracker.active_loop_name != FORM:
        return None
    return STEP_OF_SLOT.get(tracker.get_slot("requested_slot") or "")


def last_said(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The envelopes of the assistant's last turn."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            messages: list[dict[str, Any]] = (event.data.get("custom") or {}).get("messages") or []
            if messages:
                return messages
    return []


def _offer(said: list[dict[str, Any]]) -> str | None:
    """What "yes" means after these envelopes: the first choice offered by the last of them, as an intent."""
    if not said or said[-1].get("kind") not in ("answer", "staff", "handoff", "out_of_scope"):
        return None
    for choice in said[-1].get("choices") or []:
        kind, _, name = choice["id"].partition(":")
        if kind == "callback":
            return "request_callback"
        if kind == "topic" and name not in ("human", "request_callback"):
            return TOPIC_PREFIX + name
        if kind == "topic":
            return str(name)
    return None
