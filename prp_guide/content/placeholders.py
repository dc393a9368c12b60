"""Names in braces in a text: {phone}. Filled in one pass: a patient's own words are never read as one."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{(\w*)\}")

# What a topic may name. The first two are always known, the others when clinic.yml says so.
TOPIC_PLACEHOLDERS = ("phone", "name", "kept_days", "languages", "hours", "address", "after_hours_phone")


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces in `text`, in their order."""
    return tuple(PLACEHOLDER.findall(text))


def fill(text: str, words: Mapping[str, str]) -> str:
    """`text` with the names in braces replaced. A name that `words` lacks stays as it is."""
    return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)


def stray_brace(text: str) -> bool:
    """True when a brace belongs to no name."""
    return any(brace in PLACEHOLDER.sub("", text) for brace in "{}")
