"""The days that are looked at, on the clinic's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from prp_guide import clock

WEEK = 7


@dataclass(frozen=True)
class Span:
    """Whole days from `first` to `last`, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @classmethod
    def last_days(cls, number: int, zone: ZoneInfo) -> Span:
        """The last `number` days, today's hours among them."""
        today = clock.now().astimezone(zone).date()
        return cls(today - timedelta(days=number - 1), today, zone)

    @classmethod
    def week_before(cls, moment: datetime, zone: ZoneInfo) -> Span:
        """The last whole week, Monday to Sunday, before the day of `moment`."""
        day = moment.astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        return cls(monday - timedelta(days=WEEK), monday - timedelta(days=1), zone)

    @cached_property
    def days(self) -> Sequence[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(0), self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(0), self.zone)

    @property
    def step(self) -> int:
        """How many days one bar of a trend stands for."""
        return WEEK if len(self.days) >= 2 * WEEK else 1

    @property
    def steps(self) -> int:
        return -(-len(self.days) // self.step)

    def step_of(self, day: date) -> int:
        """Which bar of a trend `day` belongs to: the last ends today, so the first may be short."""
        return self.steps - 1 - (self.last - day).days // self.step

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()
