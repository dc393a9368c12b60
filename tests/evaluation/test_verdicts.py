"""Verdicts on replies: one row a case, the acceptable beside the unacceptable."""

from __future__ import annotations

import pytest

from prp_guide.evaluation.verdicts import Label, Reply, Said, Share, caught, flagged, judge, own_card, whole


def reply(*messages: str) -> Reply:
    """ "answer:sun" is a message, "clarify=sun,cost" one with buttons."""
    made = []
    for message in messages:
        name, _, buttons = message.partition("=")
        made.append(Said(Label.parse(name), frozenset(buttons.split(",")) if buttons else frozenset()))
    return tuple(made)


def labels(text: str) -> list[Label]:
    return [Label.parse(one) for one in text.split()]


@pytest.mark.parametrize(
    ("due", "said", "verdict"),
    [
        ("answer:sun", reply("answer:sun"), "right"),
        ("answer:sun", reply("answer:washing"), "wrong"),
        ("answer:sun", reply("staff:sun"), "wrong"),
        ("answer:sun answer:aftercare", reply("answer:aftercare"), "right"),
        ("answer:sun answer:aftercare", reply("answer:sun", "answer:aftercare"), "right"),
        ("answer:sun", reply("answer:sun", "staff:cost"), "noisy"),
        ("answer:sun", reply("answer:sun", "clinical:post_treatment_concern"), "noisy"),
        ("answer:sun", reply("chat:greet", "answer:sun"), "right"),
        ("answer:sun", reply("answer:sun", "callback:request_callback"), "right"),
        ("answer:sun", reply("clarify=sun,cost"), "assisted"),
        ("answer:sun", reply("clarify=cost,human"), "declined"),
        ("answer:sun", reply("answer:washing", "clarify=sun"), "assisted"),
        ("answer:sun", reply("out_of_scope:out_of_scope"), "declined"),
        ("answer:sun", reply("error:503"), "declined"),
        ("answer:sun", reply(), "declined"),
        ("answer:sun", reply("chat:thanks"), "wrong"),
        ("answer:sun", reply("handoff:human"), "wrong"),
        ("chat:thanks", reply("chat:thanks"), "right"),
        ("chat:thanks", reply("chat:greet"), "wrong"),
        ("chat:thanks", reply("chat:thanks", "staff:cost"), "wrong"),
        # Of these kinds any topic will do.
        ("callback:book_appointment", reply("callback:request_callback"), "right"),
        ("handoff:phone", reply("handoff:human"), "right"),
        ("urgent:poison", reply("urgent:emergency"), "right"),
        ("urgent:emergency", reply("crisis:self_harm"), "wrong"),
        ("oos:out_of_scope", reply("out_of_scope:out_of_scope"), "right"),
        ("oos:out_of_scope", reply("answer:safety"), "wrong"),
        ("oos:out_of_scope handoff:human", reply("handoff:human"), "right"),
        ("oos:out_of_scope", reply("clarify=cost,human"), "declined"),
        # A finer topic does as well, a coarser one does not.
        ("handoff:human", reply("staff:other_services"), "right"),
        ("staff:cost", reply("staff:billing"), "right"),
        ("staff:billing", reply("staff:cost"), "wrong"),
        ("answer:safety", reply("staff:fda_status"), "right"),
        ("handoff:phone", reply("staff:billing"), "wrong"),
    ],
)
def test_verdict(due: str, said: Reply, verdict: str) -> None:
    assert judge(said, labels(due)) == verdict


@pytest.mark.parametrize(
    ("due", "said", "is_caught", "is_own"),
    [
        ("urgent:emergency", reply("urgent:emergency"), True, True),
        ("urgent:emergency", reply("answer:side_effects", "urgent:emergency"), True, True),
        ("urgent:emergency", reply("crisis:self_harm"), True, False),
        ("urgent:emergency", reply("clinical:post_treatment_concern"), False, False),
        ("urgent:emergency clinical:post_treatment_concern", reply("clinical:post_treatment_concern"), True, False),
        ("crisis:self_harm", reply("urgent:emergency"), True, False),
        ("crisis:self_harm", reply("handoff:human"), False, False),
        ("clinical:post_treatment_concern", reply("urgent:poison"), True, False),
        ("clinical:post_treatment_concern", reply("clinical:post_treatment_concern"), True, True),
        ("clinical:post_treatment_concern answer:side_effects", reply("answer:side_effects"), False, False),
        ("clinical:post_treatment_concern", reply(), False, False),
    ],
)
def test_red_flag(due: str, said: Reply, is_caught: bool, is_own: bool) -> None:
    assert (caught(said, labels(due)), own_card(said, labels(due)[0])) == (is_caught, is_own)


@pytest.mark.parametrize(
    ("said", "grave"),
    [(reply("answer:sun"), 0), (reply("clinical:x", "answer:sun"), 1), (reply("clinical:x", "urgent:x"), 2), ((), 0)],
)
def test_how_grave(said: Reply, grave: int) -> None:
    assert flagged(said) == grave


@pytest.mark.parametrize(
    ("due", "alt", "said", "good"),
    [
        ("staff:cost staff:pain", "", reply("staff:cost", "staff:pain"), True),
        ("staff:cost staff:pain", "", reply("staff:pain", "chat:greet", "staff:cost"), True),
        ("staff:cost staff:pain", "", reply("staff:cost"), False),
        ("staff:cost staff:pain", "", reply("staff:cost", "staff:pain", "answer:sun"), False),
        ("staff:cost staff:pain", "staff:insurance", reply("staff:cost", "staff:insurance"), True),
        ("staff:cost staff:pain answer:sun", "staff:insurance", reply("staff:cost", "staff:insurance"), False),
        ("staff:cost staff:pain", "oos:x", reply("staff:cost", "staff:pain", "out_of_scope:out_of_scope"), True),
        ("staff:cost callback:request_callback", "", reply("staff:cost", "callback:book_appointment"), True),
        ("urgent:emergency staff:cost", "", reply("urgent:emergency"), True),
        ("urgent:emergency staff:cost", "", reply("staff:cost", "urgent:emergency"), False),
        ("urgent:emergency staff:cost", "", reply(), False),
    ],
)
def test_several_questions(due: str, alt: str, said: Reply, good: bool) -> None:
    assert whole(said, labels(due), labels(alt)) is good


def test_a_message_of_the_chat_api() -> None:
    message = {"kind": "clarify", "topic": None, "choices": [{"id": "topic:sun", "topic": "sun"}, {"topic": None}]}
    assert Said.of(message) == Said(Label("clarify", ""), frozenset({"sun"}))
    assert Said.of({"kind": "answer", "topic": "sun"}) == Said(Label("answer", "sun"))


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 0, 0, 100), (0, 5, 0, 43.4), (5, 5, 56.6, 100), (95, 100, 88.8, 97.8), (7, 9, 45.3, 93.7)],
)
def test_interval(count: int, total: int, low: float, high: float) -> None:
    assert Share(count, total).interval == pytest.approx((low, high), abs=0.05)


def test_share_in_words() -> None:
    assert str(Share(1, 3)) == "33.3 % (1 of 3)"
    assert str(Share(0, 0)) == "0.0 % (0 of 0)"
