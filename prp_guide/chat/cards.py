"""Red-flag cards among other messages: which is graver, and that they come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Message = Mapping[str, Any]

# By (kind, topic). An emergency and a crisis are equally grave, and neither stands in for the other:
# one names 911, the other the people to talk to.
RANKS = {
    ("urgent", "emergency"): 3,
    ("crisis", "self_harm"): 3,
    ("urgent", "poison"): 2,
    ("clinical", "post_treatment_concern"): 1,
}


def rank(message: Message) -> int:
    """How grave a message is: 0 when it is no card."""
    return RANKS.get(_key(message), 0)


def with_card(card: Message, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """`messages` with `card`, unless they hold a graver one; cards first.

    It takes the place of the same card from elsewhere: this one knows the hours, and whether a form was interrupted.
    """
    others = [message for message in messages if _key(message) != _key(card)]
    return cards_first(others if any(rank(message) > rank(card) for message in others) else [card, *others])


def cards_first(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """`messages` with the cards first, the gravest before all; the order is kept otherwise."""
    return [dict(message) for message in sorted(messages, key=rank, reverse=True)]


def _key(message: Message) -> tuple[str, str]:
    return str(message.get("kind")), str(message.get("topic"))
