"""Charts as SVG without a style of their own: insight.css colours them, for the page, the dark and the printer.

Each says what it shows in its label; the same figures stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape

from markupsafe import Markup

from prp_guide.insight.questions import Outcome

WIDTH = 720
_LEFT, _RIGHT, _TOP, _HEIGHT, _FOOT = 46, 12, 10, 170, 26
NARROW = 380


def stacked_days(title: str, days: Mapping[date, Mapping[Outcome, int]], parts: Sequence[Outcome]) -> Markup:
    """A bar a day, parted by `parts` from below."""
    highest = max((sum(counts.values()) for counts in days.values()), default=0)
    top = _round_up(highest)
    room, width = _HEIGHT, (WIDTH - _LEFT - _RIGHT) / max(len(days), 1)
    bottom = _TOP + room
    marks = [*_grid(top, bottom, room)]
    every = max(1, -(-len(days) // 8))
    for number, (day, counts) in enumerate(days.items()):
        x, y = _LEFT + width * number, float(bottom)
        bar = []
        for part in parts:
            height = room * counts[part] / top
            if height:
                y -= height
                bar.append(_rect(part, x + width * 0.12, y, width * 0.76, height))
        total = sum(counts.values())
        marks.append(f"<g><title>{day:%a %b} {day.day}: {total}</title>{''.join(bar)}</g>")
        if (len(days) - 1 - number) % every == 0:
            marks.append(_text(x + width / 2, bottom + 18, f"{day:%b} {day.day}", "mid"))
    return _svg(title, WIDTH, bottom + _FOOT, marks)


def bars(title: str, rows: Sequence[tuple[str, int]], look: str = "answered", *, left: int = 148) -> Markup:
    """A lying bar for each of `rows`, with its number; for half of the page's width."""
    highest = max((number for _, number in rows), default=0) or 1
    marks, row = [], 26
    for place, (name, number) in enumerate(rows):
        y = 4 + row * place
        length = (NARROW - left - 40) * number / highest
        marks.append(_text(left - 10, y + 15, name, "end"))
        marks.append(_rect(look, left, y, max(length, 1.0 if number else 0.0), row - 7))
        marks.append(_text(left + length + 8, y + 15, str(number)))
    return _svg(title, NARROW, 8 + row * len(rows), marks, look="chart narrow")


def trend(title: str, counts: Sequence[int], highest: int) -> Markup:
    """Small bars for a cell of a table, `highest` being the tallest of all rows."""
    width, height = 12, 26
    marks = []
    for place, number in enumerate(counts):
        tall = max(height * number / max(highest, 1), 2.0 if number else 1.0)
        marks.append(_rect("answered" if number else "none", place * width, height - tall, width - 3, tall))
    return _svg(title, width * len(counts) - 3, height, marks, look="trend")


def _grid(top: int, bottom: int, room: int) -> Iterable[str]:
    steps = next(steps for steps in (4, 5, 3, 2, 1) if top % steps == 0)
    for step in range(steps + 1):
        y = bottom - room * step / steps
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(_LEFT - 8, y + 4, str(top * step // steps), "end")


def _round_up(number: int) -> int:
    """The round number from `number` on that a scale can end with."""
    if number <= 4:
        return 4
    size: int = 10 ** (len(str(number)) - 1)
    # In tenths of `size`; under ten there are no tenths.
    tenths = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100) if size > 1 else (10, 20, 40, 50, 60, 80, 100)
    return next(tenth * size // 10 for tenth in tenths if tenth * size // 10 >= number)


def _rect(look: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(x: float, y: float, words: str, look: str = "") -> str:
    chosen = f' class="{look}"' if look else ""
    return f'<text{chosen} x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _svg(title: str, width: float, height: float, marks: Iterable[str], look: str = "chart") -> Markup:
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    drawn = "".join(marks)
    return Markup(  # noqa: S704 (every word in it is escaped above)
        f'<svg class="{look}" {size} role="img" aria-label="{escape(title)}">{drawn}</svg>'
    )
