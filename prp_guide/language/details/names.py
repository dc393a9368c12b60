"""The name to ask for, in a patient's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_guide.language.details.detail import BARRIER, Detail, masked
from prp_guide.language.details.entities import people
from prp_guide.language.details.times import is_time
from prp_guide.language.details.words import word_lists

_WORD = r"[^\W\d_][\w'’.\-]*"
# A name follows, whatever was asked.
_CERTAIN = re.compile(
    r"\b(?:(?:my|the|her|his|their|full|first)\s+)*name(?:\s+(?:to\s+ask\s+for|on\s+file))?(?:'s|s)?(?:\s+(?:is"
    r"|will\s+be|would\s+be|should\s+be))?\s*[:=-]?\s+"
    rf"(?P<name>{_WORD}(?:\s+{_WORD}){{0,3}})"
    r"|\b(?:(?:you\s+can\s+)?call\s+me|i\s+go\s+by|(?:just\s+)?ask\s+for|(?:me\s+llamo|mi\s+nombre\s+es"
    r"|se\s+llama|pregunten?\s+por))\s+"
    rf"(?P<called>{_WORD}(?:\s+{_WORD}){{0,3}})",
    re.IGNORECASE,
)
# A name follows where one was asked, or a phone number stands in the same message.
_LIKELY = re.compile(
    r"\b(?:this\s+is|thisis|it'?s(?:\s+(?:under|for))?|its|i\s?am|i'?m|im|under|put|soy|habla"
    r"|(?:es\s+)?para\s+mi\s+\w+,?|es|para|(?:call|ring|phone|reach|contact)|for(?:\s+my\s+\w+,?)?"
    r"|it\s+(?:would|should)\s+be"
    r"|(?:my|her|his)\s+(?:wife|husband|mom|mother|dad|father|son|daughter|partner|friend|sister|brother),?)\s*:?\s+"
    rf"(?P<name>{_WORD}(?:\s+{_WORD}){{0,3}})",
    re.IGNORECASE,
)
# "This is Tyrone, call me": without a number only with a capital, since "this is urgent" is nobody.
_THIS_IS = re.compile(
    rf"(?i:\b(?:this\s+is|it'?s|i'?m|i\s+am|habla|soy))\s+(?P<name>[A-ZÀ-Þ][\w'’.\-]*(?:\s+{_WORD}){{0,3}})"
)
_CALL_ME = re.compile(r"\b(?:call|ring|phone|reach|contact|callback|llam\w+)\b", re.IGNORECASE)
_SLIP = r"(?:sorry|oops|oh|actually|no|wait|hold\s+on|correction|my\s+bad|perd[oó]n)"
_FIX = (
    r"(?:i\s+mean(?:t)?|make\s+(?:that|it)|it\s+should\s+be|should\s+be|should\s+say|it'?s|its|put|use|that'?s"
    r"|(?:please\s+)?(?:can\s+you\s+)?change\s+(?:it|that|(?:my|the)\s+name)\s+to|name\s+is|the\s+name'?s|es"
    r"|quise\s+decir)"
)
_INSTEAD = (
    r"(?:\s*,?\s+(?:not|instead\s+of|rather\s+than|and\s+not|no|en\s+vez\s+de)\s+"
    rf"(?P<old>{_WORD}(?:\s+{_WORD})?))"
)
_CORRECTED = re.compile(
    rf"\b(?:{_SLIP}[\s,:.!-]+)*(?:{_SLIP}[\s,:.!-]+|{_FIX}\s+)+(?P<name>{_WORD}(?:\s+{_WORD}){{0,2}}?)(?:\s+btw)?{_INSTEAD}?"
    r"\s*(?:please|pls|plz|thanks)?\s*[.!]*$",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(
    rf"\bnot\s+{_WORD}(?:\s+{_WORD})?[\s,.;:-]+(?:but\s+|it'?s\s+"
    rf"|i'?m\s+)?(?P<name>{_WORD}(?:\s+{_WORD}){{0,2}})\s*[.!]*$",
    re.IGNORECASE,
)
_THIS_NOT_THAT = re.compile(rf"^\W*(?P<name>{_WORD}(?:\s+{_WORD}){{0,2}}?){_INSTEAD}\s*[.!]*$", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|hey|ok(?:ay)?|sure(?:\s+thing)?|yes|yeah|yep|um+|uh+|so|well|oh|sorry|oops|its|it'?s|just"
    r"|please|pls"
    r"|thanks|thank\s+you|gracias|hola|s[ií]|claro|bueno|soy|good\s+(?:morning|afternoon|evening))(?:[\s,:.!-]+|$))+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:here|please|pls|plz|thanks|thank\s+you|thx|ty|speaking|calling|is\s+(?:fine|ok|good"
    r"|my\s+name)|works"
    r"|por\s+favor|gracias|lol|btw))+[\s.!]*$|\s+(?:with\s+an?|spelled|spelt|like|as\s+in)\s.*$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"\b(?P<title>[a-zñ]+)\.", re.IGNORECASE)
_BREAK = re.compile(rf"[,;.!?\n()\"{re.escape(BARRIER)}]+|\s[-–—]+\s|\s{{3,}}")
_CLAUSE = re.compile(r"\s*[,;.!?\n]+\s*(?:and\s+|y\s+)?|\s+(?:and|y)\s+", re.IGNORECASE)
_QUESTION = re.compile(r"[^.!?\n;,]*\?")
_MOST_WORDS = 4
_ALONE = 3  # words of a name that nothing introduces


def find_name(text: str, asked: str | None, phone: Detail | None) -> Detail | None:
    """The name of whom to ask for; `phone` is the number that was found in `text`."""
    open_text = _TITLE.sub(_without_stop, masked(text, [(phone.start, phone.end)] if phone else []))
    for find in (_certain, _correction, _likely, _answer, _beside_a_phone, _person):
        if span := find(open_text, asked, phone is not None):
            return Detail("name", *span)
    return None


def says_nothing(text: str) -> bool:
    """Whether `text` holds no word that answers anything: "i don't know", "hold on a sec"."""
    return all(word in word_lists()["no_answers"] for word in re.findall(r"[^\W_][\w'’]*", text.lower()))


def _certain(text: str, _asked: str | None, _phone: bool) -> tuple[int, int] | None:
    for match in _CERTAIN.finditer(text):
        span = _cut(text, *match.span("name" if match["name"] else "called"), certain=True)
        if span and not is_time(text[slice(*span)]):
            return span
    return None


def _correction(text: str, asked: str | None, _phone: bool) -> tuple[int, int] | None:
    if asked is None:
        return None
    # "Sorry, Dan, not Jan" is one correction; in "actually it's Priyanka, and call me friday" there are two.
    cuts = [match.span() for match in _CLAUSE.finditer(text)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    for start, end in ((0, len(text)), *zip(starts, ends, strict=True)):
        for pattern in (_NOT_BUT, _CORRECTED, _THIS_NOT_THAT):
            match = pattern.search(text, start, end)
            if match and _is_name(match["name"], certain=False) and not _says_no_to(text, match):
                old = match.groupdict().get("old")
                if not is_time(match["name"]) and not (old and is_time(old)):
                    return match.span("name")
    return None


def _likely(text: str, asked: str | None, phone: bool) -> tuple[int, int] | None:
    if asked == "name" or phone:
        for match in _overlapping(_LIKELY, text):
            span = _cut(text, *match.span("name"), certain=False)
            if span and (asked == "name" or not is_time(text[slice(*span)])):
                return span
    if asked is None and _CALL_ME.search(text) and (introduced := _THIS_IS.search(text)):
        return _cut(text, *introduced.span("name"), certain=True)
    return None


def _answer(text: str, asked: str | None, _phone: bool) -> tuple[int, int] | None:
    """A bare name, where one was asked."""
    if asked != "name":
        return None
    told = _QUESTION.sub(lambda question: BARRIER * len(question.group()), text)
    for start, end in _segments(told):
        span = _cut(told, start, end, certain=True)
        if span and len(told[slice(*span)].split()) == len(told[start:end].split()):
            return span
        break  # "Jo, and my cell is ...": what stands first is the answer, or nothing that stands alone is
    return None


def _beside_a_phone(text: str, _asked: str | None, phone: bool) -> tuple[int, int] | None:
    """ "Jo 310 555 0147", "callback please. Percival, 562 555 0208": what stands alone beside the number."""
    if not phone:
        return None
    for start, end in _segments(text):
        words = text[start:end].split()
        if len(words) <= _ALONE and _is_name(text[start:end], certain=False) and not is_time(text[start:end]):
            return start, end
    return None


def _person(text: str, asked: str | None, _phone: bool) -> tuple[int, int] | None:
    """Someone whom spaCy sees in the answer: "it would be under my husband so robert chen"."""
    if asked != "name" or "?" in text:
        return None
    for start, end in people(text):
        before = text[:start].split()[-1:]
        if not (
            before and before[0].lower().strip(".") in word_lists()["titles"] and before[0].lower() in ("dr", "doctor")
        ):
            span = _cut(text, start, end, certain=False)
            if span:
                return span
    return None


def _segments(text: str) -> list[tuple[int, int]]:
    """The pieces of `text` between its breaks, without greetings before and thanks after."""
    found: list[tuple[int, int]] = []
    start = 0
    for stop in [*(match.span() for match in _BREAK.finditer(text)), (len(text), len(text))]:
        segment = text[start : stop[0]]
        begin = start + len(segment) - len(segment.lstrip())
        if lead := _LEAD_IN.match(text[begin : stop[0]]):
            begin += lead.end()
        end = begin + len(text[begin : stop[0]].rstrip(" -:"))
        if tail := _TAIL.search(text[begin:end]):
            end = begin + tail.start()
        if text[begin:end].strip():
            found.append((begin, end))
        start = stop[1]
    return found


def _cut(text: str, start: int, end: int, *, certain: bool) -> tuple[int, int] | None:
    """The span up to the first word that no name holds; None when that is the first one."""
    kept = start
    for match in re.finditer(r"\S+", text[start:end]):
        word = match.group().rstrip(",.;:!")
        inside = word.lower() in word_lists()["particles"] and len(text[start:end].split()) > 1
        inside = inside or (certain and word[:1].isupper() and word.lower() in word_lists()["also_names"])  # "June Day"
        if kept > start and not inside and (word.lower() in ("and", "my", "at") or not _is_name(word, certain=False)):
            break
        titled = word.lower().strip(".") in word_lists()["titles"]
        if kept == start and not titled and not _is_name(text[start : start + match.end()], certain=certain):
            return None
        kept = start + match.start() + len(word)
        if match.group()[-1] in ",;:!":
            break
    while (last := text[start:kept].split()[-1:]) and kept > start and last[0].lower() in word_lists()["particles"]:
        kept = start + len(text[start:kept].rstrip()) - len(last[0])  # "Ana y ..." ends with Ana
        kept = start + len(text[start:kept].rstrip())
    piece = text[start:kept]
    return (start, kept) if piece and _is_name(piece, certain=certain) else None


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """ "call my mom Elena" holds two: what follows "call", and what follows "my mom"."""
    place = 0
    while match := pattern.search(text, place):
        yield match
        place = match.start() + 1


def _says_no_to(text: str, match: re.Match[str]) -> bool:
    """Whether a plain "no" and a common word are all there is: "no rush", not "no, Dan" or "no its dan"."""
    start = match.start("name")
    return text[match.start() : start].lower() == "no " and text[start].islower()


def _is_name(piece: str, *, certain: bool) -> bool:
    """Whether `piece` may be a name; where `certain` that one stands there, "Will" is one too."""
    words = piece.strip(" ,.;:!-").split()
    if not 1 <= len(words) <= _MOST_WORDS or not all(re.fullmatch(_WORD, word) for word in words):
        return False
    lists = word_lists()
    bare = [word.lower().strip(".'’") for word in words]
    if len(words) > 1 and bare[0] in lists["titles"]:
        words, bare = words[1:], bare[1:]
    inner = [word for word in bare[1:-1] if word in lists["particles"]]
    fillers = [word for word in bare if word in lists["no_names"] and word not in inner]
    if not fillers:
        return True
    spared = all(word in lists["also_names"] for word in fillers)
    return spared and certain and words[0][0].isupper() and (len(words) == 1 or len(fillers) < len(words))


def _without_stop(title: re.Match[str]) -> str:
    initial = len(title["title"]) == 1
    return (
        title.group().replace(".", " ")
        if initial or title["title"].lower() in word_lists()["titles"]
        else title.group()
    )
