"""The calendar of hours: open or not, when next, and by when a callback is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prp_guide.clinic import DAYS, Clinic
from prp_guide.clock import UTC

URGENT_WITHIN = timedelta(minutes=30)  # of opening time
LOOK_AHEAD = 370  # days: past this, a clinic is closed for good


class OpeningHours:
    """A clinic's hours and holidays, in its own time zone.

    Every moment that comes in must be aware (a naive one raises ValueError), every one that goes out is UTC.
    Without hours in clinic.yml the answer to every question is None: the clinic has not said.
    """

    def __init__(self, clinic: Clinic) -> None:
        self.zone = clinic.zone
        self._hours = clinic.hours
        self._holidays = frozenset(clinic.holidays)

    @property
    def known(self) -> bool:
        """Whether clinic.yml gives hours."""
        return self._hours is not None

    def open_at(self, moment: datetime) -> bool | None:
        """Whether the clinic is open at `moment`; a span holds its first instant and not its last."""
        if self._hours is None:
            return None
        span = next(self._spans_from(moment), None)
        return span is not None and span[0] <= moment

    def next_open(self, moment: datetime) -> datetime | None:
        """When the clinic opens next after `moment`; None without hours or if it never does."""
        return next((opens for opens, _ in self._spans_from(moment) if opens > moment), None)

    def due(self, moment: datetime, priority: str) -> datetime | None:
        """By when a request that came at `moment` should be called; None without hours.

        Urgent: after 30 minutes of opening time. Normal: when the clinic closes on the first day that lies
        whole ahead, one business day. So what comes before opening is due that day, all else on the next.
        """
        if priority == "urgent":
            return self._after_open_time(moment, URGENT_WITHIN)
        closes: datetime | None = None
        day: date | None = None
        for opens, closing in self._spans_from(moment):
            local = opens.astimezone(self.zone).date()
            if day is None:
                # The day that is running (or in its lunch break) does not count any more.
                if opens > moment and not self._begun(local, moment):
                    day, closes = local, closing
            elif local == day:
                closes = closing
            else:
                break
        return closes

    def end_of_working_days(self, moment: datetime, count: int) -> datetime | None:
        """When the last of `count` working days ends that lie whole ahead of `moment`; None if they never come.

        A working day is one with opening hours; while the clinic has given none, Monday to Friday but the holidays.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment must have a time zone; take it from prp_guide.clock")
        first = moment.astimezone(self.zone).date()
        left = count
        for offset in range(LOOK_AHEAD):
            day = first + timedelta(days=offset)
            begins, ends = self._working_day(day)
            if ends is not None and begins is not None and begins > moment:
                left -= 1
                if not left:
                    return ends
        return None

    def _working_day(self, day: date) -> tuple[datetime | None, datetime | None]:
        if self._hours is None:
            if day.weekday() >= 5 or day in self._holidays:
                return None, None
            return _instant(day, time(0), self.zone), _instant(day + timedelta(days=1), time(0), self.zone)
        spans = list(self._spans_on(day))
        return (spans[0][0], spans[-1][1]) if spans else (None, None)

    def _begun(self, day: date, moment: datetime) -> bool:
        first = next(self._spans_on(day), None)
        return first is not None and first[0] <= moment

    def _after_open_time(self, moment: datetime, wanted: timedelta) -> datetime | None:
        left = wanted
        for opens, closes in self._spans_from(moment):
            begins = max(opens, moment)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
        return None

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans that have not ended at `moment`, in order."""
        if moment.tzinfo is None:
            raise ValueError("a moment must have a time zone; take it from prp_guide.clock")
        first = moment.astimezone(self.zone).date()
        for offset in range(LOOK_AHEAD):
            for span in self._spans_on(first + timedelta(days=offset)):
                if span[1] > moment:
                    yield span

    def _spans_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self._hours is None or day in self._holidays:
            return
        for opens, closes in self._hours.get(DAYS[day.weekday()], ()):
            span = _instant(day, opens, self.zone), _instant(day, closes, self.zone, last=True)
            if span[0] < span[1]:  # a span inside the hour that spring skips never comes
                yield span


def _instant(day: date, at: time, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """When the clocks of `zone` show `at` on `day`, in UTC.

    An hour that autumn repeats opens with its first showing and closes with its `last`; a time that spring
    skips is the instant of the jump.
    """
    wall = datetime.combine(day, at)
    earlier, later = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier == later or earlier.astimezone(zone).replace(tzinfo=None) == wall:
        return later if last else earlier
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            earlier = middle
        else:
            later = middle
    return later.replace(microsecond=0)
