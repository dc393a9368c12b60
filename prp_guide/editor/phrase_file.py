"""The phrases of one topic in one language, as the lines of a file: what stays is left where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prp_guide.errors import EditRefused
from prp_guide.language.phrases import TOPIC_PREFIX

LONGEST = 400  # signs of a phrase: no patient writes more in one message of the chat
MOST = 3000
_PHRASE = re.compile(r"\s+- +(\S.*?)\s*$")


def phrases_in(text: str | None) -> list[str]:
    """The phrases of a file's `text`, in their order."""
    return [
        found[1] for line in (text or "").split("\n") if (found := _PHRASE.match(line)) and not _is_intent(found[1])
    ]


def read_lines(typed: str) -> list[str]:
    """The phrases of a field, one a line, each once. Raises EditRefused for one that is too long."""
    phrases = list(
        dict.fromkeys(filter(None, (" ".join(line.split()).removeprefix("- ") for line in typed.split("\n"))))
    )
    faults = [
        ("phrases", f"{phrase[:40]!r} ... has {len(phrase)} characters", f"Write {LONGEST} at most.")
        for phrase in phrases
        if len(phrase) > LONGEST
    ]
    faults += [
        ("phrases", f"{phrase!r} would be a comment of the file", "Begin it with a word.")
        for phrase in phrases
        if phrase.startswith("#")
    ]
    if len(phrases) > MOST:
        faults.append(("phrases", f"{len(phrases)} phrases", f"{MOST} are enough for any topic."))
    if faults:
        raise EditRefused(faults)
    return phrases


def with_phrases(before: str | None, topic: str, phrases: Sequence[str]) -> str | None:
    """The file's text with `phrases`: new ones at the end, those that are gone taken out. None without any."""
    if not phrases:
        return None
    if not phrases_in(before):
        return _new(topic, phrases)
    assert before is not None
    wanted, lines, last = set(phrases), [], 0
    for line in before.rstrip("\n").split("\n"):
        found = _PHRASE.match(line)
        if found and not _is_intent(found[1]) and found[1] not in wanted:
            continue
        lines.append(line)
        if found:
            last = len(lines)
    present = set(phrases_in(before))
    lines[last:last] = [f"    - {phrase}" for phrase in phrases if phrase not in present]
    return "\n".join(lines) + "\n"


def _new(topic: str, phrases: Sequence[str]) -> str:
    head = ['version: "3.1"', "nlu:", f"- intent: {TOPIC_PREFIX}{topic}", "  examples: |"]
    return "\n".join([*head, *(f"    - {phrase}" for phrase in phrases)]) + "\n"


def _is_intent(words: str) -> bool:
    return words.startswith("intent: ")
