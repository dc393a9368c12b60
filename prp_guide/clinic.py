"""The clinic as clinic.yml describes it: name, phone, hours, languages."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import Field, validator

from prp_guide.delivery_settings import Deliveries, web_address
from prp_guide.yaml_file import Strict, read

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = tuple[time, time]


class Privacy(Strict):
    """How long things are kept, in days."""

    conversation_days: int = Field(30, ge=1, le=365)  # from the last message, redacted
    request_days: int = Field(365, ge=7, le=3650)  # a callback request, from when it was done and last touched


class PageCheck(Strict):
    """Where the clinic's page is looked at, when, and what follows when it no longer says what the answers say."""

    url: str
    daily: time | None = None
    on_change: Literal["warn", "withhold"] = "warn"
    ignore: tuple[str, ...] = ()

    @validator("url")
    def _web_address(cls, value: str) -> str:  # noqa: N805
        return web_address(value)

    @validator("daily", pre=True)
    def _time_of_day(cls, value: object) -> object:  # noqa: N805
        if value is None:
            return None
        found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value))
        if found is None:
            raise ValueError(f'{value!r} is no time of day; write one in quotes, such as "06:00"')
        return time(int(found[1]), int(found[2]))


class Clinic(Strict):
    """What the product may say of the clinic. Hours are local to `time_zone`; None where the clinic has not said."""

    name: str = Field(min_length=1, max_length=80)
    phone: str
    time_zone: str
    page_url: str = "/"
    hours: dict[str, tuple[Span, ...]] | None = None
    holidays: tuple[date, ...] = ()
    after_hours_phone: str | None = None
    address: str | None = None
    booking_url: str | None = None
    languages: tuple[str, ...] = ("English",)
    allowed_origins: tuple[str, ...] = ()
    overdue: Literal["warn", "withhold"] = "warn"
    page_check: PageCheck | None = None
    deliveries: Deliveries = Deliveries()
    privacy: Privacy = Privacy(conversation_days=30, request_days=365)

    @validator("phone", "after_hours_phone")
    def _phone_number(cls, value: str | None) -> str | None:  # noqa: N805
        return None if value is None else parse_phone(value)

    @validator("time_zone")
    def _known_zone(cls, value: str) -> str:  # noqa: N805
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone; write one such as America/Los_Angeles")
        return value

    @validator("hours", pre=True)
    def _spans(cls, value: object) -> object:  # noqa: N805
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ValueError('write one line a day, such as  mon: "09:00-17:00"')
        unknown = sorted(set(map(str, value)) - set(DAYS))
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no day; write {', '.join(DAYS)}")
        return {day: _read_spans(str(value.get(day, "closed"))) for day in DAYS}

    @validator("allowed_origins", each_item=True)
    def _origin(cls, value: str) -> str:  # noqa: N805
        return parse_origin(value)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def phone_text(self) -> str:
        """The phone as people write it: (310) 975-9785."""
        return phone_text(self.phone)

    @property
    def phone_href(self) -> str:
        return f"tel:{self.phone}"


def load_clinic(path: Path) -> Clinic:
    """The clinic of the file at `path`. Raises DataError with file, line and what to write."""
    return read(path, Clinic)


def parse_phone(text: str) -> str:
    """`text` as E.164, read as a number of the United States. Raises ValueError with what to enter."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise ValueError(f"{text!r} is no phone number; write one such as +1 310 555 0147") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{text!r} is no whole phone number; write one such as +1 310 555 0147")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_origin(text: str) -> str:
    """`text`, being the origin of a site as browsers name it. Raises ValueError with what to write."""
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", text):
        raise ValueError(f"{text!r} is no origin; write https://the.site, in small letters and with no path")
    return text


def phone_text(e164: str) -> str:
    """An E.164 number as people write it: national style in the United States, international elsewhere."""
    number = phonenumbers.parse(e164, "US")
    style = phonenumbers.PhoneNumberFormat
    kind = style.NATIONAL if number.country_code == 1 else style.INTERNATIONAL
    return phonenumbers.format_number(number, kind)


def _read_spans(text: str) -> tuple[Span, ...]:
    if text.strip().lower() in ("closed", ""):
        return ()
    spans: list[Span] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*", part)
        if not match:
            raise ValueError(f'{text!r} are no hours; write "09:00-17:00", "09:00-12:00, 13:00-17:00" or closed')
        try:
            opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
        except ValueError:
            raise ValueError(f"{part.strip()!r} has no such time; hours run from 00:00 to 23:59") from None
        if closes <= opens or (spans and opens < spans[-1][1]):
            raise ValueError(f"{text!r} must run forwards: each span ends after it begins and before the next")
        spans.append((opens, closes))
    return tuple(spans)
