"""What is counted, and as what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.content.doubts import renew_doubts
from prp_guide.content.evidence import Change
from prp_guide.home import Home
from prp_guide.insight import Span, gather
from prp_guide.insight.charts import _round_up, stacked_days
from prp_guide.insight.gaps import Gap
from prp_guide.replies import PRIVATE, Replies
from tests.insight.conftest import NOW, Gather, ago
from tests.support.conversations import Conversations, many


def test_nothing_yet(figures: Gather) -> None:
    found = figures()
    assert (found.questions, found.conversations, found.topics, found.gaps, found.sample) == (0, 0, (), (), False)
    assert len(found.daily) == 28
    assert found.share("answered") == 0


def test_each_reply_is_counted_as_what_it_is(figures: Gather, said: Conversations, replies: Replies) -> None:
    said.converse(
        ago(days=1),
        ("hi", [replies.small_talk("greet")]),
        ("can i wash my hair", [replies.topic("washing")]),
        ("how much and can i swim", [replies.topic("cost"), replies.topic("exercise")]),
        ("hmm", [replies.clarify(["cost", "pain"])]),
        ("a pizza please", [replies.out_of_scope()]),
        ("a person", [replies.handoff("human")]),
        ("call me", [replies.callback_step("name")]),
        (PRIVATE, [replies.callback_step("phone")]),
        ("?", [replies.unavailable()]),
    )
    found = figures()
    assert dict(found.outcomes) == {"answered": 2, "staff": 2, "clarified": 1, "declined": 1, "failed": 1}
    assert found.conversations == 1
    assert [(row.topic, row.kind, row.asked) for row in found.topics] == [
        ("human", "handoff", 1),
        ("cost", "staff", 1),
        ("exercise", "answer", 1),
        ("washing", "answer", 1),
    ]
    assert sum(sum(counts.values()) for counts in found.daily.values()) == found.questions == 7


def test_a_red_flag_is_a_card_and_no_question(figures: Gather, said: Conversations, replies: Replies) -> None:
    said.converse(
        ago(days=1), ("my throat swells and what is the price", [replies.card("emergency"), replies.topic("cost")])
    )
    said.converse(ago(days=20), ("redness since monday", [replies.card("same_day"), replies.card_question()]))
    found = figures()
    assert found.questions == 0
    assert dict(found.flags) == {
        "emergency": (0, 0, 0, 1),
        "poison": (0, 0, 0, 0),
        "self_harm": (0, 0, 0, 0),
        "same_day": (0, 1, 0, 0),
    }


def test_days_are_the_clinics(figures: Gather, said: Conversations, replies: Replies) -> None:
    # 11 pm on Sunday in Los Angeles is 7 am on Monday in UTC.
    said.converse(NOW.replace(hour=6, minute=30), ("price?", [replies.topic("cost")]))
    said.converse(ago(days=28), ("too long ago", [replies.topic("cost")]))
    found = figures()
    assert [day for day, counts in found.daily.items() if any(counts.values())] == [date(2026, 11, 22)]


def test_postgresql_gives_the_same(
    postgresql_database: str, figures: Gather, engine: sa.engine.Engine, home: Home, clinic: Clinic, library: Library
) -> None:
    other = database.engine(postgresql_database, durable=True)
    for each in (engine, other):
        many(each, home, clinic, 60)
    here, there = figures(), gather(other, library, clinic, Span.last_days(28, clinic.zone))
    assert (here.outcomes, here.daily, here.flags) == (there.outcomes, there.daily, there.flags)
    assert here.calls == there.calls
    assert (here.helpful, here.unhelpful) == (there.helpful, there.unhelpful)
    assert [(gap.id, gap.asked) for gap in here.gaps] == [(gap.id, gap.asked) for gap in there.gaps]


def test_facts_in_doubt_are_named_with_their_answers(figures: Gather, home: Home, library: Library) -> None:
    changed = {"first_48_hours": [Change("for 48 hours", "48 hours", "24 hours", "Wait 24 hours.")]}
    renew_doubts(home, library, changed, withhold=True)
    fresh = Library.load(home)
    ((doubt, labels),) = gather(figures.engine, fresh, figures.clinic, Span.last_days(7, figures.clinic.zone)).doubts
    assert doubt.words == ('"48 hours" is now "24 hours"',)
    assert "When can I wash my hair?" in labels


def test_votes(figures: Gather, said: Conversations, replies: Replies) -> None:
    for helpful in (True, True, False, None):
        said.converse(ago(days=1), ("price?", [replies.topic("cost")]), helpful=helpful)
    found = figures()
    assert (found.helpful, found.unhelpful) == (2, 1)
    assert (found.topics[0].helpful, found.topics[0].unhelpful) == (2, 1)


def test_calls_and_time_to_call(figures: Gather, said: Conversations) -> None:
    hour = timedelta(hours=1)
    said.request(ago(days=2), called=hour / 4, due=hour / 2, urgent=True)
    said.request(ago(days=2), called=3 * hour, due=9 * hour)
    said.request(ago(days=2), called=30 * hour, due=9 * hour)
    said.request(ago(hours=1), due=9 * hour)
    said.request(ago(days=2), due=9 * hour)
    calls = figures().calls
    assert (len(calls.requests), calls.called, calls.urgent) == (5, 3, 1)
    assert calls.median() == 3 * hour
    assert calls.median(urgent=True) == hour / 4
    assert calls.in_time == (2, 4), "one is not due yet"
    assert dict(calls.waits()) == {
        "within 30 minutes": 1,
        "within 2 hours": 0,
        "within 8 hours": 1,
        "within a day": 0,
        "within 2 days": 1,
        "later": 0,
        "not called yet": 2,
        "closed without a call": 0,
    }


def test_what_is_sampled_is_said(figures: Gather, said: Conversations, replies: Replies) -> None:
    assert not figures().sample
    said.converse(ago(days=1), ("price?", [replies.topic("cost")]))
    for rows in said._rows.values():
        for row in rows:
            for key in ("id", "session"):
                if key in row:
                    row[key] = "sample.1"
    assert figures().sample


def gap_of(figures: Gather, kind: str) -> Gap:
    (found,) = [gap for gap in figures().gaps if gap.kind == kind]
    return found


def test_gaps_of_each_kind(figures: Gather, said: Conversations, replies: Replies) -> None:
    for number in range(4):
        said.converse(ago(days=1, hours=number), ("what is the price", [replies.topic("cost")]))
        said.converse(
            ago(days=2, hours=number), ("does it work", [replies.topic("effectiveness")]), helpful=number % 2 == 0
        )
        said.converse(ago(days=3), ("do you do microneedling", [replies.clarify(["cost"])]))
    said.converse(ago(days=3), ("does it hurt", [replies.topic("pain")]))
    said.converse(ago(days=1), ("can i wash", [replies.topic("washing")]), helpful=False)
    found = figures()
    assert [(gap.kind, gap.topic) for gap in found.gaps] == [
        ("silent", "cost"),
        ("unhelpful", "effectiveness"),
        ("silent", "pain"),
        ("unplaced", None),
    ], "one vote against an answer is no gap"
    silent, unhelpful, _, unplaced = found.gaps
    assert silent.sentence == "4 asked. Your page does not say."
    assert silent.file == "data/topics/cost.yml"
    assert unhelpful.sentence == "2 of 4 who voted found the answer not helpful."
    assert (unplaced.asked, unplaced.conversations) == (4, 4)


def test_what_clinic_yml_says_is_no_gap(figures: Gather, said: Conversations, replies: Replies) -> None:
    for topic in ("languages", "privacy", "location_hours", "cost"):
        said.converse(ago(days=1), ("a question", [replies.topic(topic)]))
    found = figures()
    assert found.outcomes["staff"] == 4
    # The clinic of the tests has given neither hours nor an address.
    assert {gap.topic for gap in found.gaps} == {"location_hours", "cost"}


def test_taps_and_mixed_messages_lend_no_words(figures: Gather, said: Conversations, replies: Replies) -> None:
    said.converse(ago(days=1), ("What does it cost?", [replies.topic("cost")]))
    said.converse(ago(days=1), ("price and pain", [replies.topic("cost"), replies.topic("pain")]))
    said.converse(ago(days=1), ("how much", [replies.topic("cost")]))
    (cost,) = [gap for gap in figures().gaps if gap.topic == "cost"]
    assert cost.asked == 3
    assert [words for _, words in cost.texts] == ["how much"]


@pytest.mark.parametrize(("days", "step", "steps"), [(7, 1, 7), (28, 7, 4), (30, 7, 5), (1, 1, 1), (13, 1, 13)])
def test_steps_of_a_trend(days: int, step: int, steps: int, figures: Gather) -> None:
    span = figures(days).span
    assert (len(span.days), span.step, span.steps) == (days, step, steps)
    assert span.step_of(span.first) == 0
    assert span.step_of(span.last) == steps - 1


def test_the_week_before_a_monday(figures: Gather) -> None:
    span = Span.week_before(NOW, figures().span.zone)
    assert (span.first, span.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert (span.until - span.since) == timedelta(days=7)


@pytest.mark.parametrize(("number", "top"), [(0, 4), (3, 4), (5, 5), (7, 8), (9, 10), (11, 12), (38, 40), (1030, 1200)])
def test_scales_are_round(number: int, top: int) -> None:
    assert _round_up(number) == top


def test_charts_escape_words() -> None:
    assert "<b>" not in stacked_days('<b>"&', {}, [])
