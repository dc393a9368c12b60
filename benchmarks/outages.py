"""What patients met while things broke, as a chart:

PRP_TRIAL=trial.json make test-long
python -m benchmarks.outages trial.json docs/benchmarks/outages.svg
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from prp_guide.evaluation.charts import WIDTH, svg, text

LEFT, RIGHT, TOP, BOTTOM = 48, WIDTH - 20, 150, 330
LOOKS = {"well": "right", "moved": "assisted", "phone": "noisy", "nothing": "wrong"}
NAMES = {
    "well": "answered",
    "moved": "answered by the other web",
    "phone": "phone number and plain form",
    "nothing": "nothing",
}


def chart(trial: dict[str, Any]) -> str:
    """A bar a second, parted by what came; above it what was done to the processes."""
    seconds = max(trial["seconds"], max(at for at, _ in trial["requests"]))
    bins = int(seconds) + 1
    met: list[Counter[str]] = [Counter() for _ in range(bins)]
    for at, what in trial["requests"]:
        met[int(at)][what] += 1
    most = max(sum(one.values()) for one in met)
    width = (RIGHT - LEFT) / bins
    marks = _legend()
    for number in range(0, most + 1, max(1, most // 4)):
        y = BOTTOM - (BOTTOM - TOP) * number / most
        marks.append(f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        marks.append(text(LEFT - 8, y + 4, str(number), "small end"))
    for second, one in enumerate(met):
        y = float(BOTTOM)
        for what, look in LOOKS.items():
            height = (BOTTOM - TOP) * one[what] / most
            y -= height
            if height:
                marks.append(
                    f'<rect class="{look}" x="{LEFT + second * width:.1f}" y="{y:.1f}" '
                    f'width="{width * 0.85:.1f}" height="{height:.1f}"/>'
                )
    for number, (at, what) in enumerate(trial["moments"]):
        x, y = LEFT + at * width, 86 + 18 * (number % 4)
        marks.append(
            f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 3}" y2="{BOTTOM}" stroke-dasharray="3 3"/>'
        )
        late = at > seconds * 0.75
        marks.append(text(x - 4 if late else x + 4, y, what, "small end" if late else "small"))
    marks.append(f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}"/>')
    for second in range(0, bins, 10):
        marks.append(text(LEFT + second * width, BOTTOM + 18, f"{second} s", "small mid"))
    return svg("Requests in each second, and what came of them", BOTTOM + 34, marks)


def _legend() -> list[str]:
    marks, x = [], 16
    for what, name in NAMES.items():
        marks.append(f'<rect class="{LOOKS[what]}" x="{x}" y="44" width="12" height="12"/>')
        marks.append(text(x + 17, 54, name, "small"))
        x += 60 + 7 * len(name)
    return marks


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(chart(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
