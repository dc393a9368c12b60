"""What a patient agrees to before a request is sent.

The sentence itself stands with the other texts, in data/replies.yml, in each language. A request keeps the
version of it that was shown: whoever changes the sentence gives it a new version here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Consent:
    """`version` is kept with a request; `reply` names the sentence in data/replies.yml."""

    version: str
    reply: str


CONSENT = Consent(version="callback-1", reply="callback_consent")
