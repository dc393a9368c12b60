"""The small language that rules are written in, and its matcher.

    cannot ~2 breathe|breath     "cannot", up to 2 words between, then either word
    @throat ~3 @swelling         words of the groups "throat" and "swelling"
    woke up? on ~2 floor         "up" may be missing
    my head %6 #day              up to 6 words between, even past the end of a sentence
    @hives + @dizzy              both in one sentence, in any order
    @hives ++ @dizzy             both anywhere in the message
    ^ @pus $                     the whole message
    hinch*                       every word that begins so
    does_not|cannot ~2 stop      "does not" as one of two choices
    !@throat                     guards do not count for this word
    #number #day #many #temperature #year    kinds of numbers

Each message becomes one bit per word. A pattern is matched by shifting and masking whole messages at once, so the time
grows with the length of the text and never with what stands in it. A pattern is only looked at when its rarest element
is there at all: `Pattern.key`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from prp_guide.red_flags.text import COMMA, SENTENCE_ENDS

_WORD = re.compile(r"(?:[^\W_]+(?:_[^\W_]+)*|[^\W\d_]{3,}\*|[\^$,?.])\Z")
_GAP = re.compile(r"([~%])(\d{1,2})\Z")
_SHORTEST_STEM = 3
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve fourteen "
    "second third fourth fifth sixth 2nd 3rd 4th 5th 6th"
)
_NUMBERS = frozenset(f"{_SMALL} a an one couple few several dos tres cuatro cinco seis siete".split())
_MANY = frozenset(
    [
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "dozen",
        "handful",
        "cuatro",
        "cinco",
        "seis",
        "siete",
    ]
)
_LATER = frozenset(f"{_SMALL} couple few several dos tres cuatro cinco seis siete".split())
NUMBER_WORDS = _NUMBERS | _MANY | _LATER
# Words that stand in nearly every message: an element that holds one tells little about what the message says.
_COMMON_WORDS = (
    "^ $ . ? , a an and are at did do for from had has have he her him his i in is it just me my not now of on or she "
    "since so still that the they this to was we with you after de el en la me mi no que se un una y #number"
)
_COMMON = frozenset(_COMMON_WORDS.split())
KINDS = ("#number", "#day", "#many", "#temperature", "#year")


def kinds_of(word: str) -> tuple[str, ...]:
    """Which kinds of number `word` is."""
    kinds = []
    if word in _NUMBERS:
        kinds.append("#number")
    if word in _LATER:
        kinds.append("#day")
    if word in _MANY:
        kinds.append("#many")
    if word[0].isdigit():
        kinds.append("#number")
        try:
            value = float(word)
        except ValueError:
            return tuple(kinds)
        if "." not in word and 2 <= value <= 60:
            kinds.append("#day")
        if "." not in word and 4 <= value <= 200:
            kinds.append("#many")
        if 99.5 <= value <= 107 or ("." in word and 37.8 <= value <= 42):
            kinds.append("#temperature")
        if word.isdigit() and 1940 <= value <= 2099:
            kinds.append("#year")
    return tuple(kinds)


class PatternError(ValueError):
    """A pattern cannot be read; the message says why."""


@dataclass(frozen=True)
class Step:
    """One element of a pattern: where it may begin, and which guards may veto it."""

    element: int
    gap: int = 0
    crosses: bool = False
    optional: bool = False
    unguarded: bool = False
    literal: bool = False


@dataclass(frozen=True)
class Chain:
    steps: tuple[Step, ...]
    needs: tuple[int, ...]
    longest: int


@dataclass(frozen=True)
class Pattern:
    """Chains that must all be found; in one sentence when `together`, else anywhere in the message.

    `needs` are the elements without which it cannot be there, `key` the rarest of them.
    """

    source: str
    chains: tuple[Chain, ...]
    together: bool
    needs: frozenset[int]
    key: int


class Vocabulary:
    """Groups of words, and the numbered elements that patterns are made of."""

    def __init__(self, groups: Mapping[str, Sequence[str]], literal_words: Iterable[str] = ()) -> None:
        self._groups = groups
        self._literal = frozenset(literal_words)
        self._flat: dict[str, frozenset[str]] = {}
        self._elements: dict[frozenset[str], int] = {}
        self._longest: dict[int, int] = {}
        self._weight: dict[int, int] = {}
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._phrases: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}
        self.plain: set[str] = set()
        self.elements_of = lru_cache(maxsize=8192)(self._elements_of)

    def group(self, name: str, trail: tuple[str, ...] = ()) -> frozenset[str]:
        """All entries of a group, those of the groups it names among them. Raises PatternError."""
        if name in trail:
            raise PatternError(f"the groups {' -> @'.join((*trail, name))} name each other in a circle")
        if name not in self._flat:
            if name not in self._groups:
                raise PatternError(f"there is no group '{name}' under 'words'")
            entries: set[str] = set()
            for entry in self._groups[name]:
                entries |= self.group(entry[1:], (*trail, name)) if entry.startswith("@") else {entry}
            self._flat[name] = frozenset(entries)
        return self._flat[name]

    def pattern(self, source: str) -> Pattern:
        """`source` compiled. Raises PatternError, naming the pattern."""
        try:
            return self._pattern(source)
        except PatternError as fault:
            raise PatternError(f"in '{source}': {fault}") from None

    def _pattern(self, source: str) -> Pattern:
        together = " ++ " not in source
        if not together and " + " in source:
            raise PatternError("'+' and '++' cannot stand in one pattern")
        chains = tuple(self._chain(part) for part in source.split(" + " if together else " ++ "))
        needs = frozenset(need for chain in chains for need in chain.needs)
        return Pattern(source, chains, together, needs, min(needs, key=self._weight.__getitem__))

    def _chain(self, source: str) -> Chain:
        steps: list[Step] = []
        gap, crosses, literal, longest = 0, False, False, 0
        pending = False
        for part in source.split():
            found = _GAP.match(part)
            if found:
                if not steps or pending:
                    raise PatternError(f"the gap '{part}' must stand between two words")
                gap, crosses, pending = int(found[2]), found[1] == "%", True
                continue
            unguarded, optional = (
                part.startswith("!"),
                part.endswith("?") and not part.endswith("|?") and part != "?",
            )
            body = part[1 if unguarded else 0 : -1 if optional else None]
            if optional and not steps:
                raise PatternError("the first word cannot be optional")
            atoms = self._atoms(body)
            literal = literal or bool(atoms & self._literal)
            element = self._element(atoms)
            steps.append(Step(element, gap, crosses, optional, unguarded, literal))
            longest += gap + self._longest[element]
            gap, crosses, pending = 0, False, False
        if not steps or pending:
            raise PatternError("a pattern must end in a word")
        return Chain(tuple(steps), tuple(s.element for s in steps if not s.optional), longest)

    def _atoms(self, body: str) -> frozenset[str]:
        atoms: set[str] = set()
        for name in body.split("|"):
            if name.startswith("@"):
                atoms |= self.group(name[1:])
            elif name in KINDS or _WORD.match(name):
                atoms.add(name.replace("_", " "))
            else:
                raise PatternError(f"'{name}' is no word: write plain lower-case words without apostrophes")
        return frozenset(atoms)

    def _element(self, atoms: frozenset[str]) -> int:
        number = self._elements.get(atoms)
        if number is not None:
            return number
        number = self._elements[atoms] = len(self._elements)
        self._longest[number] = max(len(atom.split()) for atom in atoms)
        self._weight[number] = len(atoms) + (1000 if atoms & _COMMON else 0)
        for atom in atoms:
            if atom.endswith("*"):
                self._stems.setdefault(atom[:-1], []).append(number)
                continue
            words = tuple(atom.split())
            self.plain.update(words)
            if len(words) == 1:
                self._words.setdefault(atom, []).append(number)
            else:
                self._phrases.setdefault(words[:2], {}).setdefault(words, []).append(number)
        return number

    def _elements_of(self, word: str) -> tuple[int, ...]:
        found = list(self._words.get(word, ()))
        for kind in kinds_of(word):
            found += self._words.get(kind, ())
        for size in range(_SHORTEST_STEM, len(word) + 1):
            found += self._stems.get(word[:size], ())
        return tuple(found)

    def stemmed(self, word: str) -> bool:
        """Whether a stem such as hinch* covers `word`."""
        return any(word[:size] in self._stems for size in range(_SHORTEST_STEM, len(word) + 1))

    def phrases_from(self, word: str, follower: str) -> Mapping[tuple[str, ...], list[int]]:
        """The phrases that begin with these two words, and the elements that each stands for."""
        return self._phrases.get((word, follower), {})


class Message:
    """One message as bits: which elements begin where."""

    def __init__(self, words: Sequence[str], vocabulary: Vocabulary) -> None:
        self.words = words
        self.every = (1 << len(words)) - 1
        places: dict[str, int] = {}
        for at, word in enumerate(words):
            places[word] = places.get(word, 0) | (1 << at)
        self.ends = 0
        for mark in SENTENCE_ENDS:
            self.ends |= places.get(mark, 0)
        self.commas = places.get(COMMA, 0)
        self.inside = self.every & ~self.ends
        # element -> bits of where it stands as one word; and as several: length in words -> bits of where it begins
        self._single: dict[int, int] = {}
        self._longer: dict[int, dict[int, int]] = {}
        single, where = self._single, places.get
        for word, bits in places.items():
            for element in vocabulary.elements_of(word):
                single[element] = single.get(element, 0) | bits
        for pair in dict.fromkeys(pairwise(words)):
            begins = places[pair[0]] & places[pair[1]] >> 1
            for phrase, elements in vocabulary.phrases_from(*pair).items():
                size = len(phrase)
                hits, rest = begins, 2
                for follower in phrase[2:]:
                    hits &= where(follower, 0) >> rest
                    if not hits:
                        break
                    rest += 1
                if hits:
                    for element in elements:
                        lengths = self._longer.setdefault(element, {})
                        lengths[size] = lengths.get(size, 0) | hits
        self.present = frozenset((*single, *self._longer))
        # steps -> bits of the words from which so many words on still lie in the same sentence
        self._runs: dict[int, int] = {1: self.inside}

    def find(self, pattern: Pattern, vetoed: int = 0, literal_vetoed: int | None = None) -> int:
        """Bits of where `pattern` ends, 0 when it is not there.

        No matched word may lie in `vetoed`; once a chain has named a literal word itself (a negator), its
        words are held against `literal_vetoed` instead.
        """
        if not pattern.needs <= self.present:
            return 0
        spared = vetoed if literal_vetoed is None else literal_vetoed
        sentences = self.ends
        last = 0
        for chain in pattern.chains:
            last = self._follow(chain, vetoed, spared)
            if not last:
                return 0
            if pattern.together and len(pattern.chains) > 1:
                # Adding carries each hit up to the end of its sentence.
                sentences &= self.inside + (last & self.inside)
                if not sentences:
                    return 0
        return last

    def _follow(self, chain: Chain, vetoed: int, spared: int) -> int:
        state = 0
        for number, step in enumerate(chain.steps):
            if step.optional and step.element not in self.present:
                continue
            reach = self._spread(state << 1, step.gap, step.crosses) if number else self.every
            hits = reach & self._single.get(step.element, 0)
            for size, bits in self._longer.get(step.element, {}).items():
                hits |= (reach & bits) << (size - 1)
            if not step.unguarded:
                hits &= ~(spared if step.literal else vetoed)
            state = state | hits if step.optional else hits
            if not state:
                return 0
        return state

    def _spread(self, reach: int, gap: int, crosses: bool) -> int:
        """`reach` and up to `gap` words on, by strides that double: a gap of 12 takes four steps, not twelve."""
        stride = 1
        while gap:
            stride = min(stride, gap)
            reach |= (reach & (self.every if crosses else self._run(stride))) << stride
            gap -= stride
            stride *= 2
        return reach

    def _run(self, length: int) -> int:
        run = self._runs.get(length)
        if run is None:
            half = length // 2
            run = self._runs[length] = self._run(half) & (self._run(length - half) >> half)
        return run

    def sentences(self, marks: int) -> int:
        """`marks` spread over the whole sentences that they stand in; a mark on an end is on what it ends."""
        selected = self.ends & (marks | (self.inside + (marks & self.inside)))
        spread = 0
        while selected:
            end = selected & -selected
            spread |= self._sentence_before[end]
            selected ^= end
        return spread

    @cached_property
    def _sentence_before(self) -> dict[int, int]:
        """The bit of each sentence's end, and the bits of that sentence."""
        found, rest, begin = {}, self.ends, 1
        while rest:
            end = rest & -rest
            found[end] = end - begin
            begin = end << 1
            rest ^= end
        return found
