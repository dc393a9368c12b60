"""Take what tells who somebody is out of a text: names, phone numbers, e-mail and street addresses, dates of birth, and
card, social-security and other numbers.

Each recogniser turns a text into one with its finds in brackets. They run from the surest to the loosest, so
that a card number is gone before its digits could be taken for a phone number. What looks alike
and is harmless stays: "48 hours", "4-6 weeks", "9/11", "$1,200-1500".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import phonenumbers

from prp_guide.privacy.people import without_names

Recogniser = Callable[[str], str]

MONTH = (
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
    r"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
DATE = (
    rf"(?:\b\d{{1,2}}\s?[ /.-]\s?\d{{1,2}}\s?[ /.-]\s?{YEAR}\b"
    rf"|\b(?:19|20)\d\d[ /.-]\d{{1,2}}[ /.-]\d{{1,2}}\b"
    rf"|\b(?:0\d|1[0-2])[0-3]\d(?:19|20)\d\d\b|\b(?:0\d|1[0-2])[0-3]\d\d\d\b"
    rf"|\b{MONTH}\s*[-/]?\s*{DAY}\b(?:(?:,|\s|-|/|of|del?)*{YEAR}\b)?"
    rf"|\b(?:the\s+)?{DAY}\s*[-/]?\s*(?:of\s+|de\s+)?{MONTH}(?:(?:,|\s|-|/|of|del?)*{YEAR}\b)?)"
)
BIRTH = r"\b(?:born|birth(?:day|date)?|b[\s-]?day|d\.?\s?o\.?\s?b\b|nac[ií]\w*|cumplea[ñn]os)"

EMAIL = re.compile(r"[\w.%+'-]+\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)*\.[a-z]{2,24}\b", re.I)
SPOKEN_EMAIL = re.compile(
    r"\b[\w.%+-]+\s*[\[(]?\s*\b(?:at|arroba)\b\s*[\])]?\s*[\w-]+\s*[\[(]?\s*(?:\b(?:dot|punto)\b|\.)\s*[\])]?\s*"
    r"(?:com|net|org|edu|gov|co|io|me|us|info)\b",
    re.I,
)
DIGITS = re.compile(r"(?<![\d.+])\d(?:[ -]?\d){12,60}(?!\d)")
CARD_DIGITS = range(13, 20)
SSN = re.compile(r"(?<![\d-])\d{3}([ .-]|\s[-.]\s)\d{2}\1\d{4}(?![\d-])")
CARD_SAID = re.compile(
    r"(\b(?:card|visa|mastercard|amex|discover|tarjeta)\b[^.?!\d\n]{0,25})(\d(?:[ -]?\d){7,18}|\*{2,}[ -]?\d{4})(?!\d)",
    re.I,
)
SSN_SAID = re.compile(
    r"(\b(?:ssn|s\.s\.n\.?|seguro\s+social|social(?:\s+security)?(?:\s+(?:number|no\.?|num))?)\b"
    r"(?:\s+(?:are|ends?\s+in|ending\s+in|last\s+four|es))?\W{0,3}(?:is\b|:|=|#)?\W{0,3})"
    r"(\d(?:[ .-]{0,2}\d){8}|\d{4})(?![\d-])",
    re.I,
)
BORN_THEN = re.compile(rf"({BIRTH}[^.?!\d]{{0,25}}?)({DATE})", re.I)
DATE_THEN_BORN = re.compile(rf"({DATE})([^.?!\d]{{0,15}}?{BIRTH})", re.I)
# Written out in full, with a year from which a patient would be grown up: no appointment of the clinic's.
DATE_LONG_AGO = re.compile(
    rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:19\d\d|200\d)\b|\b(?:19\d\d|200\d)[/.-]\d{{1,2}}[/.-]\d{{1,2}}\b"
    rf"|\b{MONTH}[\s-]*{DAY}[,\s-]+(?:19\d\d|200\d)\b"
    rf"|\b{DAY}[\s-]*(?:of\s+|de\s+)?{MONTH}(?:[,\s-]|de\b|del\b)+(?:19\d\d|200\d)\b",
    re.I,
)
YEAR_OF_BIRTH = re.compile(
    rf"({BIRTH}\s+(?:date|year|is|on|in|el|en|:)?\W{{0,3}})((?:0?[1-9]|1[0-2])\s?[/-]\s?{YEAR})(?!\d)", re.I
)
# What libphonenumber's matcher passes over: numbers that no exchange has given out, and local ones.
PHONE = re.compile(
    r"(?<![\w$€£.,])(?:\+?1[\s./-]?)?(?:\([2-9]\d{2}\)|[2-9]\d{2})[\s./_-]{0,3}\d{3}[\s./_-]{0,3}\d{4}(?![\d%])"
)
SPACED_PHONE = re.compile(r"(?<![\d.,$])(?:\d[ .-]){6,}\d(?![\d%])")  # 3 1 0 5 5 5 0 1 4 7
FOREIGN_PHONE = re.compile(r"(?<!\w)\+\d(?:[\s().-]{0,2}\d){7,14}(?!\d)")
LOCAL_PHONE = re.compile(r"(?<![\w$€£.,/-])[2-9]\d{2}[\s.-]\d{4}(?![\d%/-]|\s*(?:usd|dollars?|bucks?|[$€£]))", re.I)
PHONE_SAID = re.compile(
    r"(\b(?:phone|cell|mobile|number|call\s+me|text\s+me|reach\s+me|tel[eé]fono|n[uú]mero)\b[^.?!\d\n]{0,20})"
    r"(\d(?:[\s.-]?\d){6,13})(?!\d)",
    re.I,
)
DIGIT_WORD = (
    r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    r"|double|triple|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|\d{1,4})"
)
SPOKEN_PHONE = re.compile(rf"\b{DIGIT_WORD}(?:[\s,.-]+{DIGIT_WORD}){{6,14}}\b", re.I)
# Numbers of a record, an account, a policy; and whatever else is too long to count anything.
NUMBER_SAID = re.compile(
    r"(\b(?:mrn|member|policy|account|acct|medical\s+record|record|chart|patient|licen[sc]e|passport|group|routing|subscriber"
    r"|p[oó]liza|cuenta|pasaporte)\b(?:\s+(?:id|number|num|no\.?|#|n[uú]mero))?\W{0,3}(?:is\b|es\b)?\W{0,3})"
    r"((?=[A-Z]*-?\d{2})[A-Z]{0,4}-?\d[\dA-Z-]{4,20})\b",
    re.I,
)
# A hash or an id of ours: the digits in it are nobody's.
HASH = re.compile(r"(?<![0-9a-f])((?=[0-9]*[a-f])[0-9a-f]{32,})(?![0-9a-f])")
LONG_NUMBER = re.compile(r"(?<![\w.,$€£/-])\d{9,}(?![\d%])")

_STREET = (
    r"(?:street|st|avenue|ave|boulevard|blvd|road|rd|lane|ln|terrace|highway|hwy|parkway|pkwy|circle|trail"
    r"|plaza|expressway|freeway|fwy)"
)
# These are plain words as well: a street's name before them has a capital.
_STREET_OR_NOT = (
    r"(?:Drive|Dr|Way|Court|Ct|Place|Pl|Square|Sq|Loop|Row|Alley|Path|Pass|Walk|Point|Pt|Cove|Run|View|Glen|Ridge)"
)
_UNIT = r"(?:[\s,]+(?:\#\s?|(?:apt|apartment|unit|suite|ste|room|rm|floor|fl|bldg)\b\.?\s*\#?\s?)[\w-]{1,6})?"
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|"
    r"California)"
)
_TOWN = rf"(?:[\s,]+(?:[A-Z][\w.'-]+\s?){{1,3}})?(?:[\s,]+{_STATE}\b\.?)?(?:[\s,]+\d{{5}}(?:-\d{{4}})?\b)?"
_NUMBER = (
    r"(?<![\w$.,/-])\d{1,5}(?:-\d{1,4})?[A-Za-z]?(?:\s+1/2)?\s+(?:[NSEW]{1,2}\.?\s+|(?i:north|south|east|west)\s+)?"
)
_NO_UNIT_OF = (
    r"(?!(?i:more|weeks?|days?|months?|years?|hours?|hrs?|minutes?|mins?|sessions?|times?|visits?|percent|of|or|to|and|in|am|pm|on"
    r"|dollars?|bucks|people|blocks?|miles?|needles?|shots?|treatments?|st|rd|th)\b)"
)
_NO_LINK = r"(?!(?i:of|a|an|the|and|or|is|to|in|my|your|o'clock|drops)\b)"
STREET = re.compile(
    rf"{_NUMBER}{_NO_UNIT_OF}(?:(?:{_NO_LINK}[\w'-]+\.?\s+){{1,3}}(?i:{_STREET})\b\.?|(?:[A-Z0-9][\w'-]*\.?\s+){{1,3}}{_STREET_OR_NOT}\b\.?)"
    rf"(?i:{_UNIT}){_TOWN}"
)
STREET_ES = re.compile(
    r"\b(?:calle|avenida|avda|carrera|camino|calzada|colonia)\s+(?:[\w'.-]+\s+){0,4}?(?:\#|n[uú]mero\s*|no?\.?\s*)?\d{1,5}\b",
    re.I,
)
BOX = re.compile(r"\bp\.?\s?o\.?\s?box\s+\#?\d+", re.I)
ADDRESS_SAID = re.compile(
    r"(\b(?:i\s+live\s+(?:at|on)|(?:my|home|street|mailing|billing)\s+address(?:\s+is|'s|:)?|vivo\s+en|mi\s+direcci[oó]n\s+es)\s+)"
    r"(\d+[^.?!\n]{3,60}?)(?=[.?!\n]|,?\s+(?:and|but|so|y|is|do|does|can|how|what|where|which)\b|$)",
    re.I,
)
ZIP = re.compile(
    rf"\b(?:(?:zip(?:\s?code)?|c[oó]digo\s+postal)\W{{0,3}}(?:is\s+|es\s+)?|(?:{_STATE}|ca),?\s+)\d{{5}}(?:-\d{{4}})?\b"
)


def redact(text: str) -> str:
    """`text` with "[name]", "[phone]", "[email]", "[card]", "[ssn]", "[date of birth]", "[address]" and "[number]" in
    place of such values.
    """
    return without_names(redact_numbers(text))


def redact_numbers(text: str) -> str:
    """The same, but for names: for what holds none, and what must not wait for the lists of names."""
    if HASH.search(text) is None:
        return _redact_numbers(text)
    return "".join(part if HASH.fullmatch(part) else _redact_numbers(part) for part in HASH.split(text))


def _redact_numbers(text: str) -> str:
    plain = _plain(text)
    redacted = plain
    if "@" in redacted or _AT.search(redacted):
        redacted = _emails(redacted)
    if any(sign.isdigit() for sign in redacted):
        for recognise in WITH_DIGITS:
            redacted = recognise(redacted)
    redacted = SPOKEN_PHONE.sub(_spoken_phone, redacted)
    return text if redacted == plain else redacted


def redact_secrets(text: str) -> str:
    """`text` without card and social-security numbers alone: no call needs them, so no request keeps them."""
    plain = _plain(text)
    redacted = _ssns(_cards(plain))
    return text if redacted == plain else redacted


_AT = re.compile(r"\b(?:at|arroba)\b", re.I)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_SIGNS = {
    0xFF0B: "+",
    0xFF20: "@",
    0xFF0E: ".",
    0xFF08: "(",
    0xFF09: ")",
    0xA0: " ",
    0x202F: " ",
    0x2009: " ",
    0x3000: " ",
}


def _plain(text: str) -> str:
    """`text` with the digits, dashes and blanks of all scripts in ASCII, so that none hides a number."""
    if text.isascii():
        return text
    text = text.translate(_DASHES | _SIGNS)
    digits = {sign: str(unicodedata.decimal(sign)) for sign in set(text) if not sign.isascii() and sign.isdecimal()}
    return "".join(digits.get(sign, sign) for sign in text) if digits else text


def _emails(text: str) -> str:
    return SPOKEN_EMAIL.sub("[email]", EMAIL.sub("[email]", text))


def _cards(text: str) -> str:
    return CARD_SAID.sub(r"\1[card]", DIGITS.sub(_cards_among, text))


def _cards_among(found: re.Match[str]) -> str:
    """The run of digits without the cards in it: a phone number may stand right before one."""
    groups = re.split(r"([ -])", found[0])
    starts = range(0, len(groups), 2)
    for start in starts:
        for end in range(len(groups), start, -2):
            piece = "".join(groups[start:end:2])
            if len(piece) in CARD_DIGITS and passes_luhn(piece):
                before, after = "".join(groups[:start]), "".join(groups[end:])
                return f"{before}[card]{DIGITS.sub(_cards_among, after)}"
    return found[0]


def _ssns(text: str) -> str:
    return SSN_SAID.sub(r"\1[ssn]", SSN.sub("[ssn]", text))


def _births(text: str) -> str:
    text = BORN_THEN.sub(r"\1[date of birth]", text)
    text = DATE_THEN_BORN.sub(r"[date of birth]\2", text)
    text = YEAR_OF_BIRTH.sub(r"\1[date of birth]", text)
    return DATE_LONG_AGO.sub("[date of birth]", text)


def _addresses(text: str) -> str:
    for pattern in (STREET, STREET_ES, BOX, ZIP):
        text = pattern.sub("[address]", text)
    return ADDRESS_SAID.sub(r"\1[address]", text)


def _phones(text: str) -> str:
    for found in reversed(list(phonenumbers.PhoneNumberMatcher(text, "US"))):
        text = f"{text[: found.start]}[phone]{text[found.end :]}"
    for pattern in (PHONE, FOREIGN_PHONE, SPACED_PHONE):
        text = pattern.sub("[phone]", text)
    text = PHONE_SAID.sub(r"\1[phone]", text)
    return LOCAL_PHONE.sub(lambda found: found[0] if _is_price_range(found[0]) else "[phone]", text)


def _spoken_phone(found: re.Match[str]) -> str:
    """A number in words has few words that count by tens, and no small numbers in a row: "1 2 3 4 5 6 7"."""
    return found[0] if found[0].replace(" ", "") in "12345678910" else "[phone]"


def _numbers(text: str) -> str:
    return LONG_NUMBER.sub("[number]", NUMBER_SAID.sub(r"\1[number]", text))


def _is_price_range(text: str) -> bool:
    """Whether seven digits such as "800-1200" are two round sums rather than a local number."""
    low, high = int(text[:3]), int(text[4:])
    return low < high and low % 50 == 0 and high % 50 == 0


def passes_luhn(text: str) -> bool:
    """Whether the digits of `text` carry the check digit that every payment card has."""
    total = 0
    for place, digit in enumerate(int(sign) for sign in reversed(text) if sign.isdigit()):
        total += digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4)
    return total % 10 == 0


WITH_DIGITS: tuple[Recogniser, ...] = (_cards, _ssns, _births, _addresses, _phones, _numbers)
