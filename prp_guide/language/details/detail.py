"""One detail of a callback request, as a span of the message that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "phone", "time", "voicemail"]

BARRIER = "|"  # stands for letters that are spoken for; nothing that is looked for reaches across it


@dataclass(frozen=True)
class Detail:
    """A span `text[start:end]` with a name, a phone, a time, or what was said about a voicemail.

    Not `complete`: a phone too short to call, or a voicemail that is not wanted.
    """

    kind: Kind
    start: int
    end: int
    complete: bool = True

    def of(self, text: str) -> str:
        return text[self.start : self.end].strip(" ,.;:!-")


def masked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text`, as long as it was, with barriers in place of `spans`."""
    for start, end in spans:
        text = text[:start] + BARRIER * (end - start) + text[end:]
    return text
