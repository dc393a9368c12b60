"""All figures of a span, gathered from the database once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.content.doubts import Doubt, citing
from prp_guide.content.placeholders import placeholders
from prp_guide.insight.calls import Calls, read_calls
from prp_guide.insight.gaps import Gap, find_gaps
from prp_guide.insight.questions import OUTCOMES, TIERS, Asked, Outcome, Question, read_questions
from prp_guide.insight.span import Span
from prp_guide.replies import clinic_words

SAID_ANYWAY = {"phone", "name"}  # placeholders that a reply holds which knows nothing more


@dataclass(frozen=True)
class TopicRow:
    """How one topic went. `trend` counts by step of the span, first to last."""

    topic: str
    label: str
    kind: str  # answer, staff; handoff for those that no topic file stands behind
    asked: int
    trend: tuple[int, ...]
    helpful: int
    unhelpful: int


@dataclass(frozen=True)
class Insight:
    """The figures of `span`, as they were at `made`. `daily` has each day of the span, those without questions too."""

    span: Span
    made: datetime
    clinic: str
    conversations: int
    spanish: int
    outcomes: Mapping[Outcome, int]
    daily: Mapping[date, Mapping[Outcome, int]]
    topics: tuple[TopicRow, ...]
    helpful: int
    unhelpful: int
    calls: Calls
    flags: Mapping[str, tuple[int, ...]]  # by tier, by step
    gaps: tuple[Gap, ...]
    doubts: tuple[tuple[Doubt, tuple[str, ...]], ...]  # with the topics that cite the fact and wait for approval
    sample: bool

    @property
    def questions(self) -> int:
        return sum(self.outcomes.values())

    def share(self, outcome: Outcome) -> int:
        """`outcome` in percent of the questions."""
        return round(100 * self.outcomes[outcome] / self.questions) if self.questions else 0

    def with_gaps(self, gaps: tuple[Gap, ...]) -> Insight:
        return replace(self, gaps=gaps)


def gather(engine: sa.engine.Engine, library: Library, clinic: Clinic, span: Span) -> Insight:
    """The figures of `span`. Its gaps have no wordings yet: see prp_guide.insight.wordings."""
    library = library.fresh()
    now = clock.now()
    asked = read_questions(engine, span, _labels(library))
    calls = read_calls(engine, span, now)
    daily: dict[date, Counter[Outcome]] = {day: Counter() for day in span.days}
    for question in asked.questions:
        daily[question.day][question.outcome] += 1
    votes = Counter(question.helpful for question in asked.questions)
    flags = {tier: [0] * span.steps for tier in TIERS.values()}
    for flag in asked.flags:
        flags[flag.tier][span.step_of(flag.day)] += 1
    return Insight(
        span=span,
        made=now,
        clinic=clinic.name,
        conversations=len({question.session for question in asked.questions}),
        spanish=len({question.session for question in asked.questions if question.lang == "es"}),
        outcomes={outcome: sum(counts[outcome] for counts in daily.values()) for outcome in OUTCOMES},
        daily={day: {outcome: counts[outcome] for outcome in OUTCOMES} for day, counts in daily.items()},
        topics=_topics(asked, library, span),
        helpful=votes[True],
        unhelpful=votes[False],
        calls=calls,
        flags={tier: tuple(counts) for tier, counts in flags.items()},
        gaps=find_gaps(asked.questions, library, _said_by(clinic, library)),
        doubts=tuple((doubt, _unsettled(doubt, library)) for doubt in library.doubts.values()),
        sample=asked.sample or calls.sample,
    )


def _topics(asked: Asked, library: Library, span: Span) -> tuple[TopicRow, ...]:
    by_topic: dict[str, list[Question]] = {}
    for question in asked.questions:
        if question.topic is not None:
            by_topic.setdefault(question.topic, []).append(question)
    rows = []
    for name, questions in by_topic.items():
        topic, label = library.topics.get(name), library.replies.get(f"label_topic_{name}")
        trend = [0] * span.steps
        for question in questions:
            trend[span.step_of(question.day)] += 1
        rows.append(
            TopicRow(
                topic=name,
                label=topic.label.en if topic else label.en if label else name.replace("_", " ").capitalize(),
                kind=topic.kind if topic else "handoff",
                asked=len(questions),
                trend=tuple(trend),
                helpful=sum(question.helpful is True for question in questions),
                unhelpful=sum(question.helpful is False for question in questions),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.asked, row.label)))


def _said_by(clinic: Clinic, library: Library) -> set[str]:
    """The topics whose reply says what clinic.yml and the settings know: languages, hours, how long chats are kept."""
    words, found = set(clinic_words(clinic, "en")), set()
    for topic in library.topics.values():
        fitting = (text for text in (*topic.known, topic.reply) if set(placeholders(text.en)) <= words)
        if set(placeholders(next(fitting, topic.reply).en)) - SAID_ANYWAY:
            found.add(topic.id)
    return found


def _unsettled(doubt: Doubt, library: Library) -> tuple[str, ...]:
    """The labels of the topics whose reply cites the fact in doubt and was not approved since."""
    waiting = (topic for topic, lang in citing(library, doubt.fact) if not doubt.settled(topic, lang))
    return tuple(dict.fromkeys(topic.label.en for topic in waiting))


def _labels(library: Library) -> set[str]:
    texts = [topic.label for topic in library.topics.values()]
    texts += [starter.label for starter in library.starters]
    texts += [text for name, text in library.replies.items() if name.startswith("label_")]
    return {text[lang] for text in texts for lang in ("en", "es")}
