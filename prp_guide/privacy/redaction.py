"""Take phone numbers, e-mail addresses, card and social-security numbers and dates of birth out of a text.

Each recogniser turns a text into one with its finds in brackets. They run from the surest to the loosest, so
that a card number is gone before its digits could be taken for a phone number. What looks alike
and is harmless stays: "48 hours", "4-6 weeks", "9/11", "$1,200-1500".
"""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers

Recogniser = Callable[[str], str]

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
DATE = (
    rf"(?:\b\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?{YEAR}\b"
    rf"|\b(?:19|20)\d\d[/.-]\d{{1,2}}[/.-]\d{{1,2}}\b"
    rf"|\b{MONTH}\s+{DAY}\b(?:,?\s*{YEAR}\b)?"
    rf"|\b{DAY}\s+(?:of\s+)?{MONTH}(?:,?\s*{YEAR}\b)?)"
)
BIRTH = r"\b(?:born|birth(?:day|date)?|b[\s-]?day|d\.?o\.?b\b|nac[ií]\w*|cumplea[ñn]os)"

EMAIL = re.compile(r"[\w.%+'-]+\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)*\.[a-z]{2,24}\b", re.I)
SPOKEN_EMAIL = re.compile(
    r"\b[\w.%+-]+\s*[\[(]?\s*\bat\b\s*[\])]?\s*[\w-]+\s*[\[(]?\s*(?:\bdot\b|\.)\s*[\])]?\s*"
    r"(?:com|net|org|edu|gov|co|io|me|us|info)\b",
    re.I,
)
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d])")
SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])")
SSN_SAID = re.compile(
    r"(\b(?:ssn|social(?:\s+security)?(?:\s+(?:number|no\.?|num))?)\b\W{0,3}(?:is\b|:|=|#)?\W{0,3})"
    r"(\d(?:[ -]?\d){8}|\d{4})(?![\d-])",
    re.I,
)
BORN_THEN = re.compile(rf"({BIRTH}[^.?!\d]{{0,25}}?)({DATE})", re.I)
DATE_THEN_BORN = re.compile(rf"({DATE})([^.?!\d]{{0,15}}?{BIRTH})", re.I)
# Written out in full, with a year from which a patient would be grown up: no appointment of the clinic's.
DATE_LONG_AGO = re.compile(
    rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:19\d\d|200\d)\b|\b(?:19\d\d|200\d)[/.-]\d{{1,2}}[/.-]\d{{1,2}}\b"
    rf"|\b{MONTH}\s+{DAY},?\s+(?:19\d\d|200\d)\b|\b{DAY}\s+(?:of\s+)?{MONTH},?\s+(?:19\d\d|200\d)\b",
    re.I,
)
# What libphonenumber's matcher passes over: numbers that no exchange has given out, and local ones.
PHONE = re.compile(
    r"(?<![\w$€£.,])(?:\+?1[\s.-]?)?(?:\([2-9]\d{2}\)|[2-9]\d{2})[\s.-]{0,3}\d{3}[\s.-]{0,3}\d{4}(?![\d%])"
)
FOREIGN_PHONE = re.compile(r"(?<!\w)\+\d(?:[\s().-]{0,2}\d){7,14}(?!\d)")
LOCAL_PHONE = re.compile(r"(?<![\w$€£.,/-])[2-9]\d{2}[\s.-]\d{4}(?![\d%/-]|\s*(?:usd|dollars?|bucks?|[$€£]))", re.I)
PHONE_SAID = re.compile(
    r"(\b(?:phone|cell|mobile|number|call\s+me|text\s+me|reach\s+me|tel[eé]fono|n[uú]mero)\b[^.?!\d\n]{0,20})"
    r"(\d(?:[\s.-]?\d){6,13})(?!\d)",
    re.I,
)
DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|\d)"
SPOKEN_PHONE = re.compile(rf"\b{DIGIT_WORD}(?:[\s,.-]+{DIGIT_WORD}){{6,14}}\b", re.I)


def redact(text: str) -> str:
    """`text` with "[phone]", "[email]", "[card]", "[ssn]" and "[date of birth]" in place of such values.

    Names are not looked for.
    """
    for recognise in RECOGNISERS:
        text = recognise(text)
    return text


def _emails(text: str) -> str:
    return SPOKEN_EMAIL.sub("[email]", EMAIL.sub("[email]", text))


def _cards(text: str) -> str:
    return CARD.sub(lambda found: "[card]" if passes_luhn(found[0]) else found[0], text)


def _ssns(text: str) -> str:
    return SSN_SAID.sub(r"\1[ssn]", SSN.sub("[ssn]", text))


def _births(text: str) -> str:
    text = BORN_THEN.sub(r"\1[date of birth]", text)
    text = DATE_THEN_BORN.sub(r"[date of birth]\2", text)
    return DATE_LONG_AGO.sub("[date of birth]", text)


def _phones(text: str) -> str:
    for found in reversed(list(phonenumbers.PhoneNumberMatcher(text, "US"))):
        text = f"{text[: found.start]}[phone]{text[found.end :]}"
    for pattern in (PHONE, FOREIGN_PHONE):
        text = pattern.sub("[phone]", text)
    text = PHONE_SAID.sub(r"\1[phone]", text)
    text = LOCAL_PHONE.sub(lambda found: found[0] if _is_price_range(found[0]) else "[phone]", text)
    return SPOKEN_PHONE.sub("[phone]", text)


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


RECOGNISERS: tuple[Recogniser, ...] = (_emails, _cards, _ssns, _births, _phones)
