"""What patients asked: one entry for each reply of the assistant that answers, hands over, asks back or declines."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from prp_guide.database import SAMPLE, feedback, stamp, turns
from prp_guide.insight.span import Span
from prp_guide.replies.envelope import PRIVATE

Outcome = Literal["answered", "staff", "clarified", "declined", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "staff", "clarified", "declined", "failed")

_OUTCOME: dict[str, Outcome] = {
    "answer": "answered",
    "staff": "staff",
    "handoff": "staff",
    "clarify": "clarified",
    "out_of_scope": "declined",
    "error": "failed",
}
_FLAGS = ("urgent", "crisis", "clinical")
SAME_DAY = "same_day"
TIERS = {
    "emergency": "emergency",
    "poison": "poison",
    "self_harm": "self_harm",
    "post_treatment_concern": SAME_DAY,
}


@dataclass(frozen=True)
class Question:
    """One thing that was asked. `words` are redacted; None where they were tapped, private, or asked several things."""

    session: str
    day: date
    topic: str | None
    outcome: Outcome
    words: str | None
    helpful: bool | None
    lang: str


@dataclass(frozen=True)
class Flag:
    """A red-flag card that was shown."""

    day: date
    tier: str


@dataclass(frozen=True)
class Asked:
    """All of a span. `sample` if a conversation is of the demo's."""

    questions: tuple[Question, ...]
    flags: tuple[Flag, ...]
    sample: bool


def read_questions(engine: sa.engine.Engine, span: Span, labels: Collection[str]) -> Asked:
    """What was asked in `span`; `labels` are those of buttons, whose words are not the patient's."""
    table = turns.c
    within = sa.and_(table.created >= stamp(span.since), table.created < stamp(span.until))
    query = sa.select(table.session, table.request, table.messages, table.created).where(
        within, table.request.is_not(None), table.messages.is_not(None)
    )
    votes = sa.select(feedback.c.message, feedback.c.helpful).where(feedback.c.created >= stamp(span.since))
    tapped = {label.casefold() for label in labels}
    questions: list[Question] = []
    flags: list[Flag] = []
    sessions: set[str] = set()
    with engine.connect() as connection:
        helpful = {row.message: bool(row.helpful) for row in connection.execute(votes)}
        for row in connection.execute(query):
            sessions.add(row.session)
            day = span.day_of(datetime.fromisoformat(row.created))
            envelopes = json.loads(row.messages)
            shown = [TIERS.get(str(said.get("topic")), SAME_DAY) for said in envelopes if said.get("kind") in _FLAGS]
            if shown:
                flags += (Flag(day, tier) for tier in dict.fromkeys(shown))
                continue  # what else was said beside a card is no question to count
            said = list(_counted(envelopes))
            words = None if len(said) != 1 or row.request == PRIVATE else row.request
            if words is not None and words.casefold() in tapped:
                words = None
            for message, outcome in said:
                topic = message.get("topic") if outcome in ("answered", "staff") else None
                questions.append(
                    Question(
                        row.session,
                        day,
                        topic,
                        outcome,
                        words,
                        helpful.get(str(message.get("id"))),
                        message.get("lang", "en"),
                    )
                )
    sample = any(session.startswith(SAMPLE) for session in sessions)
    return Asked(tuple(questions), tuple(flags), sample)


def _counted(envelopes: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Outcome]]:
    for message in envelopes:
        outcome = _OUTCOME.get(str(message.get("kind")))
        if outcome is not None:
            yield message, outcome
