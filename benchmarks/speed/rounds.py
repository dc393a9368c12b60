"""The alternating rounds: in each, both bots are trained, started, asked and ended, now one first, now the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.speed.bots import Bot, Init, Ours
from benchmarks.speed.load import load

CLIENTS = (1, 4, 16, 64)
Figures = dict[str, list[float]]


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    rounds: int = 5
    seconds: float = 12.0  # of each load
    warm_up: float = 5.0
    training: bool = True  # in each round; otherwise once


QUICK = Extent(rounds=1, seconds=4.0, warm_up=3.0, training=False)


def compare(folder: Path, extent: Extent, made: Path | None, shown: Callable[[str], None]) -> dict[str, Any]:
    """The medians over all rounds, by bot and figure. `made`: where `rasa init` was run before."""
    bots: list[Bot] = [Ours(folder / "ours"), Init(folder / "init", made)]
    seen: dict[str, Figures] = {bot.name: {} for bot in bots}
    for number in range(extent.rounds):
        for bot in bots if number % 2 == 0 else reversed(bots):
            figures = _round(bot, extent, first=number == 0)
            for name, value in figures.items():
                seen[bot.name].setdefault(name, []).append(value)
            told = ", ".join(f"{name} {value:.1f}" for name, value in figures.items() if "p9" not in name)
            shown(f"round {number + 1} of {extent.rounds}, {bot.name}: {told}")
    return {name: {figure: median(values) for figure, values in figures.items()} for name, figures in seen.items()}


def _round(bot: Bot, extent: Extent, *, first: bool) -> dict[str, float]:
    figures: dict[str, float] = {}
    if extent.training or first:
        figures["training, s"] = bot.train()
    figures["start to first reply, s"] = bot.start()
    try:
        load(bot, 4, extent.warm_up)
        for clients in CLIENTS:
            run = load(bot, clients, extent.seconds)
            for name, value in run.figures().items():
                figures[f"{clients} {name}"] = value
        figures["memory, MB"] = bot.memory()
    finally:
        bot.stop()
    figures["understanding alone, ms"] = _understanding(bot, extent.seconds)
    return figures


def _understanding(bot: Bot, seconds: float) -> float:
    _, folder, environment = bot.start_command()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "ignore", "-m", "benchmarks.speed.nlu", str(bot.model), str(seconds)],
        cwd=folder,
        env={**bot.environment, **environment},
        input=json.dumps(list(bot.messages)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    return float(done.stdout.strip().splitlines()[-1])
