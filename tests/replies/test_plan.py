"""A plan, part by part, as it is said."""

from __future__ import annotations

from typing import Any

import pytest

from prp_guide.replies import Envelope, Replies, say_plan


def said(replies: Replies, *plan: dict[str, Any], lang: str = "en") -> list[Envelope]:
    return say_plan(replies, plan, lang, status=lambda: replies.handoff("callback_status", lang=lang))


def part(act: str, *intents: str, **more: Any) -> dict[str, Any]:
    return {"act": act, "intents": list(intents), **more}


@pytest.mark.parametrize(
    ("entry", "kind", "topic"),
    [
        (part("reply", "ask_washing"), "answer", "washing"),
        (part("reply", "ask_cost"), "staff", "cost"),
        (part("reply", "emergency"), "urgent", "emergency"),
        (part("reply", "human"), "handoff", "human"),
        (part("reply", "callback_status"), "handoff", "human"),
        (part("reply", "cancel"), "chat", "deny"),
        (part("reply", "greet"), "chat", "greet"),
        (part("ask_back", "ask_sun", "ask_washing"), "clarify", None),
        (part("decline"), "out_of_scope", "out_of_scope"),
        (part("decline", foreign=True), "out_of_scope", "out_of_scope"),
        (part("hand_over"), "handoff", "human"),
    ],
)
def test_each_kind_of_part(replies: Replies, entry: dict[str, Any], kind: str, topic: str | None) -> None:
    (envelope,) = said(replies, entry)
    assert (envelope.kind, envelope.topic) == (kind, topic)


def test_what_is_not_ours_beside_what_is_gets_a_clause(replies: Replies) -> None:
    answer, clause = said(replies, part("reply", "ask_washing"), part("decline"))
    assert (answer.topic, clause.kind) == ("washing", "out_of_scope")
    assert clause.text != replies.out_of_scope().text
    assert not clause.choices


def test_what_is_left_of_a_long_message_is_the_first_button(replies: Replies) -> None:
    plan = [part("reply", f"ask_{topic}") for topic in ("washing", "sun", "cost")]
    *_, last = said(replies, *plan, part("leave", "ask_location_hours"))
    assert last.topic == "cost"
    assert last.choices[0]["id"] == "topic:location_hours"
    assert len(last.choices) <= 3


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_unclear_report_gets_the_card_and_one_question(replies: Replies, lang: str) -> None:
    card, question = said(replies, part("reply", "post_treatment_concern", unsure=True), lang=lang)
    assert (card.kind, card.pinned) == ("clinical", True)
    assert question.text.count("?") == 1
    assert [choice["id"] for choice in question.choices] == ["topic:emergency", "topic:post_treatment_concern"]
