"""Charts as small SVG files, legible in light and dark: they bring their own ground, and follow the reader's scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from prp_guide.evaluation.figures import VERDICT_ORDER, Point, Tally
from prp_guide.evaluation.verdicts import Share

WIDTH = 720
_LEFT, _RIGHT, _ROW = 216, 112, 24

_STYLE = """
text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2933}
.title{font-weight:600;font-size:15px}.small{font-size:12px;fill:#52606d}.end{text-anchor:end}.mid{text-anchor:middle}
.ground{fill:#ffffff;stroke:#d5dae1}.grid{stroke:#d5dae1}.axis{stroke:#7b8794}
.right{fill:#2f7d54}.assisted{fill:#93cbab}.declined{fill:#c7cdd6}.noisy{fill:#e5b04b}.wrong{fill:#c2392b}
.line{fill:none;stroke-width:2}.one{stroke:#2b6cb0}.two{stroke:#8a5a00;stroke-dasharray:6 4}
.dot-one{fill:#2b6cb0}.dot-two{fill:#8a5a00}.chosen{fill:none;stroke:#c2392b;stroke-width:2.5}
@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.small{fill:#b3bcc7}
.ground{fill:#161b22;stroke:#3a434f}.grid{stroke:#303843}.axis{stroke:#8a95a3}
.right{fill:#5cb985}.assisted{fill:#2c6a48}.declined{fill:#566070}.noisy{fill:#d7a13a}.wrong{fill:#f0705f}
.one{stroke:#6cb2f5}.two{stroke:#e3b35c}.dot-one{fill:#6cb2f5}.dot-two{fill:#e3b35c}.chosen{stroke:#f0705f}}
"""


def bars(title: str, rows: Mapping[str, Tally]) -> str:
    """A bar for each of `rows`, parted by verdict, with right and wrong in figures beside it."""
    room = WIDTH - _LEFT - _RIGHT
    marks = [*_legend(52), text(WIDTH - 16, 52, "right / wrong", "small end")]
    y = 66
    for name, tally in rows.items():
        x = float(_LEFT)
        marks.append(text(_LEFT - 10, y + 15, f"{name} ({tally.total})", "end"))
        for verdict in VERDICT_ORDER:
            width = room * tally.share(verdict).percent / 100
            if width:
                marks.append(
                    f'<rect class="{verdict}" x="{x:.1f}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 7}"/>'
                )
            x += width
        right, wrong = tally.share("right").percent, tally.share("wrong", "noisy").percent
        marks.append(text(WIDTH - 16, y + 15, f"{right:.0f} % / {wrong:.0f} %", "end"))
        y += _ROW
    return svg(title, y + 12, marks)


def intervals(title: str, rows: Mapping[str, Share]) -> str:
    """A dot for each of `rows` with its 95 % interval as a line."""
    lowest = min((share.interval[0] for share in rows.values()), default=0.0)
    start = min(90.0, 10 * (lowest // 10))
    room = WIDTH - _LEFT - _RIGHT

    def at(percent: float) -> float:
        return _LEFT + room * (percent - start) / (100 - start)

    bottom = 48 + _ROW * len(rows)
    marks = []
    for percent in _ticks(start, 100):
        marks.append(f'<line class="grid" x1="{at(percent):.1f}" x2="{at(percent):.1f}" y1="44" y2="{bottom}"/>')
        marks.append(text(at(percent), bottom + 18, f"{percent:.0f} %", "small mid"))
    for number, (name, share) in enumerate(rows.items()):
        y = 48 + _ROW * number + 12
        low, high = share.interval
        marks.append(text(_LEFT - 10, y + 5, f"{name} ({share.total})", "end"))
        marks.append(f'<line class="line one" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{y}" y2="{y}"/>')
        marks.append(f'<circle class="dot-one" cx="{at(share.percent):.1f}" cy="{y}" r="5"/>')
        marks.append(text(WIDTH - 16, y + 5, f"{share.percent:.1f} %", "end"))
    return svg(title, bottom + 32, marks)


def curve(title: str, series: Mapping[str, Sequence[Point]], chosen: float) -> str:
    """Answered against wrong, a line for each of `series` (two at most); the points at `chosen` are ringed."""
    points = [point for line in series.values() for point in line]
    widest = max(2.0, *(point.wrong.percent * 1.1 for point in points))
    lowest = min(90.0, 10 * (min(point.answered.percent for point in points) // 10))
    left, right, top, bottom = 64, WIDTH - 24, 76, 330

    def at(point: Point) -> tuple[float, float]:
        x = left + (right - left) * point.wrong.percent / widest
        return x, bottom - (bottom - top) * (point.answered.percent - lowest) / (100 - lowest)

    marks = []
    for percent in _ticks(lowest, 100):
        y = bottom - (bottom - top) * (percent - lowest) / (100 - lowest)
        marks.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        marks.append(text(left - 8, y + 4, f"{percent:.0f} %", "small end"))
    for percent in _ticks(0, widest):
        marks.append(text(left + (right - left) * percent / widest, bottom + 18, f"{percent:g} %", "small mid"))
    marks.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>')
    marks.append(text((left + right) / 2, bottom + 38, "answered wrongly, of all messages", "small mid"))
    marks.append(text(16, 68, "answered", "small"))
    for number, (look, (name, line)) in enumerate(zip(("one", "two"), series.items(), strict=False)):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, line))
        marks.append(f'<polyline class="line {look}" points="{path}"/>')
        begin = left + 40 + 250 * number
        marks.append(f'<line class="line {look}" x1="{begin}" x2="{begin + 26}" y1="48" y2="48"/>')
        marks.append(text(begin + 34, 52, name))
        for point in line:
            x, y = at(point)
            marks.append(f'<circle class="dot-{look}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>')
            if abs(point.sure - chosen) < 1e-6:
                marks.append(f'<circle class="chosen" cx="{x:.1f}" cy="{y:.1f}" r="8"/>')
    marks.append(f'<circle class="chosen" cx="{right - 120}" cy="48" r="8"/>')
    marks.append(text(right - 106, 52, f"chosen: {chosen:g}"))
    return svg(title, bottom + 52, marks)


def _legend(y: int) -> list[str]:
    marks, x = [], _LEFT
    for verdict in VERDICT_ORDER:
        marks.append(f'<rect class="{verdict}" x="{x}" y="{y - 10}" width="12" height="12"/>')
        marks.append(text(x + 17, y, verdict, "small"))
        x += 78
    return marks


def _ticks(start: float, end: float) -> Iterable[float]:
    """A handful of round numbers from `start` to `end`."""
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50) if (end - start) / step <= 8)
    value = start
    while value <= end:
        yield value
        value += step


def text(x: float, y: float, words: str, look: str = "") -> str:
    """`words` at a place, in the looks of the classes `look`."""
    chosen = f' class="{look}"' if look else ""
    return f'<text{chosen} x="{x:g}" y="{y:g}">{escape(words)}</text>'


def svg(title: str, height: int, marks: Iterable[str]) -> str:
    """A whole chart of `marks` under `title`."""
    drawn = "\n".join(marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{_STYLE}</style>\n'
        f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n'
        f"{text(16, 28, title, 'title')}\n{drawn}\n</svg>\n"
    )
