"""The time at which to call, in a patient's own words, English or Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prp_guide.language.details.detail import BARRIER, Detail, masked
from prp_guide.language.details.entities import moments
from prp_guide.language.details.words import leads, tails

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_DAYS = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bados?|domingos?"
)
_CLOCK = (
    r"(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?\s*(?:[ap]\s?\.?\s?m\b\.?|o'?clock|ish)"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d|noon|midday|midnight|mediod[ií]a"
    r"|(?:(?:despu[eé]s|antes)\s+de\s+)?las?\s+\d{1,2}(?::\d\d)?(?:\s+y\s+media)?(?:\s+de\s+la\s+(?:ma[nñ]ana"
    r"|tarde|noche))?"
)
_PART = (
    r"(?:early|mid|late)?[\s-]*(?:mornings?|afternoons?|evenings?|nights?|lunch(?:time|\s+break|\s+hour)?"
    r"|tonight|daytime|work\s+hours|business\s+hours)"
    r"|(?:(?:por|en|a)\s+las?\s+)?(?:ma[nñ]anas?|tardes?|noches?)"
)
_LOOSE = "|".join(
    (
        r"any\s?time(?:\s+is\s+(?:fine|good|ok(?:ay)?))?|any\s+day|all\s+day|no\s+preference",
        r"whenever(?:\s+(?:you\s+can|is\s+(?:fine|good|easiest)))?|doesn'?t\s+matter|don'?t\s+care",
        r"a\.?s\.?a\.?p\.?|as\s+soon\s+as\s+(?:you\s+can|possible)|right\s+(?:now|away)|soon(?:est)?|now|later",
        r"today|tomorrow|tom(?:m)?or+ow|tmrw|tmr|tmw|weekends?|weekdays?|wknds?",
        r"(?:this|next|later\s+this|early\s+next|end\s+of\s+the)\s+week",
        r"after\s+(?:work|school|lunch|dinner|breakfast|church)|before\s+(?:work|school|lunch|dinner|noon)",
        r"in\s+an?\s+(?:hour|bit|few)|first\s+thing|(?:the\s+)?end\s+of\s+(?:the\s+)?(?:work\s*)?day|eod|cob",
        r"hoy|pasado\s+ma[nñ]ana|entre\s+semana|fin(?:es)?\s+de\s+semana|esta\s+semana|la\s+pr[oó]xima\s+semana",
        r"cuando\s+(?:quieran?|puedan?|sea)|cualquier\s+(?:hora|d[ií]a|momento)|a\s+cualquier\s+hora",
        r"lo\s+antes\s+posible|cuanto\s+antes|ahora(?:\s+mismo)?|(?:despu[eé]s|antes)\s+del?\s+(?:trabajo"
        r"|almuerzo|comer)",
    )
)
_UNIT = rf"(?:{_DAYS}|{_CLOCK}|{_LOOSE}|{_PART}|(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?)"
# Not "Sun" in "Sun-hee", but "Mon" in "Mon-Fri".
_ENDS = rf"(?![\w'])(?!-(?!(?:{_DAYS}|{_PART})\b)[^\W\d_])"
_BEFORE = (
    r"after|before|around|about|at|between|from|until|till?|by|on|in|any|anything|every|this|next|the|only|not|no"
    r"|except|but|either|for|el|los|por|en|a|sobre|desde|hasta"
)
_LINK = (
    r"(?:after|before|around|about|at|between|from|until|till?|by|on|in|the|this|next|every|and|or|to|but|not"
    r"|except|only|is|are|best|works?|good|fine|great|ok(?:ay)?|for|me|y|o|a|de|la|el|,|-|–|/|&|\d{1,2}(?::\d{2})?)"
)
_TIME = re.compile(
    rf"(?<![\w'|-])(?:(?:{_BEFORE})\s+)*{_UNIT}{_ENDS}(?:\s*,?\s*{_UNIT}{_ENDS}|\s*{_LINK}(?=[\s,\-–/&]|$))*",
    re.IGNORECASE,
)
_A_UNIT = re.compile(rf"(?<![\w'|-]){_UNIT}{_ENDS}", re.IGNORECASE)
_HOUR = r"(?:1[0-2]|[1-9])(?::[0-5]\d)?"
_BARE_HOURS = re.compile(
    rf"(?<![\w-])(?:(?:after|before|around|about|at|between|from|by|past)\s+){_HOUR}"
    rf"(?:\s*(?:-|–|to|and)\s*{_HOUR})?(?![\w-])",
    re.IGNORECASE,
)
_HOURS_RANGE = re.compile(rf"(?<![\w-]){_HOUR}\s*(?:-|–|to)\s*{_HOUR}(?![\w-])")
_ONE_HOUR = re.compile(rf"\s*{_HOUR}\s*")

_SENTENCE = re.compile(r"[^?!.;\n]+[?!.;\n]*")
_CLAUSE = re.compile(r"[^?!.;,\n]+[?!.;,\n]*")
_HALF_OF_DAY = re.compile(r"(?<=\d)\s*[ap]\.\s?m\b\.?|\b[ap]\.\s?m\b\.?", re.IGNORECASE)
_OPENER = re.compile(
    r"\W*(?:(?:and|oh|so|but|ok|okay|wait|y|pero)\s+)*(?:what|how|where|why|who|which"
    r"|when (?:do|does|did|is|are|will|can|should|would)|are you|do you|do i|does|did|is it|is there|is the"
    r"|will it|will i"
    r"|can i (?!get|have)|qu[eé]|cu[aá]nto|cu[aá]ndo (?:es|son|puedo)|d[oó]nde|c[oó]mo|abren|atienden|trabajan"
    r"|hay|tienen)\b",
    re.IGNORECASE,
)
# A question that proposes a time: "is Tuesday ok?", "how about 3?".
_PROPOSAL = re.compile(
    r"\b(?:ok(?:ay)?|fine|works?|good|possible|how about|what about|maybe|would|(?:can|could) (?:you|we|they|i) do"
    r"|qu[eé] tal|puede|pueden)\b",
    re.IGNORECASE,
)
_CALL = re.compile(r"\b(?:call|ring|phone|reach|contact|callback|buzz|llam\w+|marqu\w+)\b", re.IGNORECASE)
_VISIT = r"(?:appointment|appt|apt|visit|session|consult(?:ation)?|treatment|procedure|booking|slot|cita|sesi[oó]n)"
_DAY_OF_VISIT = re.compile(
    rf"\b{_VISIT}\b(?:\s+(?:is|was|that'?s|thats|scheduled|booked|set|for|on|at|this|next|coming|up|es|del?|el|la))*"
    rf"\s+(?:{_UNIT}{_ENDS}(?:\s*(?:at|,|-|to|and)?\s*)?)+|{_UNIT}(?:'s)?\s+{_VISIT}\b",
    re.IGNORECASE,
)
# "Have a good afternoon", "good morning", and what is over.
_MANNERS = re.compile(
    rf"\b(?:have\s+an?|enjoy\s+(?:your|the))\s+(?:\w+\s+){{0,2}}{_UNIT}{_ENDS}|\bgood\s+(?:morning|afternoon"
    rf"|evening|night)\b"
    rf"|\bbuen(?:as?|os)?\s+(?:d[ií]as?|tardes?|noches?)|\bfeliz\s+(?:d[ií]a|tarde|noche|fin\s+de\s+semana)"
    rf"|\blast\s+{_UNIT}{_ENDS}",
    re.IGNORECASE,
)
_NOW = re.compile(r"\W*(?:right\s+)?(?:now|then|away|later|soon|ahora)\W*", re.IGNORECASE)

_ASIDE = re.compile(r"\s*,\s*(?:and|that|since|because|cuz|but|i|my|the)\b.*$|\s*[.!]\s.*$", re.IGNORECASE)
_INSTEAD = re.compile(r"[\s,]+(?:not|instead\s+of|rather\s+than|no\s+el|en\s+vez\s+de)\s+.*$", re.IGNORECASE)
_NOT_THEN = re.compile(r"^(?:not|no)\s+.+?(?:,|\bbut\b|\bit'?s\b|\bmake\s+it\b)\s*(?=.*\w)", re.IGNORECASE)
_SECOND_THOUGHT = re.compile(
    r"^\W*(?:no|sorry|actually|wait|scratch that|i mean|better|mejor|perd[oó]n)\b", re.IGNORECASE
)
_DANGLING = re.compile(
    r"(?:\s*,\s*|\s+)(?:and|or|but|to|is|are|for|me|the|on|at|in|by|y|o|de|la|el|,|-|&)$", re.IGNORECASE
)
_FEW_WORDS = 3
_LONGEST_ANSWER = 16  # words: what is longer tells a story around the time
_ONE_WISH = 40  # letters between two times of one wish: "Tuesday, after I pick up the kids at 3"


def find_time(
    text: str, asked: str | None, taken: Sequence[Detail | None], *, about_visit: bool = False
) -> Detail | None:
    """When to call, from the first word of the wish to its last; `taken` are spans that belong to other details."""
    open_text = masked(text, [(detail.start, detail.end) for detail in taken if detail])
    # "9 a.m." ends no sentence.
    open_text = _HALF_OF_DAY.sub(lambda half: half.group().replace(".", " "), open_text)
    if asked != "time":
        open_text = masked(open_text, [match.span() for match in _DAY_OF_VISIT.finditer(open_text)])
        if about_visit and asked is None:
            call = _CALL.search(open_text)
            if call is None:
                return None
            open_text = masked(open_text, [(0, call.start())])
    open_text = masked(open_text, [match.span() for match in _MANNERS.finditer(open_text)])
    for clause in _CLAUSE.finditer(open_text):
        if not _wishes(clause.group(), asked):
            open_text = masked(open_text, [clause.span()])
    units = list(_units(open_text, asked))
    if not units:
        return None
    start, end = _answer(open_text, units) if asked == "time" else _wish(units, open_text)
    if tail := tails().search(open_text, start, end):
        end = tail.start()
    start, end = _without_the_old(open_text, start, end)
    while dangling := _DANGLING.search(open_text[start:end].rstrip()):
        end = start + dangling.start()
    if _NOW.fullmatch(open_text[start:end]) and (asked == "confirm" or _leads_on(open_text, start, end, asked)):
        return None  # "yes that's right now", "ok send it now"
    return Detail("time", start, end)


def is_time(text: str) -> bool:
    """Whether all of `text` is a day or a time."""
    return bool(_TIME.fullmatch(text.strip(" ,.!?")))


def _wishes(clause: str, asked: str | None) -> bool:
    """Whether the times in `clause` may be when to call: not those of a question about something else."""
    opened = _OPENER.match(clause)
    if not (opened or "?" in clause) or _CALL.search(clause):
        return True
    short = len(clause.split()) <= _FEW_WORDS and not opened
    return asked in ("time", "confirm") and (short or bool(_PROPOSAL.search(clause)))


def _leads_on(text: str, start: int, end: int, asked: str | None) -> bool:
    """Whether the time is only the beginning of something else: "now it's 213 ..."."""
    return asked in ("name", "phone") and not re.match(r"\s*(?:[,.;!|]|$)", text[end:])


def _units(text: str, asked: str | None) -> Iterator[tuple[int, int]]:
    found = [match.span() for match in _TIME.finditer(text)] + [match.span() for match in _BARE_HOURS.finditer(text)]
    if asked == "time":
        found += [match.span() for match in _HOURS_RANGE.finditer(text)]
        if bare := _ONE_HOUR.fullmatch(text.rstrip(" .!")):
            found.append(bare.span())
        if not found:
            found = [span for span in moments(text) if BARRIER not in text[slice(*span)]]
    yield from sorted(found)


def _answer(text: str, units: list[tuple[int, int]]) -> tuple[int, int]:
    """All of the answer that is about time, without its manners."""
    for sentence in _SENTENCE.finditer(text):
        later = [span for span in units if span[0] >= sentence.start()]
        if later and later != units and _SECOND_THOUGHT.match(sentence.group()):
            units = later  # "Monday. No sorry, Wednesday"
    start, end = units[0][0], max(span[1] for span in units)
    for sentence in _SENTENCE.finditer(text):
        if sentence.start() <= start < sentence.end():
            start = sentence.start()
        if sentence.start() < end <= sentence.end():
            end = sentence.end()
    before, after = text.rfind(BARRIER, start, units[0][0]), text.find(BARRIER, units[-1][1], end)
    start, end = max(start, before + 1), after if after >= 0 else end
    first = _A_UNIT.search(text, start, end)
    if lead := leads().match(text, start, first.start() if first else end):
        start = lead.end()
    if (rest := text[max(span[1] for span in units) : end]) and (aside := _ASIDE.search(rest)):
        end -= len(rest) - aside.start()  # "after 4, and the number is ..."
    if BARRIER in text[start:end] or len(text[start:end].split()) > _LONGEST_ANSWER or not text[start:end].strip():
        return units[0][0], max(span[1] for span in units)
    return start, end


def _wish(units: list[tuple[int, int]], text: str) -> tuple[int, int]:
    """The longest run of times that belong together."""
    runs = [units[0]]
    for start, end in units[1:]:
        between = text[runs[-1][1] : start]
        if BARRIER not in between and len(between) <= _ONE_WISH:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return max(runs, key=lambda span: span[1] - span[0])


def _without_the_old(text: str, start: int, end: int) -> tuple[int, int]:
    """Of "Tuesday, not Monday" the Tuesday; "not mornings" stays."""
    if (old := _INSTEAD.search(text[start:end])) and _A_UNIT.search(text[start : start + old.start()]):
        return start, start + old.start()
    if (old := _NOT_THEN.match(text[start:end])) and _A_UNIT.search(text[start + old.end() : end]):
        return start + old.end(), end
    return start, end
