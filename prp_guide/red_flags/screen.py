"""The screen itself: the rules of data/red_flags.yml, compiled, and asked about one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from prp_guide import yaml_file
from prp_guide.errors import DataError
from prp_guide.home import Home
from prp_guide.red_flags import rulebook
from prp_guide.red_flags.guards import Guard
from prp_guide.red_flags.patterns import NUMBER_WORDS, Message, Pattern, PatternError, Vocabulary
from prp_guide.red_flags.rulebook import TIERS, GuardData, Rulebook, Tier
from prp_guide.red_flags.spelling import Speller
from prp_guide.red_flags.text import Reader

_Made = TypeVar("_Made")

# Words that stand in a pattern alone are mended too when they are long enough to be unmistakable.
_WORTH_MENDING = 6
# A pattern that names one of these words itself ("no puedo respirar", "not breathing") is read as it stands.
NEGATION = "negation"
# Guards that say it is not so, or not any more. Others (a question, hearsay) leave more open.
TAKEN_BACK = "taken_back"
_TAKING_BACK = (NEGATION, "past", "past_self", "resolved")


@dataclass(frozen=True)
class Flag:
    """What was found: the tier decides the card, the rule's id goes to the log. Never the patient's words."""

    tier: Tier
    rule: str


@dataclass(frozen=True)
class Sight:
    """What the rules see in a message: a flag, or only words of one that the message denies or calls over."""

    flag: Flag | None = None
    taken_back: bool = False

    @property
    def word(self) -> str | None:
        """For whoever replies: the flag's tier, or "taken_back", or None."""
        return self.flag.tier if self.flag else TAKEN_BACK if self.taken_back else None


@dataclass(frozen=True)
class _Rule:
    flag: Flag
    match: tuple[Pattern, ...]
    excepting: tuple[Guard, ...]
    unless: tuple[str, ...]


class _Asked:
    """One message being screened; the guards are worked out when a rule first needs them."""

    def __init__(self, message: Message, guards: dict[str, Guard]) -> None:
        self.message = message
        self._guards = guards
        self._vetoes: dict[str, int] = {}

    def fires(self, rule: _Rule, candidates: Iterable[Pattern]) -> bool:
        """Whether one of `candidates`, patterns of `rule` whose key is there, is found outside what guards veto."""
        vetoed: tuple[int, int] | None = None
        for pattern in candidates:
            # First without the guards: most patterns are not there at all.
            if not self.message.find(pattern):
                continue
            if vetoed is None:
                vetoed = self._vetoed(rule)
            if self.message.find(pattern, *vetoed):
                return True
        return False

    def takes_back(self, rule: _Rule, candidates: Iterable[Pattern]) -> bool:
        """Whether `rule`, which does not fire, would but for one of the guards that take back."""
        masks = [
            (self._veto(name), 0 if name == NEGATION else self._veto(name))
            for name in rule.unless
            if name in _TAKING_BACK and self._veto(name)
        ]
        return bool(masks) and any(
            self.message.find(pattern) and any(not self.message.find(pattern, *mask) for mask in masks)
            for pattern in candidates
        )

    def _veto(self, name: str) -> int:
        if name not in self._vetoes:
            self._vetoes[name] = self._guards[name].vetoes(self.message)
        return self._vetoes[name]

    def _vetoed(self, rule: _Rule) -> tuple[int, int]:
        every = 0
        for guard in rule.excepting:
            every |= guard.vetoes(self.message)
        spared = every
        for name in rule.unless:
            every |= self._veto(name)
            if name != NEGATION:
                spared |= self._veto(name)
        return every, spared


class Screen:
    """Asks every rule about a message. Immutable after loading, safe to share between threads."""

    def __init__(
        self, rules: Iterable[_Rule], guards: dict[str, Guard], vocabulary: Vocabulary, reader: Reader
    ) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: TIERS.index(rule.flag.tier)))
        self._guards, self._vocabulary, self._reader = guards, vocabulary, reader
        # element -> the patterns that cannot be there without it, each with the number of its rule
        self._keyed: dict[int, list[tuple[int, Pattern]]] = {}
        for number, rule in enumerate(self._rules):
            for pattern in rule.match:
                self._keyed.setdefault(pattern.key, []).append((number, pattern))

    @classmethod
    def load(cls, home: Home) -> Screen:
        """The screen with the rules of `home`. Raises DataError."""
        return _Compiler(rulebook.path_of(home), rulebook.load(home)).screen()

    def check(self, text: str) -> Flag | None:
        """The gravest flag in `text`, or None. Takes any text, never raises for what stands in it."""
        return next(self._flags(*self._asked(text)), None)

    def look(self, text: str) -> Sight:
        """The gravest flag in `text`, or whether it has words of one only to take them back: "no fever, no pus"."""
        asked, candidates = self._asked(text)
        if flag := next(self._flags(asked, candidates), None):
            return Sight(flag)
        return Sight(None, any(asked.takes_back(self._rules[number], found) for number, found in candidates.items()))

    def all_flags(self, text: str) -> tuple[Flag, ...]:
        """Every rule that fires, the gravest tier first."""
        return tuple(self._flags(*self._asked(text)))

    def _asked(self, text: str) -> tuple[_Asked, dict[int, list[Pattern]]]:
        """The message, and for each rule whose words are there, by number, the patterns to look for."""
        message = Message(self._reader.words(text), self._vocabulary)
        asked = _Asked(message, self._guards)
        candidates: dict[int, list[Pattern]] = {}
        for element in message.present:
            for number, pattern in self._keyed.get(element, ()):
                candidates.setdefault(number, []).append(pattern)
        return asked, candidates

    def _flags(self, asked: _Asked, candidates: dict[int, list[Pattern]]) -> Iterator[Flag]:
        for number in sorted(candidates):
            rule = self._rules[number]
            if asked.fires(rule, candidates[number]):
                yield rule.flag


