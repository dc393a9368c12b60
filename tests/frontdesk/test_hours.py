"""The calendar of hours, as tables of wall clock times."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from prp_guide.clock import UTC
from prp_guide.frontdesk import OpeningHours
from tests.frontdesk.conftest import make_clinic

ZONE = ZoneInfo("America/Los_Angeles")
DAILY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str, fold: int = 0, zone: ZoneInfo = ZONE) -> datetime:
    """2026-11-23 09:00 on the clinic's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("moment", "is_open", "next_open"),
    [
        ("2026-11-23 08:59:59", False, "2026-11-23 09:00"),  # Monday
        ("2026-11-23 09:00", True, "2026-11-24 09:00"),
        ("2026-11-23 16:59:59", True, "2026-11-24 09:00"),
        ("2026-11-23 17:00", False, "2026-11-24 09:00"),
        ("2026-11-23 23:59:59", False, "2026-11-24 09:00"),
        ("2026-11-24 00:00", False, "2026-11-24 09:00"),
        ("2026-11-24 10:00", True, "2026-11-24 13:00"),  # Tuesday, with a lunch break
        ("2026-11-24 12:00", False, "2026-11-24 13:00"),
        ("2026-11-24 12:59:59", False, "2026-11-24 13:00"),
        ("2026-11-24 13:00", True, "2026-11-25 09:00"),
        ("2026-11-25 18:00", False, "2026-11-27 09:00"),  # over Thanksgiving, a holiday here
        ("2026-11-26 10:00", False, "2026-11-27 09:00"),
        ("2026-11-27 17:00", False, "2026-11-30 09:00"),  # over the weekend
        ("2026-11-29 12:00", False, "2026-11-30 09:00"),
    ],
)
def test_open_and_next_open(moment: str, is_open: bool, next_open: str) -> None:
    hours = OpeningHours(make_clinic(holidays=["2026-11-26"]))
    assert hours.open_at(at(moment)) is is_open
    assert hours.next_open(at(moment)) == at(next_open)


