"""Whether a voicemail may be left, in a patient's words."""

from __future__ import annotations

import re

from prp_guide.language.details.detail import Detail

_VOICEMAIL = re.compile(
    r"\b(?:voice ?mails?|vm|(?:leave|leaving|left) (?:me )?(?:a |any )?messages?|answering machine"
    r"|(?<=\bno )messages?|(?<=\bno )mensajes?|(?<=\bsin )mensajes?|mensajes? de voz"
    r"|buz[oó]n(?: de voz)?|(?:dejar?|dejen|dejarme) (?:un )?mensaje)\b",
    re.IGNORECASE,
)
# Before the word; "no problem" and "no, ..." refuse nothing.
_REFUSED = re.compile(
    r"\b(?:no(?! problem| worries|,)|not|don'?t|dont|do not|never|without|nope|sin|nunca)\b[^,]*$", re.IGNORECASE
)
_REFUSED_AFTER = re.compile(r"^\W*(?:please\W+)?(?:no|nope|not|don'?t|never|is not|isn'?t)\b", re.IGNORECASE)


def find_voicemail(text: str) -> Detail | None:
    """What `text` says about a voicemail; not complete when none is wanted."""
    said = _VOICEMAIL.search(text)
    if said is None:
        return None
    start = max(text.rfind(sign, 0, said.start()) for sign in ".;!?,") + 1
    stop = min((place for sign in ".;!?," if (place := text.find(sign, said.end())) >= 0), default=len(text))
    before, after = text[start : said.start()], text[said.end() : stop]
    refused = _REFUSED.search(before) or _REFUSED_AFTER.match(after)
    return Detail("voicemail", *said.span(), complete=refused is None)
