"""The content as one object: read from disk, linked together, and read anew when a file changes."""

from __future__ import annotations

import difflib
import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from prp_guide.content.doubts import Doubt, doubts_path, read_doubts
from prp_guide.content.models import Card, Fact, FactsFile, RepliesFile, Section, Starter, Text, Topic
from prp_guide.content.texts import CARDS, TEXTS
from prp_guide.errors import DataError
from prp_guide.home import Home
from prp_guide.yaml_file import line_of, read

log = logging.getLogger(__name__)

# A changed file is noticed this long after, at most: looking at 45 files costs too much for every message.
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Library:
    """All content of one installation. Never changes; `fresh()` gives the one that is on disk now.

    `topics`, `facts`, `sections`, `cards` and `replies` (texts that belong to no topic) map ids to models.
    `replies_file` is data/replies.yml whole, with its approvals. `doubts` has the facts that the clinic's page no
    longer says, as the last look at it found.
    """

    topics: Mapping[str, Topic]
    facts: Mapping[str, Fact]
    sections: Mapping[str, Section]
    replies: Mapping[str, Text]
    cards: Mapping[str, Card]
    starters: tuple[Starter, ...]
    replies_file: RepliesFile
    doubts: Mapping[str, Doubt]
    _watch: _Watch | _Still = field(repr=False, compare=False)

    @classmethod
    def load(cls, home: Home) -> Library:
        """Read data/facts.yml, data/topics/*.yml and data/replies.yml.

        Raises DataError for the first fault: a missing or unknown key, an unknown topic, fact or section.
        """
        watch = _Watch(home)
        library, problems = read_library(home, watch)
        if library is None:
            raise problems[0]
        watch.newest = library
        return library

    def fresh(self) -> Library:
        """This library, or a newer one if a file changed; a broken edit is logged and changes nothing."""
        return self._watch.look()

    def with_topic(self, topic: Topic) -> Library:
        """This library with `topic` as its draft is, to look at: no file is changed, and none that changes is seen."""
        still = _Still()
        still.library = replace(self, topics=MappingProxyType({**self.topics, topic.id: topic}), _watch=still)
        return still.library

    def withheld(self, topic: Topic, lang: str) -> bool:
        """Whether the reply of `topic` is held back: a fact behind it is in doubt, nobody has approved it since."""
        doubts = [self.doubts[fact] for fact in topic.facts if fact in self.doubts]
        return any(doubt.withhold and not doubt.settled(topic, lang) for doubt in doubts)

    def section_of(self, topic: Topic) -> Section | None:
        """The section of the page that stands behind the reply: that of its first fact."""
        return self.sections[self.facts[topic.facts[0]].section] if topic.facts else None


class _Still:
    """Looks at no file: the watch of a library that is only tried out."""

    library: Library

    def look(self) -> Library:
        return self.library


