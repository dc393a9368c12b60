"""docs/benchmarks.md and its charts, from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.speed import charts
from prp_guide.evaluation.markdown import paragraph, table

OURS, INIT = "PRP Guide", "rasa init"
# What is compared: name, figure, whether more is better, what must be and what is aimed at (design, section 4).
TARGETS = (
    ("throughput, 16 clients", "16 per_second", True, 3.0, 6.0),
    ("p95, 16 clients", "16 p95", False, 1 / 3, 1 / 6),
    ("training", "training, s", False, 1 / 2, 1 / 4),
    ("start to first reply", "start to first reply, s", False, 1 / 2, 1 / 4),
    ("memory, all processes", "memory, MB", False, 1.0, 0.7),
)
_GROWTH = {
    "turns": ("Turns of one conversation", "reply, ms"),
    "topics": ("Topics, those beyond 43 generated", "reply, ms"),
    "conversations": ("Conversations in the store, ten turns each", "reply, ms"),
    "callbacks": ("Requests in the inbox, 300 of them waiting", "first page, ms"),
}


def write(found: Mapping[str, Any], folder: Path) -> None:
    """Write benchmarks.md into `folder`, and the charts beside it into benchmarks/."""
    images = folder / "benchmarks"
    images.mkdir(parents=True, exist_ok=True)
    parts = ["# How fast it is", _head(found)]
    if "compared" in found:
        parts += _compared(found["compared"], images)
    if "stages" in found:
        parts += _stages(found["stages"], images)
    if "growth" in found:
        parts += _growth(found["growth"], images)
    (folder / "benchmarks.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _head(found: Mapping[str, Any]) -> str:
    busy = (
        f" Measured beside other work (load {found['load']:.1f} when it began): take the ratios, not the figures."
        if found["load"] > 0.5
        else ""
    )
    return paragraph(
        f"Written by `make bench` on {found['date']}, on {found['machine']}: {found['rounds']} alternating "
        f"round{'s' if found['rounds'] != 1 else ''} of {found['seconds']:g} s a load, medians.{busy} "
        f"{found.get('note', '')} "
        "[Decision 18](decisions/0018-speed.md) says what made it so, and what did not help."
    )


def _compared(compared: Mapping[str, Mapping[str, float]], images: Path) -> list[str]:
    ours, init = compared[OURS], compared[INIT]
    rows, bars = [], {}
    for name, figure, more, must, aim in TARGETS:
        ratio = ours[figure] / init[figure]
        met = (ratio >= must) if more else (ratio <= must)
        reached = (ratio >= aim) if more else (ratio <= aim)
        verdict = "aim reached" if reached else "reached" if met else "**missed**"
        sign = "at least" if more else "at most"
        bounds = (f"{ratio:.2f}x", f"{sign} {must:.2f}x", f"{aim:.2f}x")
        rows.append((name, f"{ours[figure]:.1f}", f"{init[figure]:.1f}", *bounds, verdict))
        bars[name] = (1 / ratio, 1 / must, 1 / aim) if more else (ratio, must, aim)
    (images / "ratios.svg").write_text(charts.ratios("Cost beside the bot of rasa init: less is better", bars))
    replies = []
    for clients in (1, 4, 16, 64):
        for name, bot in ((OURS, ours), (INIT, init)):
            values = [f"{bot[f'{clients} {figure}']:.0f}" for figure in ("p50", "p95", "p99")]
            replies.append((clients, name, *values, f"{bot[f'{clients} per_second']:.1f}"))
    alone = "understanding alone, ms"
    understanding = (
        [
            f"Understanding a message alone, in Rasa's own way of running it, takes {ours[alone]:.1f} ms and "
            f"{init[alone]:.1f} ms (median)."
        ]
        if alone in ours and alone in init
        else []
    )
    return [
        "## Beside the bot of `rasa init`",
        paragraph(
            "The same Rasa on the same machine, by turns. Ours is asked through the whole chat API, on its durable "
            "stores, with rate limits off: supervisor, web, Rasa and the action server are counted. The other is asked "
            "through Rasa's REST channel and keeps its conversations in memory. Ours is sent messages of the "
            "development set (questions, two in one among them, hellos, what is none of ours: 13 words on average), "
            "the other the examples that it was trained on (2 words). Of memory, what processes share counts once."
        ),
        table(("", OURS, INIT, "ratio", "must", "aim", ""), rows),
        "![Ratios](benchmarks/ratios.svg)",
        table(("clients", "bot", "p50, ms", "p95, ms", "p99, ms", "replies a second"), replies),
        *map(paragraph, understanding),
    ]


def _stages(stages: Mapping[str, float], images: Path) -> list[str]:
    whole = sum(stages.values())
    (images / "stages.svg").write_text(charts.shares("Where the time of a reply goes", stages))
    return [
        "## Where a reply's time goes",
        paragraph("One client, one message at a time, timed inside the processes."),
        table(("stage", "ms", "share"), [(k, f"{v:.2f}", f"{100 * v / whole:.0f} %") for k, v in stages.items()]),
        "![Stages](benchmarks/stages.svg)",
    ]


def _growth(growth: Mapping[str, Mapping[str, Mapping[str, float]]], images: Path) -> list[str]:
    parts = ["## Cost by growth"]
    for name, rows in growth.items():
        title, figure = _GROWTH[name]
        columns = list(next(iter(rows.values())))
        listed = [(f"{int(size):,}", *(f"{row[column]:.1f}" for column in columns)) for size, row in rows.items()]
        line = {int(size): row[figure] for size, row in rows.items()}
        (images / f"{name}.svg").write_text(charts.growth(f"{title}: {figure}", line, figure))
        parts += [f"### {title}", table(("", *columns), listed), f"![{title}](benchmarks/{name}.svg)"]
    return parts
