"""Every callback request as plain data: for `prp-guide desk export`."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from prp_guide.frontdesk.callbacks import CallbackStore

COLUMNS = ("reference", "name", "phone", "best_time", "topic", "priority", "status", "created", "due")
FORMULA_SIGNS = tuple("=+-@|%＝＋－＠")


def export_callbacks(store: CallbackStore) -> list[dict[str, str | None]]:
    """All requests, oldest first, with the keys of COLUMNS; times are ISO 8601 in UTC, or None."""
    return [
        {
            "reference": callback.reference,
            "name": callback.name,
            "phone": callback.phone,
            "best_time": "; ".join(callback.best_times),
            "topic": callback.topic,
            "priority": callback.priority,
            "status": callback.status,
            "created": _moment(callback.created),
            "due": _moment(callback.due),
        }
        for callback in store.every()
    ]


def export_csv(store: CallbackStore) -> str:
    """The same as CSV (RFC 4180), with a heading; no cell can become a formula in a spreadsheet."""
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, COLUMNS)
    writer.writeheader()
    for row in export_callbacks(store):
        writer.writerow({column: inert(value) for column, value in row.items()})
    return page.getvalue()


def inert(value: str | None) -> str:
    """`value` as a cell that no spreadsheet runs."""
    # A spreadsheet runs what begins like this, behind blanks too; an apostrophe makes it text.
    text = value or ""
    return f"'{text}" if text.lstrip().startswith(FORMULA_SIGNS) else text


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
