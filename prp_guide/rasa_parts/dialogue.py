"""What a tracker tells about the conversation so far, as prp_guide.language needs it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from prp_guide.language.intents import CALLBACKS, CARDS
from prp_guide.language.parts import Context
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.rasa_parts.names import FORM, STEP_OF_SLOT
from prp_guide.replies import PRIVATE

_TURNS = 6  # of the assistant's, to look back
_STILL_MEANT = 2
_NO_TOPICS = ("human", "phone", "capabilities", *CALLBACKS, *CARDS)


def context_of(tracker: DialogueStateTracker) -> Context:
    """Where the conversation in `tracker` stands before its next message."""
    turns = list(islice(_said(tracker), _TURNS))
    said = turns[0] if turns else []
    # A "thanks" in between does not end a topic; a long way back it is no longer meant.
    spoken_of = [topic for turn in turns for topic in _topics(turn)]
    topic = next((topic for turn in turns[:_STILL_MEANT] for topic in _topics(turn)), None)
    return Context(
        step=step_of(tracker),
        topic=topic,
        before=next((other for other in spoken_of if other != topic), None),
        offered=_offer(said),
        choices=tuple(filter(None, map(_intent_of, said[-1].get("choices") or []))) if said else (),
        asked_back=any(message.get("kind") == "clarify" for message in said),
        unclear=_heard_last(tracker) if any(message.get("kind") == "clarify" for message in said) else "",
        card=next((message["topic"] for message in said if message.get("topic") in CARDS), None),
    )


def step_of(tracker: DialogueStateTracker) -> str | None:
    """The step of the callback form that waits for an answer, None outside the form."""
    if tracker.active_loop_name != FORM:
        return None
    return STEP_OF_SLOT.get(tracker.get_slot("requested_slot") or "")


def _said(tracker: DialogueStateTracker) -> Iterator[list[dict[str, Any]]]:
    """The envelopes of the assistant's turns, the last turn first."""
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            messages: list[dict[str, Any]] = (event.data.get("custom") or {}).get("messages") or []
            if messages:
                yield messages


def _heard_last(tracker: DialogueStateTracker) -> str:
    """The patient's last words, as far as they are kept; none for a button."""
    event = next((event for event in reversed(tracker.events) if isinstance(event, UserUttered)), None)
    words = "" if event is None or (event.metadata or {}).get("choice") else event.text or ""
    return "" if words == PRIVATE else words


def _topics(said: list[dict[str, Any]]) -> list[str]:
    """The topics that were spoken of in a turn, the last one first."""
    return [str(message["topic"]) for message in reversed(said) if message.get("kind") in ("answer", "staff")]


def _offer(said: list[dict[str, Any]]) -> str | None:
    """What "yes" means after these envelopes: the first choice offered by the last of them, as an intent."""
    if not said or said[-1].get("kind") not in ("answer", "staff", "handoff", "out_of_scope"):
        return None
    return next(filter(None, map(_intent_of, said[-1].get("choices") or [])), None)


def _intent_of(choice: dict[str, Any]) -> str | None:
    """The intent that a button stands for, None for one that is no wish: a yes, a language."""
    kind, _, name = choice["id"].partition(":")
    if kind == "callback":
        return "request_callback"
    if kind == "topic":
        return name if name in _NO_TOPICS else TOPIC_PREFIX + name
    return None
