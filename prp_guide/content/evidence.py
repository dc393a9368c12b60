"""Does the clinic's page still say what the facts say? The evidence of each fact is looked for, and what became of it.

    comparison = compare(library, page)
    comparison.changed["first_48_hours"][0].words  # '"48 hours" is now "24 hours"'

Words are compared and not how they are written: capitals, dashes, "three" for "3", "a day" for "1 day" make no change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from prp_guide.content.library import Library
from prp_guide.content.models import Fact

ALIKE = 0.5  # from this share of its words on, a sentence is taken for what became of the evidence
FEW_WORDS = 8  # a heading with less under it is a button or a caption, no section
LONGEST_QUOTE = 220

_COUNT = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {word: str(number) for number, word in enumerate(_COUNT.split(" "))}
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minute"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), "hour"),
    **{f"{unit}{plural}": unit for unit in ("day", "week", "month", "year", "session") for plural in ("", "s")},
}
# They say little by themselves: a sentence is not the same because it has "the" and "of".
_SMALL = "a an and are as at be by can for from if in is it its of on or that the this to we with you"
_SMALL_WORDS = frozenset(_SMALL.split(" "))
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z0-9])")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Passage:
    """A heading of the page and what stands under it, block by block; the title is empty before the first heading."""

    title: str
    blocks: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        return sum(len(_TOKEN.findall(block)) for block in self.blocks)


@dataclass(frozen=True)
class Page:
    """The text of the clinic's page."""

    passages: tuple[Passage, ...]

    @property
    def words(self) -> int:
        return sum(passage.words for passage in self.passages)


@dataclass(frozen=True)
class Change:
    """A piece of evidence that the page no longer has. `now` is the sentence in its place; None when there is none."""

    evidence: str
    was: str
    became: str
    now: str | None

    @property
    def gone(self) -> bool:
        return self.now is None

    @property
    def words(self) -> str:
        """What happened, in a line."""
        if self.gone:
            return f'"{self.was}" is gone from the page'
        if not self.became:
            return f'"{self.was}" is no longer said'
        return f'"{self.was}" is now "{self.became}"'


@dataclass(frozen=True)
class Comparison:
    """What the page says, held against the facts. `changed` has the facts whose evidence is not all there."""

    facts: int
    changed: Mapping[str, tuple[Change, ...]]
    new_sections: tuple[Passage, ...]
    lost_sections: tuple[str, ...]

    @property
    def in_step(self) -> bool:
        return not (self.changed or self.new_sections or self.lost_sections)


def compare(library: Library, page: Page, ignore: Iterable[str] = ()) -> Comparison:
    """Hold `page` against the facts and sections of `library`; headings in `ignore` are no new sections."""
    sentences = [_Sentence(sentence) for sentence in _sentences(page)]
    stream = [token.plain for sentence in sentences for token in sentence.tokens]
    places = [(number, at) for number, sentence in enumerate(sentences) for at in range(len(sentence.tokens))]
    spoken_for: set[tuple[int, int]] = set()
    missing: list[tuple[Fact, str]] = []
    for fact in library.facts.values():
        for evidence in fact.evidence:
            wanted = [token.plain for token in tokens(evidence)]
            starts = list(_occurrences(wanted, stream))
            if not starts:
                missing.append((fact, evidence))
            for start in starts:
                spoken_for.update(places[start : start + len(wanted)])
    changed: dict[str, tuple[Change, ...]] = {}
    for fact, evidence in missing:
        found = _what_became_of(evidence, sentences, spoken_for)
        changed[fact.id] = (*changed.get(fact.id, ()), found)
    titles = {_plain(passage.title) for passage in page.passages}
    known = {_plain(section.title) for section in library.sections.values()} | {_plain(title) for title in ignore}
    return Comparison(
        facts=len(library.facts),
        changed=changed,
        new_sections=tuple(
            passage
            for passage in page.passages
            if passage.title and passage.words >= FEW_WORDS and _plain(passage.title) not in known
        ),
        lost_sections=tuple(
            section.title for section in library.sections.values() if _plain(section.title) not in titles
        ),
    )


@dataclass(frozen=True)
class Token:
    """A word as it is compared, and where it stands in its text."""

    plain: str
    start: int
    end: int