class _Compiler:
    """From data to a screen; a fault in a pattern is reported with the line that it stands on."""

    def __init__(self, path: Path, book: Rulebook) -> None:
        self._path, self._book = path, book
        negation = book.guards.get(NEGATION)
        if negation is None:
            raise DataError(path, yaml_file.line_of(path, ("guards",)), "the guard 'negation' is missing")
        groups = Vocabulary(book.words)
        for name in book.words:
            self._read(partial(groups.group, name), "words", name)
        # Openers of one word alone: "no", "not", "without".
        literal = {word for opener in negation.opens if " " not in opener for word in opener.split("|")}
        self._vocabulary = Vocabulary(book.words, literal)

    def screen(self) -> Screen:
        book = self._book
        guards = {name: self._guard(name, data) for name, data in book.guards.items()}
        rules = [self._rule(number) for number in range(len(book.flags))]
        targets = {word for name in book.words for entry in self._vocabulary.group(name) for word in entry.split()}
        targets |= {word for word in self._vocabulary.plain if len(word) >= _WORTH_MENDING}
        # A number is never a typo of anything: "cuatro" stays four, however close it is to a fourth day.
        known = {*self._vocabulary.plain, *book.fillers, *NUMBER_WORDS}
        for source in book.forms:
            known.update(source.split())
        reader = Reader(book.forms, book.fillers, Speller(targets, known, book.real_words, self._vocabulary.stemmed))
        return Screen(rules, guards, self._vocabulary, reader)

    def _guard(self, name: str, data: GuardData) -> Guard:
        return Guard(
            name=name,
            scope=data.scope,
            reach=data.reach,
            opens=self._patterns(data.opens, "guards", name, "opens"),
            ignore=self._patterns(data.ignore, "guards", name, "ignore"),
            stops=self._any_of(data.stops, "guards", name, "stops"),
            comma_stops=self._any_of(data.comma_stops, "guards", name, "comma_stops"),
            cancelled_by=self._patterns(data.cancelled_by, "guards", name, "cancelled_by"),
        )

    def _rule(self, number: int) -> _Rule:
        data = self._book.flags[number]
        unless = self._book.tiers[data.tier].unless if data.unless is None else data.unless
        for name in unless:
            if name not in self._book.guards:
                line = yaml_file.line_of(self._path, ("flags", number, "unless"))
                known = ", ".join(self._book.guards)
                raise DataError(self._path, line, f"'{data.id}' names the guard '{name}'", f"Known guards: {known}")
        excepting = []
        for key, scope, sources in (
            ("except", "span", data.excepting),
            ("except_sentence", "sentence", data.excepting_sentences),
        ):
            if sources:
                patterns = self._patterns(sources, "flags", number, key)
                excepting.append(Guard(data.id, scope, 1, patterns, (), None, None, ()))
        return _Rule(
            flag=Flag(data.tier, data.id),
            match=self._patterns(data.match, "flags", number, "match"),
            excepting=tuple(excepting),
            unless=unless,
        )

    def _any_of(self, words: tuple[str, ...], *where: str | int) -> Pattern | None:
        return (
            self._read(lambda: self._vocabulary.pattern("|".join(word.replace(" ", "_") for word in words)), *where)
            if words
            else None
        )

    def _patterns(self, sources: tuple[str, ...], *where: str | int) -> tuple[Pattern, ...]:
        return tuple(self._read(partial(self._vocabulary.pattern, source), *where) for source in sources)

    def _read(self, read: Callable[[], _Made], *where: str | int) -> _Made:
        try:
            return read()
        except PatternError as fault:
            line = yaml_file.line_of(self._path, where)
            raise DataError(self._path, line, str(fault), "See the head of data/red_flags.yml for the signs.") from None
