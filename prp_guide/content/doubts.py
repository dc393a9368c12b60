"""Facts in doubt: the clinic's page no longer says them. Kept under `state`, read by every process with the content.

A doubt about a fact holds back each reply that cites it (where the owner chose so) until somebody approves that reply
anew. It ends by itself when the page says again what it said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prp_guide import clock
from prp_guide.content.models import LANGUAGES, Topic
from prp_guide.home import Home
from prp_guide.yaml_file import Strict, read

if TYPE_CHECKING:
    from prp_guide.content.evidence import Change
    from prp_guide.content.library import Library

FILE = "facts-in-doubt.json"


class Doubt(Strict):
    """Since when the page says something else than `evidence`, and what.

    `approvals` are those of the replies that cite the fact, as they stood then: a reply with another one since is
    approved anew.
    """

    fact: str
    since: datetime
    words: tuple[str, ...]
    evidence: tuple[str, ...]
    approvals: dict[str, str]
    withhold: bool

    def settled(self, topic: Topic, lang: str) -> bool:
        """Whether somebody has approved the reply of `topic` since the doubt began."""
        now = _approval(topic, lang)
        return now != NONE and now != self.approvals.get(_name(topic, lang), NONE)


NONE = "none"


class DoubtsFile(Strict):
    """<state>/facts-in-doubt.json"""

    doubts: tuple[Doubt, ...] = ()


def doubts_path(home: Home) -> Path:
    return home.state / FILE


def read_doubts(home: Home) -> dict[str, Doubt]:
    """The doubts of `home`, by fact. Raises DataError when the file cannot be read."""
    path = doubts_path(home)
    if not path.exists():
        return {}
    return {doubt.fact: doubt for doubt in read(path, DoubtsFile).doubts}


def renew_doubts(
    home: Home, library: Library, changed: Mapping[str, Iterable[Change]], *, withhold: bool
) -> dict[str, Doubt]:
    """Write down what a look at the page found; returns the doubts that stand now. Raises DataError, OSError.

    A fact that was changed before and is found on the page now is in doubt no more if it is still the fact that it was.
    One that was edited meanwhile stays in doubt until every reply that cites it is approved anew.
    """
    before, now = read_doubts(home), {}
    for name, changes in changed.items():
        words, evidence = tuple(change.words for change in changes), library.facts[name].evidence
        old = before.get(name)
        if old is not None and (old.words, old.evidence) == (words, evidence):
            now[name] = old.copy(update={"withhold": withhold})
            continue
        now[name] = Doubt(
            fact=name,
            since=clock.now(),
            words=words,
            evidence=evidence,
            approvals={_name(topic, lang): _approval(topic, lang) for topic, lang in citing(library, name)},
            withhold=withhold,
        )
    for name, old in before.items():
        fact = library.facts.get(name)
        if name in now or fact is None or fact.evidence == old.evidence:
            continue
        if not all(old.settled(topic, lang) for topic, lang in citing(library, name)):
            now[name] = old.copy(update={"withhold": withhold})
    if before != now:
        _write(doubts_path(home), DoubtsFile(doubts=tuple(now.values())))
    return now


def citing(library: Library, fact: str) -> list[tuple[Topic, str]]:
    """The replies that cite `fact`: topic and language."""
    return [
        (topic, lang)
        for topic in library.topics.values()
        if fact in topic.facts
        for lang in LANGUAGES
        if lang in topic.reply.languages()
    ]


def _name(topic: Topic, lang: str) -> str:
    return f"{topic.id}.{lang}"


def _approval(topic: Topic, lang: str) -> str:
    approval = topic.approved(lang)
    return NONE if approval is None else f"{approval.by}, {approval.date}, {approval.review_by}"


def _write(path: Path, file: DoubtsFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(json.loads(file.json()), indent=1, ensure_ascii=False), encoding="utf-8")
    part.replace(path)  # whoever reads meanwhile gets the old file or the new one
