"""The export: every request, in a spreadsheet too."""

from __future__ import annotations

import csv
import io

import pytest

from prp_guide.frontdesk import CallbackRequest, CallbackStore, export_callbacks, export_csv
from tests.frontdesk.conftest import Time, work_of


def test_every_request_oldest_first(store: CallbackStore, time: Time) -> None:
    assert export_callbacks(store) == []
    made = store.create(CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="noon", topic="cost"), "one")
    work_of(store).done(made.reference, "Kim")
    store.create(CallbackRequest.checked(name="Al", phone="310 555 0148", best_time="now", priority="urgent"), "two")
    first, second = export_callbacks(store)
    assert first == {
        "reference": made.reference,
        "name": "Jo",
        "phone": "+13105550147",
        "best_time": "noon",
        "topic": "cost",
        "priority": "normal",
        "status": "done",
        "created": "2026-11-23T18:00:00+00:00",
        "due": "2026-11-25T01:00:00+00:00",
    }
    assert (second["name"], second["topic"], second["priority"], second["status"]) == (
        "Al",
        None,
        "urgent",
        "open",
    )


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("Jo", "Jo"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-Jo", "'-Jo"),
        ("@Jo", "'@Jo"),
        ("＝Jo", "'＝Jo"),
        ('Jo "the" Park, Jr.', 'Jo "the" Park, Jr.'),
    ],
)
def test_no_cell_is_a_formula(store: CallbackStore, name: str, cell: str) -> None:
    store.create(CallbackRequest.checked(name=name, phone="310 555 0147", best_time="noon"), "key")
    (row,) = csv.DictReader(io.StringIO(export_csv(store)))
    assert row["name"] == cell
    assert row["phone"] == "'+13105550147"
    assert row["topic"] == ""