class _Sentence:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)

    def quote(self, start: int, end: int) -> str:
        """The words from token `start` to before `end`, as they are written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""


def tokens(text: str) -> list[Token]:
    """The words of `text`, plain: small letters, numbers in digits, units in the singular."""
    found = [Token(match[0].casefold(), match.start(), match.end()) for match in _TOKEN.finditer(tidy(text))]
    plain: list[Token] = []
    for place, token in enumerate(found):
        following = found[place + 1].plain if place + 1 < len(found) else ""
        word = token.plain
        if word in ("a", "an", "one") and following in _UNITS:
            word = "1"
        elif word in _NUMBERS and word != "one":
            word = _NUMBERS[word]
        elif plain and plain[-1].plain.isdigit():
            if word in ("to", "through") and (following.isdigit() or following in _NUMBERS):
                continue  # "4 to 6" and "4-6"
            word = _UNITS.get(word, word)
        else:
            word = {"sessions": "session"}.get(word, word)
        plain.append(Token(word, token.start, token.end))
    return plain


def tidy(text: str) -> str:
    """`text` with blanks, quotes and invisible signs made ordinary."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    for written, ordinary in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(written, ordinary)
    return " ".join(text.split())


def _plain(text: str) -> str:
    return " ".join(token.plain for token in tokens(text))


def _sentences(page: Page) -> Iterator[str]:
    for passage in page.passages:
        for block in (passage.title, *passage.blocks):
            yield from filter(None, _SENTENCE_END.split(tidy(block)))


def _occurrences(wanted: Sequence[str], stream: Sequence[str]) -> Iterator[int]:
    if not wanted:
        return
    for start in range(len(stream) - len(wanted) + 1):
        if stream[start] == wanted[0] and list(stream[start : start + len(wanted)]) == list(wanted):
            yield start


def _weight(words: Iterable[str]) -> float:
    return sum(0.25 if word in _SMALL_WORDS else 1.0 for word in words)


def _what_became_of(evidence: str, sentences: Sequence[_Sentence], spoken_for: set[tuple[int, int]]) -> Change:
    """The sentence that most resembles `evidence`, words that are another fact's left out, and the difference."""
    old = _Sentence(tidy(evidence))
    wanted = [token.plain for token in old.tokens]
    whole = _weight(wanted)
    best, best_score, best_blocks = None, 0.0, []
    for number, sentence in enumerate(sentences):
        there = [
            "" if (number, place) in spoken_for else token.plain  # "" is no word, so it matches none
            for place, token in enumerate(sentence.tokens)
        ]
        if whole == 0 or _weight(set(wanted) & set(there)) / whole < ALIKE / 2:
            continue
        blocks = [
            block for block in SequenceMatcher(None, wanted, there, autojunk=False).get_matching_blocks() if block.size
        ]
        if not blocks:
            continue
        matched = _weight(wanted[at] for block in blocks for at in range(block.a, block.a + block.size))
        spread = blocks[-1].b + blocks[-1].size - blocks[0].b
        score = matched / whole * min(1.0, (2 * len(wanted) + 3) / spread)
        if score > best_score:
            best, best_score, best_blocks = sentence, score, blocks
    if best is None or best_score < ALIKE:
        return Change(evidence, was=evidence, became="", now=None)
    head, tail = best_blocks[0], best_blocks[-1]
    # What comes before the first and after the last word in common was replaced too.
    start = max(0, head.b - head.a)
    end = min(len(best.tokens), tail.b + tail.size + len(wanted) - tail.a - tail.size)
    now = [token.plain for token in best.tokens[start:end]]
    pieces = [
        piece for piece in SequenceMatcher(None, wanted, now, autojunk=False).get_opcodes() if piece[0] != "equal"
    ]
    if not pieces:  # the same words, but some of them are another fact's
        return Change(evidence, was=evidence, became="", now=None)
    was_start, was_end = pieces[0][1], pieces[-1][2]
    now_start, now_end = pieces[0][3], pieces[-1][4]
    cut_off = wanted[was_end - 1].isdigit() or now[now_end - 1].isdigit()
    if cut_off or pieces[-1][0] == "replace" or was_start == was_end or now_start == now_end:
        # A number is read with its unit, an insertion with the word that it stands before.
        if was_end < len(wanted) and now_end < len(now):
            was_end, now_end = was_end + 1, now_end + 1
        elif was_start and now_start:
            was_start, now_start = was_start - 1, now_start - 1
    following = start + now_end
    if (
        following < len(best.tokens)
        and wanted[was_end - 1] in _UNITS.values()
        and now[now_end - 1] not in _UNITS.values()
    ):
        now_end += best.tokens[following].plain in _UNITS
    return Change(
        evidence,
        was=old.quote(was_start, was_end),
        became=best.quote(start + now_start, start + now_end),
        now=best.text if len(best.text) <= LONGEST_QUOTE else f"{best.text[:LONGEST_QUOTE].rstrip()}…",
    )
