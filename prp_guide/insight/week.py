"""The Monday e-mail: what patients asked in the week before, in a dozen lines and without a word of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from prp_guide.insight.figures import Insight
from prp_guide.insight.gaps import Gap
from prp_guide.insight.page import OUTCOME_WORDS, day_words, in_words
from prp_guide.insight.questions import OUTCOMES

AT = time(7, 30)  # before the desk opens
MOST_GAPS = 5


def last_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The last Monday morning, at or before `now`, when it is time to write."""
    local = now.astimezone(zone)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), AT, zone)
    return monday if monday <= local else monday - timedelta(days=7)


def lines(insight: Insight, inbox_url: str | None) -> Sequence[str]:
    """The lines for the week of `insight`; none when nobody asked and nobody wanted a call."""
    calls = insight.calls
    if not (insight.questions or calls.requests or any(map(sum, insight.flags.values()))):
        return ()
    said = [f"{day_words(insight.span.first)} to {day_words(insight.span.last)}", ""]
    parts = [f"{OUTCOME_WORDS[name]}: {insight.outcomes[name]}" for name in OUTCOMES if insight.outcomes[name]]
    said.append(f"{insight.questions} {'question' if insight.questions == 1 else 'questions'}. {'. '.join(parts)}.")
    if insight.helpful or insight.unhelpful:
        said.append(f"Found helpful: {insight.helpful} of {insight.helpful + insight.unhelpful} votes.")
    if calls.requests:
        waited = f", half of those called within {in_words(calls.median())}" if calls.called else ""
        said.append(f"Calls asked for: {len(calls.requests)}, called: {calls.called}{waited}.")
    flags = sum(map(sum, insight.flags.values()))
    if flags:
        said.append(f"Red-flag cards shown: {flags}.")
    gaps = [gap for gap in insight.gaps if gap.kind != "unplaced"][:MOST_GAPS]
    if gaps:
        said += ["", "Answers to write:", *(_line(gap, inbox_url) for gap in gaps)]
    return said


def _line(gap: Gap, inbox_url: str | None) -> str:
    where = f"{inbox_url}/desk/insight#{gap.id}" if inbox_url else str(gap.file)
    return f"- {gap.label} {gap.sentence} Write the answer: {where}"
