"""Read a YAML file into a typed model; what does not fit is refused with file, line and what to write."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, Extra, ValidationError

from prp_guide.errors import DataError


class Strict(BaseModel):
    """Base of all data models: unknown keys are refused, values never change."""

    class Config:
        extra = Extra.forbid
        frozen = True
        anystr_strip_whitespace = True


# libyaml's loader where PyYAML was built with it: ten times faster.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Model = TypeVar("Model", bound=BaseModel)


def read(path: Path, model: type[Model]) -> Model:
    """The file at `path` as a `model`. Raises DataError with the line of the first fault."""
    raw = read_plain(path)
    if not isinstance(raw, dict):
        raise DataError(path, 1, "the file must hold keys and values", f"Begin with: {_first_field(model)}: ...")
    try:
        return model.parse_obj(raw)
    except ValidationError as fault:
        first = fault.errors()[0]
        raise DataError(path, line_of(path, first["loc"]), *_explain(first, model)) from None


def read_plain(path: Path) -> Any:
    """The file at `path` as plain Python values. Raises DataError when it is missing, not UTF-8, or not YAML."""
    try:
        return yaml.load(_text(path), Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        problem = getattr(fault, "problem", None) or "not valid YAML"
        hint = "Check the indentation, and put quotes around a text with ': ' or '#' in it."
        raise DataError(path, mark.line + 1 if mark else None, f"not valid YAML: {problem}", hint) from None


def line_of(path: Path, location: Sequence[str | int]) -> int | None:
    """The 1-based line of the value at `location` (keys and list positions), or of the nearest parent that is there."""
    node = _composed(_text(path))
    if node is None:
        return None
    line: int = node.start_mark.line + 1
    for step in location:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    child, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            child = node.value[step]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line


@lru_cache(maxsize=4)
def _composed(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=_Loader)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DataError(path, None, "the file is missing") from None
    except UnicodeDecodeError as fault:
        line = path.read_bytes()[: fault.start].count(b"\n") + 1
        raise DataError(path, line, "the file is not UTF-8", "Save it with the encoding UTF-8.") from None


def _explain(error: Any, model: type[BaseModel]) -> tuple[str, str]:
    where = ".".join(str(step) for step in error["loc"] if step != "__root__")
    kind = error["type"]
    if kind == "value_error.missing":
        return f"'{where}' is missing", f"Add a line: {error['loc'][-1]}: ..."
    if kind == "value_error.extra":
        known = ", ".join(sorted(field.alias for field in _model_at(model, error["loc"]).__fields__.values()))
        return f"'{where}' is not a known key", f"Known here: {known}"
    return (f"'{where}': {error['msg']}" if where else error["msg"]), ""


def _model_at(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel]:
    for step in location[:-1]:
        field = model.__fields__.get(str(step))
        if field is not None and isinstance(field.type_, type) and issubclass(field.type_, BaseModel):
            model = field.type_
    return model


@lru_cache
def _first_field(model: type[BaseModel]) -> str:
    return next(iter(model.__fields__), "key")
