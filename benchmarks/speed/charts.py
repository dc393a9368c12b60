"""Charts of the figures, in the looks of the evaluation's."""

from __future__ import annotations

from collections.abc import Mapping

from prp_guide.evaluation.charts import WIDTH, svg, text

_LEFT, _RIGHT, _ROW = 216, 112, 24


def ratios(title: str, rows: Mapping[str, tuple[float, float, float]]) -> str:
    """A bar for each row's share of the other bot's cost (less is better), with marks at what must and should be."""
    room = WIDTH - _LEFT - _RIGHT
    most = max(1.0, *(value for row in rows.values() for value in row))
    marks = [text(_LEFT, 52, "red: must, dashed: aim", "small")]
    marks.append(text(WIDTH - 16, 52, "of the rasa init bot", "small end"))
    y = 66
    for name, (share, must, aim) in rows.items():
        marks.append(text(_LEFT - 10, y + 15, name, "end"))
        width = room * share / most
        marks.append(f'<rect class="right" x="{_LEFT}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 7}"/>')
        for look, value in (("chosen", must), ("line two", aim)):
            x = _LEFT + room * value / most
            marks.append(f'<line class="{look}" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + _ROW - 2}"/>')
        marks.append(text(WIDTH - 16, y + 15, f"{share:.2f}", "end"))
        y += _ROW
    return svg(title, y + 12, marks)


def shares(title: str, rows: Mapping[str, float]) -> str:
    """A bar for each row's part of the whole."""
    room, whole, most = WIDTH - _LEFT - _RIGHT, sum(rows.values()), max(rows.values())
    marks, y = [], 44
    for name, value in rows.items():
        marks.append(text(_LEFT - 10, y + 15, name, "end"))
        marks.append(
            f'<rect class="right" x="{_LEFT}" y="{y + 3}" width="{room * value / most:.1f}" height="{_ROW - 7}"/>'
        )
        marks.append(text(WIDTH - 16, y + 15, f"{100 * value / whole:.0f} %, {value:.1f} ms", "end"))
        y += _ROW
    return svg(title, y + 12, marks)


def growth(title: str, rows: Mapping[int, float], unit: str) -> str:
    """A line over the sizes, which stand at equal distances: they grow tenfold at a time."""
    left, right, top, bottom = 64, WIDTH - 40, 76, 250
    most = 1.15 * max(rows.values())
    step = (right - left) / max(1, len(rows) - 1)
    points = [
        (left + step * number, bottom - (bottom - top) * value / most) for number, value in enumerate(rows.values())
    ]
    marks = [text(16, 56, unit, "small")]
    for part in range(5):
        y = bottom - (bottom - top) * part / 4
        marks.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        marks.append(text(left - 8, y + 4, f"{most * part / 4:.0f}", "small end"))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks.append(f'<polyline class="line one" points="{path}"/>')
    for (x, y), (size, value) in zip(points, rows.items(), strict=True):
        marks.append(f'<circle class="dot-one" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        marks.append(text(x, y - 10, f"{value:.0f}", "small mid"))
        marks.append(text(x, bottom + 18, f"{size:,}", "small mid"))
    return svg(title, bottom + 32, marks)
