"""The held-out messages of tests/evaluation, one JSON object a line, as typed rows.

single  {"text", "kind", "topic", "alt": ["kind:topic", ...], "style", "lang"}
multi   {"text", "expect": ["kind:topic", ...], "alt": [...], "lang"}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, validator

from prp_guide.errors import DataError
from prp_guide.evaluation.verdicts import KINDS, RED_FLAGS, Label
from prp_guide.yaml_file import Strict


def _label(value: Any) -> Label:
    if isinstance(value, Label):
        return value
    label = Label.parse(str(value))
    if label.kind not in KINDS:
        raise ValueError(f"{str(value)!r} is no kind:topic; kinds are {', '.join(KINDS)}")
    return label


class _Row(Strict):
    text: str = Field(min_length=1)
    alt: tuple[Label, ...] = ()
    lang: Literal["en", "es"] = "en"

    class Config:
        anystr_strip_whitespace = False  # spaces are part of what a patient sends

    _alt = validator("alt", each_item=True, pre=True, allow_reuse=True)(_label)


class Single(_Row):
    """One message with one reply due; a careful grader would accept those of `alt` as well."""

    kind: str
    topic: str = Field(min_length=1)
    style: str = "plain"

    @validator("kind")
    def _known_kind(cls, value: str) -> str:  # noqa: N805
        return _label(f"{value}:").kind

    @property
    def due(self) -> Label:
        return Label(self.kind, self.topic)

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every reply that is accepted, the due one first. For a red flag in Spanish, nothing but its card."""
        return (self.due,) if self.lang == "es" and self.kind in RED_FLAGS else (self.due, *self.alt)


class Multi(_Row):
    """One message that holds several questions: every one of `expect` is due, a red flag first."""

    expect: tuple[Label, ...]

    _expect = validator("expect", each_item=True, pre=True, allow_reuse=True)(_label)

    @validator("expect")
    def _some(cls, value: tuple[Label, ...]) -> tuple[Label, ...]:  # noqa: N805
        if not value:
            raise ValueError("the list is empty; write at least one kind:topic")
        return value


@dataclass(frozen=True)
class HeldOut:
    """The held-out messages; `sizes` counts the rows of each file."""

    singles: tuple[Single, ...]
    multis: tuple[Multi, ...]
    sizes: dict[str, int]


def read_rows(folder: Path) -> HeldOut:
    """Every row of the .jsonl files in `folder`. Raises DataError with the line of the first fault."""
    singles: list[Single] = []
    multis: list[Multi] = []
    sizes: dict[str, int] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for row in _rows_of(path):
            sizes[path.stem] = sizes.get(path.stem, 0) + 1
            if isinstance(row, Multi):
                multis.append(row)
            else:
                singles.append(row)
    if not sizes:
        raise DataError(folder, None, "there are no held-out messages", "Add <name>.jsonl files; its README says how.")
    return HeldOut(tuple(singles), tuple(multis), sizes)


def _rows_of(path: Path) -> Iterator[Single | Multi]:
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise DataError(path, None, "the file is not UTF-8", "Save it with the encoding UTF-8.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except json.JSONDecodeError as fault:
            hint = 'Write one object a line, such as {"text": "...", "kind": "answer", "topic": "washing", "alt": []}'
            raise DataError(path, number, f"not valid JSON: {fault.msg}", hint) from None
        if not isinstance(raw, dict):
            raise DataError(path, number, "the line is no JSON object", "Begin with {")
        yield _read(path, number, raw, Multi) if "expect" in raw else _read(path, number, raw, Single)


_Kind = TypeVar("_Kind", Single, Multi)


def _read(path: Path, number: int, raw: dict[str, Any], model: type[_Kind]) -> _Kind:
    try:
        return model.parse_obj(raw)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        known = f"Known here: {', '.join(sorted(model.__fields__))}"
        raise DataError(path, number, f"'{where}': {first['msg']}", known) from None
