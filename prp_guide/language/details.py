"""The name, phone and best time in a patient's words, as spans of the text.

Only spans are found here, so that the words themselves stay in the one place that may hold them. A bare word is a
name or a time only when that was just asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers

Kind = Literal["name", "phone", "time"]


@dataclass(frozen=True)
class Detail:
    """A span `text[start:end]` with a name, phone or time; not `complete` when it is a phone too short to call."""

    kind: Kind
    start: int
    end: int
    complete: bool = True

    def of(self, text: str) -> str:
        return text[self.start : self.end].strip(" ,.;:!-")


_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_CLOCK = (
    r"(?:1[0-2]|0?[1-9])(?::[0-5]\d)?\s*(?:a\.?m\b\.?|p\.?m\b\.?|o'?clock|ish)"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d|noon|midday|midnight"
)
_PART = (
    r"(?:early|mid|late)?[\s-]*(?:mornings?|afternoons?|evenings?|nights?|lunch(?:time|\s+break|\s+hour)?"
    r"|tonight|daytime|work\s+hours|business\s+hours)"
)
_LOOSE = "|".join(
    (
        r"any\s?time(?:\s+is\s+(?:fine|good|ok(?:ay)?))?|any\s+day|all\s+day|no\s+preference",
        r"whenever(?:\s+(?:you\s+can|is\s+(?:fine|good|easiest)))?|doesn'?t\s+matter|don'?t\s+care",
        r"a\.?s\.?a\.?p\.?|as\s+soon\s+as\s+(?:you\s+can|possible)|right\s+(?:now|away)|soon(?:est)?|now|later",
        r"today|tomorrow|tom(?:m)?or+ow|tmrw|tmr|tmw|weekends?|weekdays?",
        r"(?:this|next|later\s+this|early\s+next|end\s+of\s+the)\s+week",
        r"after\s+(?:work|school|lunch|dinner|breakfast|church)|before\s+(?:work|school|lunch|dinner|noon)",
        r"in\s+an?\s+(?:hour|bit|few)|first\s+thing",
    )
)
_UNIT = rf"(?:{_DAYS}|{_PART}|{_CLOCK}|{_LOOSE}|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?)"
_BEFORE = r"after|before|around|about|at|between|from|until|till?|by|on|in|any|every|this|next|the"
_LINK = (
    r"(?:after|before|around|about|at|between|from|until|till?|by|on|in|the|this|next|every|and|or|to|but|not"
    r"|except|only|is|are|best|works?|good|fine|great|ok(?:ay)?|for|me|,|-|–|/|&|\d{1,2}(?::\d{2})?)"
)
_TIME = re.compile(
    rf"(?<![\w'])(?:(?:{_BEFORE})\s+)*{_UNIT}(?:\s*{_LINK}(?=[\s,\-–/&]|$)|\s*,?\s*{_UNIT})*(?![\w'])", re.IGNORECASE
)
_HOUR = r"(?:1[0-2]|[1-9])(?::[0-5]\d)?"
_BARE_HOURS = re.compile(
    rf"(?<![\w-])(?:(?:after|before|around|about|at|between|from|by)\s+){_HOUR}(?:\s*(?:-|–|to|and)\s*{_HOUR})?(?![\w-])",
    re.IGNORECASE,
)
_HOURS_RANGE = re.compile(rf"(?<![\w-]){_HOUR}\s*(?:-|–|to)\s*{_HOUR}(?![\w-])")
_ONE_HOUR = re.compile(rf"\s*{_HOUR}\s*")

_DIGITS = re.compile(r"(?<![\w$#])\+?\(?\d(?:[\s().\-–/]{0,3}\d){4,17}(?!\w)")

_INTRODUCED = re.compile(
    r"\b(?:(?:my|the|her|his)\s+(?:full\s+|first\s+)?name(?:'s|\s+is|\s+would\s+be)?|name(?:'s|\s+is|:)|this\s+is|call\s+me|i\s+go\s+by|ask\s+for|it'?s\s+(?:under\s+)?|i\s?am|i'?m|im)\s*:?\s+"
    r"(?P<name>[^\W\d_][\w'’.\-]*(?:\s+[^\W\d_][\w'’.\-]*){0,3})",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    r"\b(?:(?:sorry|oops|actually|no|wait|i\s+mean(?:t)?|correction|make\s+that|should\s+be|it'?s|change\s+(?:it|that|my\s+name)\s+to)[\s,:.]+)+(?P<name>[^\W\d_][\w'’\-]*(?:\s+[^\W\d_][\w'’\-]*){0,2}?)(?:\s*,?\s+not\s+[^\W\d_][\w'’\-]*)?\s*[.!]*$",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|hey|ok(?:ay)?|sure|yes|yeah|yep|um+|uh+|so|well|oh|sorry|oops|its|it'?s|just)[\s,:.!-]+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,]+(?:here|please|pls|plz|thanks|thank\s+you|thx|ty|speaking)[\s.!]*$", re.IGNORECASE)

_TITLE = re.compile(r"\b(?:dr|mr|mrs|ms|prof)\.", re.IGNORECASE)

# Words that begin or fill a sentence, and so are no name when a name was asked.
_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        """
        a about actually after again all already also am an and another any anything appointment are as asap ask
        at back be because been before bot but by call callback called can can't cancel cant change chat clinic
        correct could dan't day did do does doesn't doing don't done dont eh else end evening evenings fine for
        forget from get go good got great had hair has have hello help her hey hi him his hm hmm hold hours how
        human hurt i i'd i'll i'm i've if im in info is isn't it it's its just know later leave let like ll long
        lose maybe me mind mine more morning mornings much my name need needles never nevermind new next no none
        nope not nothing now number of off ok okay on one only or other our out over pain person phone please
        pls prefer price privacy private prp question questions quit rather really right safe say second see
        send session sessions she should skip so some someone something sorry start stop stuff sure talk tell
        thank thanks that that's the their them then there these they think this time times to today tomorrow
        too treatment u uh um understand until up ur us use wait want was wash way we well were what what's
        whats when whenever where which who whose why will with without won't work would wrong ya yeah yep yes
        yet you your
        """,
    )
)


def find_details(text: str, *, asked: str | None = None) -> list[Detail]:
    """The details in `text`, at most one of a kind, in the order name, phone, time.

    `asked` is the step whose answer is expected: name, phone, time, confirm or None.
    """
    found: list[Detail] = []
    phone = _phone(text, asked)
    time = _time(text, asked, phone)
    name = _name(text, asked, [span for span in (phone, time) if span])
    found.extend(detail for detail in (name, phone, time) if detail)
    return found


def _phone(text: str, asked: str | None) -> Detail | None:
    matches = list(phonenumbers.PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.POSSIBLE))
    whole = [match for match in matches if len(re.sub(r"\D", "", match.raw_string)) >= 10]
    if whole:
        # The last one: "not 310 555 0147, it's 310 555 0148".
        return Detail("phone", whole[-1].start, whole[-1].end)
    runs = list(_DIGITS.finditer(text))
    if runs:
        run = runs[-1]
        digits = re.sub(r"\D", "", run.group())
        if asked == "phone" or len(digits) >= 7:
            return Detail("phone", run.start(), run.end(), complete=len(digits) in (10, 11))
    if asked == "phone":
        few = re.search(r"\d[\d\s().-]*", text)
        if few and not re.search(r"[a-z]{3,}", text.lower().replace("my", "").replace("number", "")):
            return Detail("phone", few.start(), few.end(), complete=False)
    return None


def _time(text: str, asked: str | None, phone: Detail | None) -> Detail | None:
    masked = _mask(text, [phone] if phone else [])
    spans = [match.span() for match in _TIME.finditer(masked)]
    spans += [match.span() for match in _BARE_HOURS.finditer(masked)]
    if asked == "time":
        spans += [match.span() for match in _HOURS_RANGE.finditer(masked)]
        bare = _ONE_HOUR.fullmatch(masked)
        if bare:
            spans.append(bare.span())
    if not spans:
        return None
    # "Tuesday, after I pick up the kids at 3" is one wish: from the first time word to the last.
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    if asked == "time" and len(text.split()) <= 12:
        head = masked[:start]
        only = re.search(r"\b(?:not|except|but|only|anything|any)\b[^.]*$", head, re.IGNORECASE)
        start = only.start() if only else start
    return Detail("time", start, end)


def _name(text: str, asked: str | None, taken: Sequence[Detail]) -> Detail | None:
    masked = _TITLE.sub(lambda title: title.group().replace(".", " "), _mask(text, taken))
    corrected = _CORRECTED.search(masked)
    if corrected and _is_name(corrected["name"]):
        return Detail("name", *corrected.span("name"))
    for match in _INTRODUCED.finditer(masked):
        start, end = _trim(masked, *match.span("name"))
        lead = match.group().lower()
        certain = "name" in lead or lead.startswith(("call me", "i go by", "ask for"))
        with_phone = any(detail.kind == "phone" for detail in taken)
        if _is_name(masked[start:end]) and (certain or asked == "name" or with_phone):
            return Detail("name", start, end)
    if asked == "name":
        greeting = _LEAD_IN.match(masked)
        start = greeting.end() if greeting else 0
        piece = re.split(r"[,;.!?\n]|\s-\s|\s{3,}", masked[start:], maxsplit=1)[0]
        start, end = _trim(masked, start, start + len(piece))
        tail = _TAIL.search(masked[start:end])
        end = start + tail.start() if tail else end
        if "?" not in masked and _is_name(masked[start:end]):
            return Detail("name", start, end)
    if taken and any(detail.kind == "phone" for detail in taken):
        # "Jo 310 555 0147": what stands alone before the phone.
        phone = next(detail for detail in taken if detail.kind == "phone")
        greeting = _LEAD_IN.match(masked)
        start = greeting.end() if greeting else 0
        piece = masked[start : phone.start].strip(" ,:;-–")
        if _is_name(piece) and len(piece.split()) <= 3:
            begin = masked.index(piece, start)
            return Detail("name", begin, begin + len(piece))
    return None


def _is_name(piece: str) -> bool:
    words = piece.strip(" ,.;:!-").split()
    return (
        1 <= len(words) <= 4
        and all(re.fullmatch(r"[^\W\d_][\w'’.\-]*", word) for word in words)
        and not any(word.lower().strip(".") in _NO_NAME for word in words)
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its ends, and cut before the first word that no name holds."""
    kept_end = start
    for match in re.finditer(r"\S+", text[start:end]):
        word = match.group().strip(",.;:!").lower()
        if word in _NO_NAME or word in ("and", "my", "at") or re.search(r"\d", word):
            if kept_end > start:
                break
            return start, start
        kept_end = start + match.end()
        if match.group()[-1] in ",;:!":
            kept_end -= 1
            break
    begin = start + len(text[start:kept_end]) - len(text[start:kept_end].lstrip())
    return begin, kept_end


def _mask(text: str, spans: Sequence[Detail]) -> str:
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text
