"""Says a plan: the parts of a reply, as ReplyPlan lists them, each as an envelope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prp_guide.language.intents import CANCEL, CARDS, topic_of
from prp_guide.replies.envelope import Envelope
from prp_guide.replies.replies import Replies

_HANDOFF = ("human", "phone")


def say_plan(
    replies: Replies, plan: Sequence[dict[str, Any]], lang: str, *, status: Callable[[], Envelope]
) -> list[Envelope]:
    """An envelope for each part of `plan`, in its order; `status` says when the front desk will call.

    A part is {"act": reply, ask_back, decline, hand_over or leave, "intents": [...]}, and "foreign" when it is in a
    language that is not spoken here, "unsure" for a card that may stand for something graver, or "again" for a topic
    that was spoken of just before.
    """
    covered = any(part["act"] == "reply" for part in plan)
    said = [
        replies.out_of_scope_part(lang) if covered and part["act"] == "decline" else _say(replies, part, lang, status)
        for part in plan
        if part["act"] != "leave"
    ]
    if any(part.get("unsure") for part in plan):
        said.insert(1, replies.card_question(lang))  # a card comes first
    left = [topic_of(intent) or intent for part in plan if part["act"] == "leave" for intent in part["intents"]]
    return replies.with_buttons(said, left, lang) if said and left else said


def _say(replies: Replies, part: dict[str, Any], lang: str, status: Callable[[], Envelope]) -> Envelope:
    intents = part["intents"]
    if part["act"] == "hand_over":
        return replies.handoff("missed", lang=lang)
    if part["act"] == "decline" or not intents:
        return replies.other_language(lang=lang) if part.get("foreign") else replies.out_of_scope(lang)
    if part["act"] == "ask_back":
        return replies.clarify([topic_of(intent) or intent for intent in intents], lang=lang)
    intent = intents[0]
    if topic := topic_of(intent):
        return replies.topic(topic, lang=lang, again=bool(part.get("again")))
    if intent in CARDS:
        return replies.card(CARDS[intent], lang=lang)
    if intent in _HANDOFF:
        return replies.handoff(intent, lang=lang)
    if intent == CANCEL:
        return replies.small_talk("deny", lang=lang)  # nothing is running that could be stopped
    if intent == "callback_status":
        return status()
    if intent == "out_of_scope":
        return replies.out_of_scope(lang=lang)
    return replies.small_talk(intent, lang=lang)