class _Watch:
    """Knows the state of the files that the newest library was read from."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.newest: Library | None = None
        self._seen = _state_of(home)
        self._next_look = time.monotonic() + LOOK_EVERY_SECONDS
        self._lock = threading.Lock()

    def look(self) -> Library:
        with self._lock:
            now = time.monotonic()
            if now >= self._next_look:
                self._next_look = now + LOOK_EVERY_SECONDS
                self._read_if_changed()
        if self.newest is None:
            raise RuntimeError("a library is watched only once it is loaded")
        return self.newest

    def _read_if_changed(self) -> None:
        state = _state_of(self.home)
        if state == self._seen:
            return
        # Remembered before reading: a fault is logged once, a file saved meanwhile is seen at the next look.
        self._seen = state
        library, problems = read_library(self.home, self)
        if library is None:
            log.error("the content was changed but cannot be used, the last good one stays: %s", problems[0])
            return
        self.newest = library
        log.info("the content was changed and is in use")


def content_files(home: Home) -> list[Path]:
    """Every file that the clinic writes and a library is read from."""
    return [home.data / "facts.yml", home.data / "replies.yml", *sorted((home.data / "topics").glob("*.yml"))]


def read_library(home: Home, watch: _Watch | None = None) -> tuple[Library | None, list[DataError]]:
    """The library of `home` and no problems, or None and every problem that keeps it from being read."""
    facts_path, replies_path, *topic_paths = content_files(home)
    problems: list[DataError] = []

    facts_file: FactsFile | None = None
    replies_file: RepliesFile | None = None
    doubts: dict[str, Doubt] = {}
    topics: dict[str, Topic] = {}
    try:
        facts_file = read(facts_path, FactsFile)
    except DataError as problem:
        problems.append(problem)
    for path in topic_paths:
        try:
            topics[path.stem] = read(path, Topic)
        except DataError as problem:
            problems.append(problem)
    try:
        replies_file = read(replies_path, RepliesFile)
    except DataError as problem:
        problems.append(problem)
    try:
        doubts = read_doubts(home)
    except DataError as problem:
        problems.append(problem)
    if not topic_paths:
        problems.append(DataError(home.data / "topics", None, "there are no topics", "Add data/topics/<topic>.yml"))
    if problems or facts_file is None or replies_file is None:
        return None, problems

    problems += _fact_links(facts_path, facts_file)
    problems += _topic_links(home, topics, {fact.id for fact in facts_file.facts})
    problems += _reply_links(replies_path, replies_file, topics)
    if problems:
        return None, problems
    library = Library(
        topics=MappingProxyType(topics),
        facts=MappingProxyType({fact.id: fact for fact in facts_file.facts}),
        sections=MappingProxyType({section.id: section for section in facts_file.sections}),
        replies=MappingProxyType(replies_file.texts),
        cards=MappingProxyType(replies_file.cards),
        starters=replies_file.starters,
        replies_file=replies_file,
        doubts=MappingProxyType(doubts),
        _watch=watch or _Watch(home),
    )
    return library, []


def _fact_links(path: Path, file: FactsFile) -> list[DataError]:
    problems = []
    sections = [section.id for section in file.sections]
    for kind, ids in (("sections", sections), ("facts", [fact.id for fact in file.facts])):
        for place, name in enumerate(ids):
            if name in ids[:place]:
                line = line_of(path, [kind, place])
                problems.append(DataError(path, line, f"{name!r} stands here twice", "Give each an id of its own."))
    for place, fact in enumerate(file.facts):
        if fact.section not in sections:
            problems.append(_unknown(path, ["facts", place, "section"], "section", fact.section, sections))
    return problems


def _topic_links(home: Home, topics: Mapping[str, Topic], facts: set[str]) -> list[DataError]:
    problems = []
    for name, topic in topics.items():
        path = home.data / "topics" / f"{name}.yml"
        if topic.id != name:
            hint = f"Write  id: {name}  or rename the file to {topic.id}.yml."
            problems.append(DataError(path, line_of(path, ["id"]), f"the id {topic.id!r} is not the file's name", hint))
        for location, problem, hint in link_findings(topic, topics, facts):
            problems.append(DataError(path, line_of(path, location), problem, hint))
    return problems


def link_findings(
    topic: Topic, topics: Collection[str], facts: Collection[str]
) -> Iterator[tuple[list[str | int], str, str]]:
    """What `topic` lacks or names and is not there: the place in it, the problem, what to write instead."""
    for key, problem, hint in topic.gaps():
        yield [key], problem, hint
    for place, fact in enumerate(topic.facts):
        if fact not in facts:
            yield ["facts", place], f"there is no fact {fact!r}", _nearest(fact, facts)
    for place, other in enumerate(topic.next):
        if other == topic.id:
            yield ["next", place], "the topic offers itself as next step", "Name another topic."
        elif other not in topics:
            yield ["next", place], f"there is no topic {other!r}", _nearest(other, topics)


def _reply_links(path: Path, file: RepliesFile, topics: Mapping[str, Topic]) -> list[DataError]:
    problems = []
    for place, starter in enumerate(file.starters):
        if starter.topic not in topics:
            problems.append(_unknown(path, ["starters", place, "topic"], "topic", starter.topic, topics))
    for kind, present, wanted in (
        ("texts", set(file.texts), set(TEXTS)),
        ("cards", set(file.cards), set(CARDS)),
    ):
        for name in sorted(wanted - present):
            hint = f"Under {kind}, add  {name}: {{en: ..., es: ...}}"
            problems.append(DataError(path, line_of(path, [kind]), f"the text {name!r} is missing", hint))
        for name in sorted(present - wanted):
            problems.append(_unknown(path, [kind, name], "text", name, wanted))
    return problems


def _unknown(path: Path, location: list[str | int], kind: str, name: str, known: Iterable[str]) -> DataError:
    return DataError(path, line_of(path, location), f"there is no {kind} {name!r}", _nearest(name, known))


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}"


def _state_of(home: Home) -> tuple[tuple[str, int, int], ...]:
    state = []
    for path in (*content_files(home), doubts_path(home)):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        state.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(state)
