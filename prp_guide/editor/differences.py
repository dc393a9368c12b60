"""What one version of a topic changed, word by word."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from prp_guide.editor.draft import LANGUAGE_WORDS, place_words
from prp_guide.editor.phrase_file import phrases_in
from prp_guide.editor.versions import Version

Part = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True)
class Difference:
    """One field: `place` in a person's words, and its text in parts."""

    place: str
    parts: tuple[Part, ...]


def differences(before: Version, after: Version) -> list[Difference]:
    """Field by field, what differs between two versions of the same topic."""
    found = []
    for path in sorted({*before.files, *after.files}):
        old, new = before.files.get(path), after.files.get(path)
        if old == new:
            continue
        found += list(_of_phrases(path, old, new) if "/phrases/" in path else _of_topic(old, new))
    return found


def _of_topic(old: str | None, new: str | None) -> Iterator[Difference]:
    before, after = _flat(old), _flat(new)
    for place in dict.fromkeys((*before, *after)):
        one, other = before.get(place, ""), after.get(place, "")
        if one != other:
            yield Difference(place_words(place), _words(one, other))


def _of_phrases(path: str, old: str | None, new: str | None) -> Iterator[Difference]:
    before, after = phrases_in(old), phrases_in(new)
    kept, present = set(after), set(before)
    gone: list[Part] = [("gone", phrase) for phrase in before if phrase not in kept]
    added: list[Part] = [("new", phrase) for phrase in after if phrase not in present]
    if gone or added:
        yield Difference(f"what patients say, in {LANGUAGE_WORDS['es' if '/es/' in path else 'en']}", (*gone, *added))


def _words(one: str, other: str) -> tuple[Part, ...]:
    before, after = one.split(), other.split()
    parts: list[Part] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(before[a:b])))
            continue
        if b > a:
            parts.append(("gone", " ".join(before[a:b])))
        if d > c:
            parts.append(("new", " ".join(after[c:d])))
    return tuple(parts)


def _flat(text: str | None) -> dict[str, str]:
    """The fields of a topic's file, by place; of a file that is no YAML, the whole."""
    if text is None:
        return {}
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        return {"the file": text}
    return dict(_places(found, ()))


def _places(value: object, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and not (place and place[0].startswith("approval")):
        for key, one in value.items():
            yield from _places(one, (*place, str(key)))
    elif isinstance(value, dict):
        yield ".".join(place), f"{value.get('by')}, {value.get('date')}, to look at again by {value.get('review_by')}"
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for number, one in enumerate(value):
            yield from _places(one, (*place, str(number)))
    else:
        yield ".".join(place), _said(value)


def _said(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())
