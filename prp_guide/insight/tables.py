"""The figures as CSV files. No word of a patient's: counts, days, and names that the clinic gave."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from prp_guide.frontdesk.export import inert
from prp_guide.insight.figures import Insight
from prp_guide.insight.questions import OUTCOMES

Rows = Iterable[Sequence[object]]


def _days(insight: Insight) -> Rows:
    yield ("day", *OUTCOMES)
    for day, counts in insight.daily.items():
        yield (day.isoformat(), *(counts[outcome] for outcome in OUTCOMES))


def _topics(insight: Insight) -> Rows:
    steps = [f"period {number + 1}" for number in range(insight.span.steps)]
    yield ("topic", "label", "kind", "asked", "helpful", "not helpful", *steps)
    for row in insight.topics:
        yield (row.topic, row.label, row.kind, row.asked, row.helpful, row.unhelpful, *row.trend)


def _calls(insight: Insight) -> Rows:
    yield ("day", "priority", "minutes to the first call", "in time")
    for one in sorted(insight.calls.requests, key=lambda one: one.day):
        minutes = "" if one.waited is None else round(one.waited.total_seconds() / 60)
        in_time = "" if one.in_time is None else ("yes" if one.in_time else "no")
        yield (one.day.isoformat(), "urgent" if one.urgent else "normal", minutes, in_time)


def _flags(insight: Insight) -> Rows:
    yield ("tier", "cards", *(f"period {number + 1}" for number in range(insight.span.steps)))
    for tier, counts in insight.flags.items():
        yield (tier, sum(counts), *counts)


def _gaps(insight: Insight) -> Rows:
    yield ("gap", "topic", "label", "asked", "conversations", "not helpful", "votes")
    for gap in insight.gaps:
        yield (gap.kind, gap.topic or "", gap.label, gap.asked, gap.conversations, gap.unhelpful, gap.votes)


TABLES: dict[str, Callable[[Insight], Rows]] = {
    "days": _days,
    "topics": _topics,
    "callbacks": _calls,
    "red-flags": _flags,
    "gaps": _gaps,
}


def table(insight: Insight, name: str) -> str:
    """The table called `name`, one of TABLES, as CSV (RFC 4180); no cell can become a formula in a spreadsheet."""
    page = io.StringIO(newline="")
    csv.writer(page).writerows([inert(str(cell)) for cell in row] for row in TABLES[name](insight))
    return page.getvalue()
