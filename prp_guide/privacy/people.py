"""Take people's names out of a text.

A name is known by what introduces it ("my name is", "me llamo", "Mrs."), or because a given name of the lists stands
there. An unusual name that nothing introduces is not found: what the callback form hears is therefore not kept at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

NAME = "[name]"

_WORD = r"[^\W\d_][\w'’-]*"
_BETWEEN = r"(?:\s+|\s*\.\s+(?=(?-i:[A-Z])))"  # "John Q. Park"
_INITIAL = r"[^\W\d_]\."
_NAME = rf"(?P<name>(?:{_WORD}|{_INITIAL})(?:{_BETWEEN}(?:{_INITIAL}|{_WORD})){{0,4}})"
# What follows is a name, however it is written.
_CERTAIN = re.compile(
    r"\b(?:(?:my|her|his|their|the|full|first|last|maiden|legal|patient'?s?|patient|family|sur)\s*)*\b"
    r"(?:name|surname)(?:\s+(?:to\s+ask\s+for|on\s+file|here))?(?:'s|s)?"
    r"(?:\s*[:=-]\s*|\s+(?:is|was|will\s+be|would\s+be|should\s+be)\s*:?\s+|(?<=['’]s)\s+|\s+(?=(?-i:[A-Z])))"
    rf"{_NAME}"
    r"|\b(?:me\s+llamo|mi\s+nombre\s+(?:completo\s+)?es|se\s+llama|a\s+nombre\s+de|nombre\s*:|on\s+behalf\s+of|"
    r"(?:is|was|am)\s+(?:called|named)|i\s+go\s+by|i'?m\s+called|pregunten?\s+por)\s+"
    + _NAME.replace("name>", "called>"),
    re.IGNORECASE,
)
# What follows may be a name: it is one when it is written like one, or known.
_LIKELY = re.compile(
    r"\b(?:i\s?am|i['’]?m|this\s+is|it['’]?s|soy|habla|call\s+me|ask(?:ing)?\s+for|(?:call|ring|contact|phone|reach|tell)"
    r"|speak(?:ing)?\s+(?:to|with)|under|for|from|with|"
    r"(?:my|her|his)\s+(?:wife|husband|mom|mum|mother|dad|father|son|daughter|partner|friend|sister|brother|boss|aunt|"
    r"uncle|cousin|grandmother|grandma|grandfather|fianc[eé]e?|assistant|boyfriend|girlfriend),?|"
    r"mi\s+(?:esposa|esposo|mam[aá]|madre|padre|pap[aá]|hij[oa]|herman[oa]|amig[oa]|novi[oa]),?)\s+"
    rf"{_NAME}",
    re.IGNORECASE,
)
_TITLED = re.compile(rf"\b(?:mrs?|ms|miss|dr|prof|sra?|srta|mister)\b\.?\s+{_NAME}", re.IGNORECASE)
_SIGNED = re.compile(
    r"(?:^|[\n.,;!?–—-]\s*)(?:(?:kind|best|warm)\s+)?(?:regards|sincerely|thanks|thank\s+you|thx|cheers|best|love|yours|"
    rf"gracias|saludos|atentamente)[\s,!.–—-]+{_NAME}\s*[.!]?\s*$",
    re.IGNORECASE,
)
_WORDS = re.compile(_WORD)
_OF_A_PLACE = re.compile(r"\b(?:san|santa|saint|st\.?|los|las|el|port|mount|mt\.?|lake|dr|doctor)\s+$", re.IGNORECASE)
_PARTICLES = frozenset(
    ("de", "del", "la", "las", "los", "van", "von", "der", "den", "bin", "ibn", "al", "da", "di", "dos")
)
_MOST = 5  # words of a name


def without_names(text: str) -> str:
    """`text` with "[name]" in place of the names of people that it introduces, or that are known."""
    text = _cut(text, _CERTAIN, certain=True)
    text = _cut(text, _TITLED, one_is_enough=True)
    text = _cut(text, _SIGNED, one_is_enough=True)
    text = _cut(text, _LIKELY)
    return _cut_known(text)


def _cut(text: str, pattern: re.Pattern[str], *, certain: bool = False, one_is_enough: bool = False) -> str:
    place, parts = 0, []
    begin = 0
    while match := pattern.search(text, begin):
        span = match.span("name") if match["name"] else match.span("called")
        end = _end(text, *span, certain=certain, one_is_enough=one_is_enough)
        begin = match.start() + 1 if end is None else end
        if end is not None:
            parts += [text[place : span[0]], NAME]
            place = end
    return "".join([*parts, text[place:]])


def _end(text: str, start: int, end: int, *, certain: bool, one_is_enough: bool) -> int | None:
    """Where the name ends that begins at `start`; None when none does.

    Where that is not `certain`, a name is listed or two words have capitals, or one where `one_is_enough`.
    """
    shouted = text.isupper()
    kept: int | None = None
    known = False
    for number, match in enumerate(_WORDS.finditer(text, start, end)):
        word = match.group()
        bare = _folded(word)
        if kept is not None and bare in _PARTICLES and match.end() < end:
            continue
        if bare in _plain() or (number > 0 and bare in _capitals()) or text[start - 1 : start] == "[":
            break
        capital = word[0].isupper() and not shouted
        listed = bare in _given() or (known and bare in _family())
        if number == 0:
            written = capital and (one_is_enough or _looks_like_two(text, match.end(), end))
            if not certain and (bare in _capitals() or not (listed or written)):
                break
        elif not (capital or listed or (certain and _family_like(text, match.end(), bare))):
            break
        known = known or listed or certain
        kept = match.end()
        if number + 1 == _MOST:
            break
    return kept


def _looks_like_two(text: str, after: int, end: int) -> bool:
    """Whether another word with a capital follows: "I'm Zebulon Quatermass"."""
    following = _WORDS.match(text, after + 1, end)
    return (
        following is not None
        and following.group()[0].isupper()
        and _folded(following.group()) not in (_capitals() | _plain())
    )


def _family_like(text: str, after: int, bare: str) -> bool:
    """Whether a word in small letters ends a name that is certain: "my name is zebulon quatermass, and ..."."""
    return bare in _family() or re.match(r"\s*(?:$|[,.;:!?\n(]|\[|and\b|y\b|\d)", text[after:]) is not None


def _cut_known(text: str) -> str:
    place, parts = 0, []
    for start, end in _known(text):
        if start >= place:
            parts += [text[place:start], NAME]
            place = end
    return "".join([*parts, text[place:]])


def _known(text: str) -> Iterator[tuple[int, int]]:
    """Given names of the lists with the family names behind them."""
    for match in _WORDS.finditer(text):
        # "Mary-Kate" is known by "Mary".
        if (
            _folded(match.group()).partition("-")[0] not in _given()
            or text[match.start() - 1 : match.start()] == "["
            or _OF_A_PLACE.search(text, 0, match.start())
        ):
            continue
        end = match.end()
        rest = text[end:]
        capital = match.group()[0].isupper() and not text.isupper()
        following = re.match(rf"(?:\s+[A-Z]\.)?(?:\s+(?:{'|'.join(sorted(_PARTICLES))}))*\s+({_WORD})", rest)
        if following is not None:
            word, next_bare = following[1], _folded(following[1])
            family = next_bare in _family() or next_bare in _given()
            written = capital and word[0].isupper() and next_bare not in _capitals() | _plain()
            if (family and next_bare not in _plain()) or written:
                end += following.end()
        yield match.start(), end


def _folded(word: str) -> str:
    """`word` as the lists have it: small, without accents and without an 's."""
    word = re.sub(r"['’]s$", "", word.lower())
    if not word.isascii():
        # The acute accent only: "niña" is no Nina.
        word = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).replace("\u0301", ""))
    return word.replace("’", "'")


@cache
def _plain() -> frozenset[str]:
    return _read("plain_words.txt")


@cache
def _capitals() -> frozenset[str]:
    return _read("capitals.txt")


@cache
def _given() -> frozenset[str]:
    return _read("given_names.txt")


@cache
def _family() -> frozenset[str]:
    return _read("family_names.txt")


def _read(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
