"""What a turn costs on this machine, with one Rasa and with two: python -m benchmarks.scale [seconds, 30 by default]

The real assistant, on SQLite and on PostgreSQL; patients who ask five questions and leave a callback, one after the
other, so many at a time that the processors are busy. Processor time is read from the processes themselves.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from prp_guide.supervisor import memory
from tests.support.assistant import Assistant
from tests.support.postgresql import find_postgresql, fresh_database, running_postgresql

QUESTIONS = (
    "when can i wash my hair",
    "how many sessions do i need",
    "is it surgery and does it hurt",
    "what does it cost",
    "can i go to the gym after",
    "does it work for women",
    "how long do results last",
    "who does the procedure",
)
FORM = ("please call me", "Jo Park", "310 555 0147", "after 5 pm", "yes")
AT_ONCE = 8
TICK = os.sysconf("SC_CLK_TCK")


def dialogue(http: httpx.Client, dice: random.Random, took: list[float], until: float) -> None:
    opened = http.post("/api/chat/sessions", json={}).json()
    headers = {"Authorization": f"Bearer {opened['session']}"}
    for words in (*dice.sample(QUESTIONS, 5), *FORM):
        if time.monotonic() > until:
            return
        began = time.monotonic()
        answer = http.post("/api/chat/messages", json={"text": words}, headers=headers)
        took.append(time.monotonic() - began)
        assert answer.json()["messages"][0]["kind"] != "error", "some were told the phone number: the run is void"


def load(url: str, seconds: float, at_once: int) -> list[float]:
    """How long each turn took, with so many patients at once for so long."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def patient(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 (noise, no secrets)
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
            while time.monotonic() < until:
                dialogue(http, dice, took, until)

    threads = [threading.Thread(target=patient, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    return took


def processor_time(pid: int) -> float:
    """Seconds of a processor that the process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(folder: Path, replicas: int, seconds: float, **environment: str) -> None:
    assistant = Assistant(folder, replicas=replicas, **environment)
    assistant.start()
    try:
        load(assistant.base_url, 5, AT_ONCE)  # everything is loaded and known
        for at_once in (1, AT_ONCE * replicas):
            pids = assistant.pids()
            before = {name: processor_time(pid) for name, pid in pids.items()}
            began = time.monotonic()
            took = sorted(load(assistant.base_url, seconds, at_once))
            spent = time.monotonic() - began
            used = {name: processor_time(pid) - before[name] for name, pid in pids.items()}
            kinds: dict[str, float] = {}
            for name, value in used.items():
                kinds[name.partition("-")[0]] = kinds.get(name.partition("-")[0], 0.0) + value
            costs = ", ".join(f"{kind} {1000 * value / len(took):.1f} ms" for kind, value in kinds.items())
            print(
                f"{replicas} Rasa, {'PostgreSQL' if environment else 'SQLite'}, {at_once} at once: "
                f"{len(took) / spent:.1f} turns/s, p50 {1000 * statistics.median(took):.0f} ms, "
                f"p95 {1000 * took[int(len(took) * 0.95)]:.0f} ms; processor time a turn: {costs}",
                flush=True,
            )
        held = ", ".join(f"{name} {memory([pid]) / 1e6:.0f} MB" for name, pid in assistant.pids().items())
        print(f"memory: {held}", flush=True)
    finally:
        assistant.stop()


def main(seconds: float) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prp-scale-")))
        for replicas in (1, 2):
            measure(folder / f"sqlite-{replicas}", replicas, seconds)
        if (binaries := find_postgresql()) is not None:
            server = stack.enter_context(running_postgresql(binaries))
            with fresh_database(server) as url:
                measure(folder / "postgresql", 2, seconds, PRP_DATABASE_URL=url)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
