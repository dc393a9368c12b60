"""The phrases of data/phrases, each with the place where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from prp_guide.errors import DataError
from prp_guide.home import Home

TOPIC_PREFIX = "ask_"

_INTENT = re.compile(r"\s*- intent: *(\w+)\s*$")
_EXAMPLES = re.compile(r"\s*examples: *\|[-+]?\s*$")
_PHRASE = re.compile(r"\s+- +(\S.*?)\s*$")
_FRAME = re.compile(r"\s*(?:#.*|version: .*|nlu:\s*)?$")


@dataclass(frozen=True)
class Phrase:
    """One message that an intent is learnt from; `path` and `line` say where it stands."""

    text: str
    intent: str
    path: Path
    line: int


def read_phrases(home: Home) -> list[Phrase]:
    """Every phrase of `home`, file by file. Raises DataError for a line that is none.

    Line by line and not as YAML: the line numbers are wanted, and a parser takes long over so many.
    """
    folder = home.data / "phrases"
    found = [phrase for path in sorted(folder.rglob("*.yml")) for phrase in _phrases_of(path)]
    if not found:
        raise DataError(folder, None, "there are no phrases", "docs/phrases.md says how they are written.")
    return found


def _phrases_of(path: Path) -> list[Phrase]:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(path, None, "the file is not UTF-8", "Save it with the encoding UTF-8.") from None
    found: list[Phrase] = []
    intent, inside = None, False
    for number, line in enumerate(text.split("\n"), start=1):
        if named := _INTENT.match(line):
            intent, inside = named[1], False
        elif intent and _EXAMPLES.match(line):
            inside = True
        elif intent and inside and (phrase := _PHRASE.match(line)):
            found.append(Phrase(phrase[1], intent, path, number))
        elif not _FRAME.match(line):
            hint = "Write a phrase as  - when can i wash my hair  on a line of its own, under  examples: |"
            raise DataError(path, number, "this is neither an intent nor a phrase", hint)
    return found
