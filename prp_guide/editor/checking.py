"""The rules of `prp-guide check`, asked about a draft that stands in no file yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from prp_guide.content import Library, wording
from prp_guide.content.checks import Finding, replies_of, shared_findings, topic_findings
from prp_guide.content.library import link_findings
from prp_guide.content.models import Fact, Topic
from prp_guide.content.numbers import in_language
from prp_guide.editor.draft import Draft, place_words


@dataclass(frozen=True)
class Measured:
    """How a reply reads: `place` is that of the text, `grade` None where there is no measure (Spanish)."""

    place: str
    words: int
    fewest: int
    most: int
    sentences: int
    longest: int
    grade: float | None
    values: tuple[str, ...]  # of the facts cited, in the text's language


@dataclass(frozen=True)
class Report:
    """What the rules say of a draft: `findings` are (place, words for the place, problem, hint)."""

    findings: tuple[tuple[str, str, str, str], ...]
    measured: tuple[Measured, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def report(library: Library, name: str, draft: Draft) -> Report:
    """What the rules say of `draft` as the topic `name` among those of `library`."""
    topic, _ = draft.topic(name)
    found = [(place(one), one.problem, one.hint) for one in findings(library, name, draft)]
    measured = tuple(_measured(library, topic)) if topic else ()
    return Report(tuple((where, place_words(where), problem, hint) for where, problem, hint in found), measured)


def findings(library: Library, name: str, draft: Draft) -> list[Finding]:
    """Every fault of `draft`, and what it makes wrong among all topics that is not wrong already."""
    topic, faults = draft.topic(name)
    if topic is None:
        return faults
    topics = {**library.topics, name: topic}
    faults = [
        Finding(tuple(where), problem, hint) for where, problem, hint in link_findings(topic, topics, library.facts)
    ]
    if any(fact not in library.facts for fact in topic.facts):
        return faults
    faults += topic_findings(library, topic)
    before = {(other, one.problem) for other, one in shared_findings(library.topics.values())}
    everywhere = any(other is None for other, _ in before)
    for other, one in shared_findings(topics.values()):
        if other == name:
            faults.append(one)
        elif other is None and not everywhere:
            faults.append(Finding((), one.problem, one.hint))
        elif other is not None and (other, one.problem) not in before:
            faults.append(Finding(one.location, f"of {other}: {one.problem}", one.hint))
    return faults


def place(finding: Finding) -> str:
    """Where a finding belongs, as the editor's fields are named: reply.en."""
    return ".".join(map(str, finding.location))


def _measured(library: Library, topic: Topic) -> Iterator[Measured]:
    facts: list[Fact] = [library.facts[name] for name in topic.facts if name in library.facts]
    for location, text in replies_of(topic):
        for lang in text.languages():
            rule, said = wording.MEASURES[lang], text[lang]
            yield Measured(
                place=".".join(map(str, (*location, lang))),
                words=wording.words(said),
                fewest=rule.fewest_words,
                most=rule.most_words,
                sentences=len(wording.sentences(said)),
                longest=max(map(wording.words, wording.sentences(said)), default=0),
                grade=round(wording.reading_grade(said), 1) if lang == "en" else None,
                values=tuple(in_language(value, lang) for fact in facts for value in fact.values),
            )