@pytest.mark.parametrize(
    ("moment", "priority", "due"),
    [
        ("2026-11-23 08:00", "normal", "2026-11-23 17:00"),  # the whole day lies ahead
        ("2026-11-23 09:00", "normal", "2026-11-24 17:00"),
        ("2026-11-23 16:59", "normal", "2026-11-24 17:00"),
        ("2026-11-23 20:00", "normal", "2026-11-24 17:00"),
        ("2026-11-24 12:30", "normal", "2026-11-25 17:00"),  # in the lunch break: the day has begun
        ("2026-11-25 10:00", "normal", "2026-11-27 17:00"),  # over a holiday
        ("2026-11-27 10:00", "normal", "2026-11-30 17:00"),  # over a weekend
        ("2026-11-28 10:00", "normal", "2026-11-30 17:00"),
        ("2026-11-23 10:00", "urgent", "2026-11-23 10:30"),
        ("2026-11-23 16:45", "urgent", "2026-11-24 09:15"),  # 15 minutes today, 15 tomorrow
        ("2026-11-23 16:30", "urgent", "2026-11-23 17:00"),
        ("2026-11-24 11:50", "urgent", "2026-11-24 13:20"),
        ("2026-11-23 03:00", "urgent", "2026-11-23 09:30"),
        ("2026-11-25 17:00", "urgent", "2026-11-27 09:30"),
    ],
)
def test_due(moment: str, priority: str, due: str) -> None:
    assert OpeningHours(make_clinic(holidays=["2026-11-26"])).due(at(moment), priority) == at(due)


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        ("2026-03-07 12:00", "2026-03-07 17:00"),  # the day before the clocks go forward: 9 am is 17:00 UTC
        ("2026-03-08 12:00", "2026-03-08 16:00"),  # and from then on 16:00
        ("2026-10-31 12:00", "2026-10-31 16:00"),
        ("2026-11-01 12:00", "2026-11-01 17:00"),
    ],
)
def test_opening_keeps_to_the_wall_clock(moment: str, utc: str) -> None:
    hours = OpeningHours(make_clinic(hours=dict.fromkeys(DAILY, "09:00-17:00")))
    assert hours.next_open(at(moment) - timedelta(hours=4)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


SPRING = [  # 2026-03-08: the clocks jump from 2:00 to 3:00, that is 10:00 UTC
    ("01:00-04:00", "09:00", "11:00"),  # two hours long
    ("02:15-04:00", "10:00", "11:00"),  # opens with the jump
    ("01:00-02:30", "09:00", "10:00"),  # closes with the jump
    ("02:10-02:50", None, None),  # never comes
]
AUTUMN = [  # 2026-11-01: from 2:00 back to 1:00, that is 09:00 UTC
    ("00:30-03:00", "07:30", "11:00"),  # three and a half hours long
    ("01:00-02:00", "08:00", "10:00"),  # both showings
    ("01:30-01:45", "08:30", "09:45"),  # from the first showing to the last
]


@pytest.mark.parametrize(
    ("day", "span", "opens", "closes"),
    [("2026-03-08", *row) for row in SPRING] + [("2026-11-01", *row) for row in AUTUMN],
)
def test_the_nights_when_the_clocks_change(day: str, span: str, opens: str | None, closes: str | None) -> None:
    hours = OpeningHours(make_clinic(hours={"sun": span}))
    midnight = at(f"{day} 00:00")
    if opens is None or closes is None:
        after = hours.next_open(midnight)
        assert after is not None
        assert after > midnight + timedelta(days=6)
        return
    first, last = (datetime.fromisoformat(f"{day} {text}").replace(tzinfo=UTC) for text in (opens, closes))
    second = timedelta(seconds=1)
    assert hours.next_open(midnight) == first
    assert [hours.open_at(m) for m in (first - second, first, last - second, last)] == [
        False,
        True,
        True,
        False,
    ]


def test_midnight_that_never_comes() -> None:
    """In Santiago the clocks jump at midnight: the day begins at 1:00."""
    zone = ZoneInfo("America/Santiago")
    hours = OpeningHours(make_clinic(time_zone="America/Santiago", hours={"sun": "00:00-10:00"}))
    opens = hours.next_open(at("2026-09-05 12:00", zone=zone))
    assert opens == at("2026-09-06 01:00", zone=zone)


@pytest.mark.parametrize("day", ["2026-03-06", "2026-10-30", "2026-11-23"])
def test_laws_that_hold_at_every_quarter_hour(day: str) -> None:
    """Over five days: what is due is later than asked and never sooner for who asks later; openings open."""
    hours = OpeningHours(make_clinic(hours=dict.fromkeys(DAILY, "00:30-02:30, 09:00-12:00, 13:00-23:59")))
    moments = [at(f"{day} 00:00").astimezone(UTC) + n * timedelta(minutes=15) for n in range(5 * 96)]
    for priority in ("normal", "urgent"):
        due = [hours.due(moment, priority) for moment in moments]
        assert all(later is not None and later > moment for later, moment in zip(due, moments, strict=True))
        assert due == sorted(due)  # type: ignore[type-var]
    for moment in moments:
        opens = hours.next_open(moment)
        assert opens is not None
        assert opens > moment
        assert hours.open_at(opens)
        assert not hours.open_at(opens - timedelta(seconds=1))
        wall = moment.astimezone(ZONE).strftime("%H:%M")
        shown = "00:30" <= wall < "02:30" or "09:00" <= wall < "12:00" or "13:00" <= wall < "23:59"
        assert hours.open_at(moment) is shown


def test_without_hours_nothing_is_known() -> None:
    hours = OpeningHours(make_clinic(hours=None))
    moment = at("2026-11-23 10:00")
    assert not hours.known
    assert (hours.open_at(moment), hours.next_open(moment)) == (None, None)
    assert (hours.due(moment, "normal"), hours.due(moment, "urgent")) == (None, None)


def test_a_clinic_that_never_opens() -> None:
    hours = OpeningHours(make_clinic(hours={"mon": "closed"}))
    moment = at("2026-11-23 10:00")
    assert hours.open_at(moment) is False
    assert hours.next_open(moment) is None
    assert hours.due(moment, "normal") is None


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        OpeningHours(make_clinic()).open_at(datetime(2026, 11, 23, 10))
