"""The figures as HTML: the body of the owner's page, and one file to print with everything in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prp_guide.insight import charts
from prp_guide.insight.figures import Insight
from prp_guide.insight.gaps import Gap, foremost
from prp_guide.insight.questions import OUTCOMES
from prp_guide.insight.tables import TABLES

HERE = Path(__file__).parent
STYLE = HERE / "insight.css"
MOST_TOPICS = 15

OUTCOME_WORDS = {
    "answered": "Answered from your page",
    "staff": "Handed to the front desk",
    "clarified": "Asked back",
    "declined": "Declined: not about PRP",
    "failed": "Not answered: a fault",
}
TIER_WORDS = {
    "emergency": "Emergency: call 911",
    "self_harm": "Self-harm: call or text 988",
    "poison": "Poison Control",
    "same_day": "Call us today",
}
TABLE_WORDS = {
    "days": "Questions by day",
    "topics": "Topics",
    "callbacks": "Callbacks",
    "red-flags": "Red flags",
    "gaps": "Content gaps",
}
assert set(TABLE_WORDS) == set(TABLES)


def body(
    insight: Insight, *, write: Callable[[Gap], str | None], downloads: str | None = None, pending: bool = False
) -> Markup:
    """What stands in the page, without its frame.

    `write` gives the address at which the answer of a gap is written, None while there is none: then the file is
    named. `downloads` is the address of the tables up to their names; None leaves the links out.
    `pending` says that patients' words are still being grouped.
    """
    shown = foremost(insight.gaps)
    highest = max((max(row.trend) for row in insight.topics), default=0)
    text = (
        _templates()
        .get_template("body.html")
        .render(
            insight=insight,
            outcomes=OUTCOMES,
            outcome_words=OUTCOME_WORDS,
            tier_words=TIER_WORDS,
            table_words=TABLE_WORDS,
            topics=insight.topics[:MOST_TOPICS],
            rest=insight.topics[MOST_TOPICS:],
            gaps=shown,
            more_gaps=len(insight.gaps) - len(shown),
            days_chart=charts.stacked_days("Questions by day, parted by what became of them", insight.daily, OUTCOMES),
            waits_chart=charts.bars("Requests by how long until the first call", insight.calls.waits(), "staff"),
            trend=lambda row: charts.trend(
                f"{', then '.join(map(str, row.trend))}, {step_words(insight)}", row.trend, highest
            ),
            step_words=step_words(insight),
            write=write,
            downloads=downloads,
            pending=pending,
        )
    )
    return Markup(text)  # noqa: S704 (a template's, which escapes what is put into it)


def document(insight: Insight, *, write: Callable[[Gap], str | None]) -> str:
    """One HTML file that needs nothing beside it."""
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704 (ours)
    return (
        _templates().get_template("report.html").render(insight=insight, style=style, body=body(insight, write=write))
    )


def step_words(insight: Insight) -> str:
    """What a bar of a trend stands for."""
    return "week by week" if insight.span.step > 1 else "day by day"


def in_words(duration: timedelta | None) -> str:
    """A duration as people say it: 25 min, 3 h 10 min, 2 days 4 h."""
    if duration is None:
        return "–"
    minutes = round(duration.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} {'day' if days == 1 else 'days'}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"


def day_words(day: date | datetime) -> str:
    """A day as people write it: November 23, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["duration"] = in_words
    made.filters["day"] = day_words
    return made
