"""What clinic.yml knows, as patients read it."""

from __future__ import annotations

from typing import Any

import pytest

from prp_guide.clinic import Clinic
from prp_guide.replies import clinic_words


def clinic(**said: Any) -> Clinic:
    return Clinic.parse_obj({"name": "C", "phone": "+13109759785", "time_zone": "America/Los_Angeles", **said})


WEEKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")


@pytest.mark.parametrize(
    ("hours", "en", "es"),
    [
        (
            WEEKDAYS,
            "Monday to Friday 9 am to 5 pm; Saturday and Sunday closed",
            "lunes a viernes 9 am a 5 pm; sábado y domingo cerrado",
        ),
        (
            {**WEEKDAYS, "tue": "08:30-12:00, 13:00-17:00", "sat": "00:00-12:30"},
            "Monday 9 am to 5 pm; Tuesday 8:30 am to 12 pm and 1 pm to 5 pm; "
            "Wednesday to Friday 9 am to 5 pm; Saturday 12 am to 12:30 pm; Sunday closed",
            "lunes 9 am a 5 pm; martes 8:30 am a 12 pm y 1 pm a 5 pm; miércoles a viernes 9 am a 5 pm; "
            "sábado 12 am a 12:30 pm; domingo cerrado",
        ),
        ({}, "Monday to Sunday closed", "lunes a domingo cerrado"),
    ],
)
def test_hours(hours: dict[str, str], en: str, es: str) -> None:
    said = clinic(hours=hours) if hours else clinic(hours={"mon": "closed"})
    assert clinic_words(said)["hours"] == en
    assert clinic_words(said, "es")["hours"] == es


@pytest.mark.parametrize(
    ("languages", "en", "es"),
    [
        (["English"], "English", "inglés"),
        (["English", "Spanish"], "English and Spanish", "inglés y español"),
        (["Spanish", "English"], "Spanish and English", "español e inglés"),
        (["English", "Spanish", "Klingon"], "English, Spanish and Klingon", "inglés, español y Klingon"),
    ],
)
def test_languages(languages: list[str], en: str, es: str) -> None:
    assert clinic_words(clinic(languages=languages))["languages"] == en
    assert clinic_words(clinic(languages=languages), "es")["languages"] == es


def test_what_the_clinic_has_not_said_is_no_word() -> None:
    assert set(clinic_words(clinic(languages=[]))) == {"name", "phone", "kept_days"}
    assert clinic_words(clinic())["kept_days"] == "30"
    assert clinic_words(clinic(privacy={"conversation_days": 14}))["kept_days"] == "14"


def test_an_address_ends_without_its_period() -> None:
    assert clinic_words(clinic(address="1 Main St."))["address"] == "1 Main St"
