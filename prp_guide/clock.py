"""The one clock. Whoever needs the time asks here, so that tests and the evaluation can fix the day."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone

UTC = timezone.utc


def now() -> datetime:
    """The time now, in UTC, aware. `PRP_TODAY=2026-11-23` moves it to that day, the time of day running on."""
    real = datetime.now(UTC)
    fixed = os.environ.get("PRP_TODAY")
    if not fixed:
        return real
    day = date.fromisoformat(fixed)
    return real + timedelta(days=(day - real.date()).days)
