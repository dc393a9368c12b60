"""Understanding alone: `python -m benchmarks.speed.nlu MODEL SECONDS < messages.json`, in a process of its own.

Prints the median of the milliseconds that `agent.parse_message` takes, as `rasa` itself runs it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from benchmarks.speed.load import percentile

WARM_UP = 10


def main(model: str, seconds: float) -> None:
    from rasa.core.agent import Agent

    messages = json.load(sys.stdin)
    agent = Agent.load(model)

    async def ask() -> list[float]:
        took = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(took) <= WARM_UP:
            began = time.perf_counter()
            await agent.parse_message(messages[len(took) % len(messages)])
            took.append((time.perf_counter() - began) * 1000)
        return took[WARM_UP:]

    print(percentile(asyncio.run(ask()), 50))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
