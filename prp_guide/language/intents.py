"""The intents that are no topic, by what they do to a conversation. data/phrases/conversation has a file for each."""

from __future__ import annotations

from prp_guide.language.classifier import OUT_OF_SCOPE
from prp_guide.language.phrases import TOPIC_PREFIX

SAME_DAY = "same_day"
# Of a red flag: the intent and the tier of its card, the gravest first.
CARDS = {
    "emergency": "emergency",
    "self_harm": "self_harm",
    "poison": "poison",
    "post_treatment_concern": SAME_DAY,
}
CARD_INTENTS = {tier: intent for intent, tier in CARDS.items()}
CALLBACKS = ("request_callback", "book_appointment", "change_appointment")
SMALL_TALK = (
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "bot_challenge",
    "capabilities",
    "insult_or_frustration",
)
CANCEL = "cancel"
# Beside a question, these are manners.
ASIDE = frozenset(("greet", "goodbye", "thanks", "affirm", "deny"))
# "Which of these?" makes no sense of a greeting, a red flag or a stop.
NO_BUTTON = frozenset((*SMALL_TALK, *CARDS, CANCEL, "callback_status", OUT_OF_SCOPE))


def topic_of(intent: str | None) -> str | None:
    """The topic that `intent` asks about, None for an intent that is no topic."""
    return intent.removeprefix(TOPIC_PREFIX) if intent and intent.startswith(TOPIC_PREFIX) else None
