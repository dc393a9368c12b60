"""The phone number in a patient's words."""

from __future__ import annotations

import re

import phonenumbers

from prp_guide.language.details.detail import Detail

_WHOLE = 10  # digits of a number that can be called
_RUN = re.compile(r"(?<![\w$#])\+?\(?\d(?:[\s().\-–/]{0,3}\d){4,17}(?!\w)")
_FEW = re.compile(r"\d[\d\s().-]*")
_TAKEN_BACK = re.compile(r"\b(?:not|no|instead of|en vez de)\W*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ABOUT_A_NUMBER = re.compile(
    r"\b(?:my|number|num|phone|cell|mobile|it'?s|its|is|area|code|numero|número|mi|es)\b", re.I
)


def find_phone(text: str, asked: str | None) -> Detail | None:
    """The number to call; not complete when it cannot be called, such as an e-mail address where one was asked."""
    matches = list(phonenumbers.PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.POSSIBLE))
    whole = [match for match in matches if len(re.sub(r"\D", "", match.raw_string)) >= _WHOLE]
    if whole:
        # The last one that is not taken back: "not 310 555 0147, it's 310 555 0148".
        meant = [match for match in whole if not _TAKEN_BACK.search(text[: match.start])] or whole
        return Detail("phone", meant[-1].start, meant[-1].end)
    runs = list(_RUN.finditer(text))
    if runs:
        run = runs[-1]
        digits = re.sub(r"\D", "", run.group())
        if asked == "phone" or len(digits) >= 7:
            return Detail("phone", run.start(), run.end(), complete=len(digits) in (10, 11))
    if asked != "phone":
        return None
    if address := _ADDRESS.search(text):
        return Detail("phone", *address.span(), complete=False)
    few = _FEW.search(text)
    if few and not re.search(r"[a-z]{3,}", _ABOUT_A_NUMBER.sub("", text.lower())):
        return Detail("phone", *few.span(), complete=False)
    return None
