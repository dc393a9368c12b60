"""Content gaps: what is asked and not on the page, answers that did not help, questions that could not be placed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from prp_guide.content import Library, Topic
from prp_guide.insight.questions import Question

Kind = Literal["silent", "unhelpful", "withheld", "unplaced"]

FEWEST_VOTES = 2  # one "not helpful" says little
UNHELPFUL_FROM = 0.34  # of the votes
FOREMOST = 12


@dataclass(frozen=True)
class Wording:
    """How some of them put it, redacted; `conversations` is how many asked something much like it."""

    words: str
    conversations: int


@dataclass(frozen=True)
class Gap:
    """One gap. `topic` is None for what belongs to no topic; `texts` are (conversation, redacted words)."""

    kind: Kind
    topic: str | None
    label: str
    asked: int
    conversations: int
    unhelpful: int = 0
    votes: int = 0
    wordings: tuple[Wording, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Its anchor on the page."""
        return f"gap-{self.kind}-{self.topic or 'questions'}"

    @property
    def file(self) -> str | None:
        """The file in which to write the answer."""
        return f"data/topics/{self.topic}.yml" if self.topic else None

    @property
    def sentence(self) -> str:
        """What is missing, under its label: "31 asked. Your page does not say."."""
        if self.kind == "silent":
            return f"{self.asked} asked. Your page does not say."
        if self.kind == "withheld":
            return f"{self.asked} asked. The answer is held back until it is approved."
        if self.kind == "unhelpful":
            return f"{self.unhelpful} of {self.votes} who voted found the answer not helpful."
        return f"{self.asked} questions could not be placed, or are nothing that we answer."


def find_gaps(questions: Iterable[Question], library: Library, settled: Collection[str] = ()) -> tuple[Gap, ...]:
    """The gaps, those that most patients met first; without wordings.

    `settled` are the topics of the front desk that clinic.yml says enough about.
    """
    silent: dict[str, list[Question]] = defaultdict(list)
    answered: dict[str, list[Question]] = defaultdict(list)
    unplaced: list[Question] = []
    for question in questions:
        topic = library.topics.get(question.topic or "")
        if question.outcome == "staff" and topic is not None:
            if topic.id not in settled:
                silent[topic.id].append(question)
        elif question.outcome == "answered" and topic is not None:
            answered[topic.id].append(question)
        elif question.outcome in ("clarified", "declined"):
            unplaced.append(question)
    gaps = [_silent(library.topics[name], asked) for name, asked in silent.items()]
    gaps += filter(None, (_unhelpful(library.topics[name], asked) for name, asked in answered.items()))
    if unplaced:
        gaps.append(_gap("unplaced", None, "", [one for one in unplaced if one.words is not None] or unplaced))
    return tuple(sorted(gaps, key=lambda gap: (gap.kind == "unplaced", -gap.conversations, gap.id)))


def foremost(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """The gaps to look at first, and in any case what could not be placed."""
    placed = [gap for gap in gaps if gap.kind != "unplaced"]
    return (*placed[:FOREMOST], *(gap for gap in gaps if gap.kind == "unplaced"))


def with_wordings(gaps: Iterable[Gap], wordings: Mapping[str, Sequence[Wording]]) -> tuple[Gap, ...]:
    """`gaps` with the `wordings` that were found for each, by its id."""
    return tuple(replace(gap, wordings=tuple(wordings.get(gap.id, ())), texts=()) for gap in gaps)


def _silent(topic: Topic, asked: list[Question]) -> Gap:
    if topic.kind == "answer":
        return _gap("withheld", topic.id, topic.label.en, asked)
    return _gap("silent", topic.id, topic.label.en, asked)


def _unhelpful(topic: Topic, asked: list[Question]) -> Gap | None:
    votes = Counter(one.helpful for one in asked if one.helpful is not None)
    number = sum(votes.values())
    if votes[False] < FEWEST_VOTES or votes[False] < UNHELPFUL_FROM * number:
        return None
    unhappy = [one for one in asked if one.helpful is False]
    return _gap("unhelpful", topic.id, topic.label.en, unhappy, unhelpful=votes[False], votes=number)


def _gap(kind: Kind, topic: str | None, label: str, asked: list[Question], unhelpful: int = 0, votes: int = 0) -> Gap:
    texts = tuple((one.session, one.words) for one in asked if one.words is not None)
    return Gap(kind, topic, label, len(asked), len({one.session for one in asked}), unhelpful, votes, texts=texts)
