"""`make bench`, or `python -m benchmarks.speed [--quick] [--only PART] [--init FOLDER]`."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed import document, growth, rounds
from benchmarks.speed.stages import stages
from prp_guide import clock
from prp_guide.home import PROJECT_ROOT

RESULTS = PROJECT_ROOT / "build" / "benchmarks.json"
PARTS = ("compare", "stages", "turns", "topics", "conversations", "callbacks")


def main() -> None:
    given = _arguments()
    extent = rounds.QUICK if given.quick else rounds.Extent(rounds=given.rounds)
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() and given.only else {}
    found.setdefault("growth", {})
    chosen = given.only or PARTS
    if "compare" in chosen or "load" not in found:
        found |= {
            "date": clock.now().date().isoformat(),
            "machine": growth.machine(),
            "load": os.getloadavg()[0],
            "rounds": extent.rounds,
            "seconds": extent.seconds,
        }
    # A part that fails leaves those before it written.
    with tempfile.TemporaryDirectory(prefix="prp-bench-") as name:
        for part in chosen:
            shown(f"{part} ...")
            _measure(part, found, Path(name) / part, extent, given)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(found, indent=1))
            document.write(found, PROJECT_ROOT / "docs")
    shown("Written: docs/benchmarks.md")


def _measure(part: str, found: dict[str, Any], folder: Path, extent: rounds.Extent, given: argparse.Namespace) -> None:
    quick = given.quick
    if part == "compare":
        found["compared"] = rounds.compare(folder, extent, given.init, shown)
    elif part == "stages":
        found["stages"] = stages(folder, extent.seconds)
        shown(str(found["stages"]))
    else:
        tables: dict[str, Callable[[], dict[int, dict[str, float]]]] = {
            "turns": lambda: growth.by_turns(folder, shown, 100 if quick else 200),
            "topics": lambda: growth.by_topics(folder, shown, growth.TOPICS[:: 3 if quick else 1]),
            "conversations": lambda: growth.by_conversations(folder, shown, growth.CONVERSATIONS[: 3 if quick else 4]),
            "callbacks": lambda: growth.by_callbacks(shown, growth.CALLBACKS[: 4 if quick else 5]),
        }
        # As JSON has it: sizes are texts there.
        found["growth"][part] = json.loads(json.dumps(tables[part]()))


def shown(line: str) -> None:
    print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, short loads, smaller sizes: minutes")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds, 5 by default")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts; the others stay as they were measured")
    parser.add_argument("--init", type=Path, help="a folder in which `rasa init` was run before")
    return parser.parse_args()


if __name__ == "__main__":
    main()
