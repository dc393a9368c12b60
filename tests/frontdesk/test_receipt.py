"""What is said of times, and the receipt."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from prp_guide.clinic import Clinic
from prp_guide.clock import UTC
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours, receipt
from prp_guide.frontdesk.spoken import by_when, clock_time, day_and_time, stretch
from tests.frontdesk.conftest import Moment, Time, make_clinic

TODAY = datetime(2026, 11, 23, 10)  # a Monday


@pytest.mark.parametrize(
    ("when", "en", "es"),
    [
        ((2026, 11, 23, 17, 0), "by 5 pm today", "antes de las 5 p. m. de hoy"),
        ((2026, 11, 24, 17, 0), "by 5 pm on Tuesday", "antes de las 5 p. m. del martes"),
        ((2026, 11, 24, 13, 30), "by 1:30 pm on Tuesday", "antes de la 1:30 p. m. del martes"),
        ((2026, 11, 29, 9, 5), "by 9:05 am on Sunday", "antes de las 9:05 a. m. del domingo"),
        (
            (2026, 11, 30, 12, 0),
            "by 12 pm on Monday, November 30",
            "antes de las 12 p. m. del lunes 30 de noviembre",
        ),
        (
            (2027, 1, 2, 0, 0),
            "by 12 am on Saturday, January 2",
            "antes de las 12 a. m. del sábado 2 de enero",
        ),
    ],
)
def test_by_when(when: tuple[int, ...], en: str, es: str) -> None:
    assert by_when(datetime(*when), TODAY) == en  # type: ignore[arg-type]
    assert by_when(datetime(*when), TODAY, "es") == es  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (-3, "less than 1 min"),
        (0, "less than 1 min"),
        (1, "1 min"),
        (59, "59 min"),
        (60, "1 h"),
        (125, "2 h 5 min"),
        (1439, "23 h 59 min"),
        (1440, "1 day"),
        (1440 * 2 + 60, "2 days 1 h"),
    ],
)
def test_stretch(minutes: int, text: str) -> None:
    assert stretch(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ((2026, 11, 22, 23, 59), "Yesterday, 11:59 pm"),
        ((2026, 11, 23, 0, 1), "Today, 12:01 am"),
        ((2026, 11, 24, 12, 0), "Tomorrow, 12 pm"),
        ((2026, 12, 1, 9, 30), "Tue, Dec 1, 9:30 am"),
    ],
)
def test_day_and_time(when: tuple[int, ...], text: str) -> None:
    assert day_and_time(datetime(*when), TODAY) == text  # type: ignore[arg-type]


def test_clock_time_in_spanish() -> None:
    assert clock_time(datetime(2026, 1, 1, 15), "es") == "3 p. m."


def test_the_receipt_with_hours(store: CallbackStore, clinic: Clinic, time: Time, local: Moment) -> None:
    time.now = local(2026, 11, 23, 18).astimezone(UTC)  # Tuesday already in UTC
    asked = CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="noon")
    made = store.create(asked, "key")
    text = receipt(made, clinic)
    assert text == (
        "Your request is with the front desk. They will call (310) 555-0147. "
        f"We aim to call by 5 pm on Tuesday. Your reference is {made.reference}."
    )
    time.now += timedelta(days=3)
    assert receipt(store.create(asked, "key"), clinic) == text
    assert receipt(made, clinic, "es") == (
        "Su solicitud está en la recepción. Le llamarán al (310) 555-0147. "
        f"Procuramos llamar antes de las 5 p. m. del martes. Su referencia es {made.reference}."
    )
    assert receipt(made, clinic, "de") == text


def test_the_receipt_without_hours_names_no_time(engine: sa.engine.Engine) -> None:
    clinic = make_clinic(hours=None)
    store = CallbackStore(engine, OpeningHours(clinic))
    made = store.create(CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="noon"), "key")
    text = receipt(made, clinic)
    assert "aim" not in text
    assert text.endswith(f"Your reference is {made.reference}.")
