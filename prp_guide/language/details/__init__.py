"""The name, phone and best time in a patient's words, as spans of the text.

Only spans are found here, so that the words themselves stay in the one place that may hold them. A bare word is a
name or a time only when that was just asked for.
"""

from __future__ import annotations

from dataclasses import replace

from prp_guide.language.details.detail import Detail, Kind
from prp_guide.language.details.names import find_name, says_nothing
from prp_guide.language.details.phones import find_phone
from prp_guide.language.details.times import find_time
from prp_guide.language.details.voicemail import find_voicemail

__all__ = ["Detail", "Kind", "find_details", "says_nothing"]

_LONGEST = 400  # letters in which details are looked for


def find_details(text: str, *, asked: str | None = None, about_visit: bool = False) -> list[Detail]:
    """The details in `text`, at most one of a kind, in the order name, phone, time, voicemail.

    `asked` is the step whose answer is expected: name, phone, time, confirm or None. `about_visit` says that the wish
    is about a visit, so that "on Friday" is the day of the visit unless a call is spoken of.
    """
    if len(text) > _LONGEST:  # a story: what counts for the form stands at its end
        skipped = len(text) - _LONGEST
        found = find_details(text[skipped:], asked=asked, about_visit=about_visit)
        return [replace(detail, start=detail.start + skipped, end=detail.end + skipped) for detail in found]
    phone = find_phone(text, asked)
    voicemail = find_voicemail(text) if asked == "confirm" else None
    name = find_name(text, asked, phone)
    if name and voicemail and name.start < voicemail.end and voicemail.start < name.end:
        name = None  # in "no voicemail pls" the last word corrects nothing
    if asked == "name" and name is not None:
        time = find_time(text, asked, [phone, name], about_visit=about_visit)  # "Sunday Okafor" is no Sunday
    else:
        time = find_time(text, asked, [phone], about_visit=about_visit)
        if time and name and name.start < time.end and time.start < name.end:
            name = None
    return [detail for detail in (name, phone, time, voicemail) if detail]
