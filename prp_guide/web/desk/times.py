"""Times to call that a request can sleep until: some to tap, and any other on the clinic's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prp_guide.errors import DeskError
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.spoken import clock_time

AFTERNOONS = (12, 15)
MORNING = time(9)


@dataclass(frozen=True)
class Offer:
    """A time to tap: in 30 min, after 12 pm."""

    label: str
    value: str


def offers(now: datetime, zone: ZoneInfo, hours: OpeningHours) -> Sequence[Offer]:
    """The times to tap at `now`: soon, later today, and the next morning."""
    local = now.astimezone(zone)
    found = [Offer(f"In {minutes} min", f"+{minutes}") for minutes in (30, 60)]
    for hour in AFTERNOONS:
        moment = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        if moment > local and hours.open_at(moment) is not False:
            found.append(Offer(f"After {clock_time(moment)}", _value(moment)))
    tomorrow = datetime.combine(local.date() + timedelta(days=1), MORNING, zone)
    opening = hours.next_open(datetime.combine(tomorrow.date(), time(0), zone))
    morning = opening.astimezone(zone) if opening else tomorrow
    day = "Tomorrow" if morning.date() == tomorrow.date() else f"{morning:%A}"
    found.append(Offer(f"{day}, {clock_time(morning)}", _value(morning)))
    return found


def read_time(tapped: str, day: str, at: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a tap, or of a day and a time on the clinic's clock. Raises DeskError with what to enter."""
    try:
        if tapped.startswith("+"):
            return now + timedelta(minutes=min(int(tapped[1:5]), 1440))
        if tapped:
            return datetime.fromisoformat(tapped).replace(tzinfo=zone)
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), zone)
    except ValueError:
        raise DeskError("Choose a day and a time, such as 12:00.") from None


def _value(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")
