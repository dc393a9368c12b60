"""Looking for what must not be there: byte by byte in every file, and cell by cell in every table."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

# A request as the front desk has it, with its history and the notes on it.
RECORD = ("callbacks", "callback_repeats", "callback_events", "desk_drafts")


def spellings(value: str) -> set[bytes]:
    """`value` as it may lie in a file: as it is, in other letters, escaped, and its digits alone."""
    forms = {value, value.lower(), value.upper(), value.title(), json.dumps(value)[1:-1], value.replace(" ", "%20")}
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        forms |= {digits, digits.removeprefix("1")}
    found = {form.encode() for form in forms}
    return found | {form.encode("utf-16-le") for form in forms}


def files_with(folder: Path, values: Iterable[str], *, but: Iterable[Path] = ()) -> dict[str, set[str]]:
    """Which of `values` lie in which files under `folder`, those named in `but` aside."""
    left_out = set(but)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in left_out]
    assert files
    found: dict[str, set[str]] = {}
    for path in files:
        if values_here := values_in(path.read_bytes(), values):
            found[str(path.relative_to(folder))] = values_here
    return found


def values_in(raw: bytes, values: Iterable[str]) -> set[str]:
    """Which of `values` lie in `raw`."""
    return {value for value in values if any(form in raw for form in spellings(value))}


def tables_with(database: Path, values: Iterable[str]) -> dict[str, set[str]]:
    """Which of `values` stand in which tables of the SQLite file."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                raw = "\n".join(cell if isinstance(cell, str) else repr(cell) for cell in row).encode()
                if values_here := values_in(raw, values):
                    found.setdefault(table, set()).update(values_here)
    return found


def without_records(database: Path, copy: Path) -> Path:
    """A copy of the SQLite file, whole, from which the requests are taken."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("PRAGMA secure_delete=ON")
        for table in RECORD:
            target.execute(f"DELETE FROM {table}")
        target.commit()
        target.execute("VACUUM")
    return copy


def summary(found: Mapping[str, set[str]]) -> str:
    return "; ".join(f"{place}: {', '.join(sorted(values))}" for place, values in found.items())
