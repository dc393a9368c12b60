"""How the cost of a reply, a training and the inbox grows with what there is."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.inbox import desk_of, milliseconds
from benchmarks.speed.bots import Ours
from benchmarks.speed.load import Connection, load
from prp_guide import clock, database
from prp_guide.database import sessions, stamp, trackers, turns
from prp_guide.home import PROJECT_ROOT

TURNS = (1, 10, 20, 50, 100, 200)  # turn at which a window of messages ends; the first window is turns 1 to 10
TOPICS = (43, 86, 172, 430)
CONVERSATIONS = (10, 1_000, 10_000, 100_000)
CALLBACKS = (0, 1_000, 10_000, 100_000, 1_000_000)
WAITING = 300  # of the requests; a front desk that has more of them than that is not at work
_WINDOW = 10
_AGAIN = 3  # conversations of that length
_PHRASES = 120  # of a generated topic
_AT_ONCE = 5_000
Row = dict[str, float]


def by_turns(folder: Path, shown: Callable[[str], None], longest: int = TURNS[-1]) -> dict[int, Row]:
    """Milliseconds a reply in long conversations, over the ten turns that end at each of TURNS, beside fresh ones."""
    ours = Ours(folder)
    ours.ensure_trained()
    ours.start()
    try:
        load(ours, 1, 5)
        long, fresh = asyncio.run(_converse(ours, longest))
    finally:
        ours.stop()
    rows = {}
    for end in (turn for turn in TURNS if _WINDOW <= turn <= longest):
        rows[end] = {
            "reply, ms": median(long[end - _WINDOW : end]),
            "fresh conversation, ms": median(fresh[end - _WINDOW : end]),
        }
        shown(f"turn {end}: {rows[end]}")
    return rows


async def _converse(ours: Ours, longest: int) -> tuple[list[float], list[float]]:
    """By turn, the median of what the same message took in a long conversation, and in one that it began.

    The messages begin no callback form: inside it a turn asks the action server as well, however young it is.
    """
    long: list[list[float]] = [[] for _ in range(longest)]
    fresh: list[list[float]] = [[] for _ in range(longest)]
    async with Connection(ours.port) as connection:
        questions: list[str] = []
        for text in ours.messages:
            if len(questions) == _WINDOW:
                break
            if not await ours.begins_form(connection, await ours.open(connection), text):
                questions.append(text)
        for _ in range(_AGAIN):
            conversation = await ours.open(connection)
            for turn in range(longest):
                text = questions[turn % _WINDOW]
                other = await ours.open(connection)
                for talk, took in ((conversation, long), (other, fresh)):
                    began = time.perf_counter()
                    await ours.say(connection, talk, text)
                    took[turn].append((time.perf_counter() - began) * 1000)
    return [median(took) for took in long], [median(took) for took in fresh]


def by_topics(folder: Path, shown: Callable[[str], None], sizes: Iterable[int] = TOPICS) -> dict[int, Row]:
    """Training, start, memory and a reply with generated topics beside the real ones."""
    rows = {}
    for size in sizes:
        root = folder / f"topics-{size}"
        _generate(root, size)
        ours = Ours(folder / f"state-{size}", root=root)
        row = {"training, s": ours.train(), "start to first reply, s": ours.start()}
        try:
            load(ours, 1, 5)
            row |= {"reply, ms": load(ours, 1, 10).percentile(50), "memory, MB": ours.memory()}
        finally:
            ours.stop()
        rows[size] = row
        shown(f"{size} topics: {row}")
    return rows


def _generate(root: Path, size: int) -> None:
    """A copy of the project's content with generated topics, to `size` in all."""
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "clinic.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / name, root / name)
    shutil.copytree(PROJECT_ROOT / "data", root / "data")
    (root / "models").mkdir()
    (root / "models" / "encoder").symlink_to(PROJECT_ROOT / "models" / "encoder")
    dice = random.Random(size)  # noqa: S311 - noise, no secrets
    words = [
        word for file in (root / "data/phrases").glob("*.yml") for word in file.read_text().split() if word.isalpha()
    ]
    pattern = (root / "data/topics/pain.yml").read_text(encoding="utf-8")
    for number in range(size - len(list((root / "data/topics").glob("*.yml")))):
        name = f"made_{number}"
        (root / f"data/topics/{name}.yml").write_text(pattern.replace("id: pain", f"id: {name}"), encoding="utf-8")
        own = [f"{dice.choice(words)}{number}" for _ in range(12)]
        phrases = [" ".join([*dice.choices(words, k=4), dice.choice(own)]) for _ in range(_PHRASES)]
        listed = "".join(f"    - {phrase}\n" for phrase in dict.fromkeys(phrases))
        head = f'version: "3.1"\nnlu:\n- intent: ask_{name}\n  examples: |\n'
        (root / f"data/phrases/{name}.yml").write_text(head + listed, encoding="utf-8")


def by_conversations(
    folder: Path, shown: Callable[[str], None], sizes: Iterable[int] = CONVERSATIONS
) -> dict[int, Row]:
    """A reply and the start with so many conversations of ten turns in the store."""
    ours = Ours(folder)
    ours.ensure_trained()
    ours.start()
    try:
        load(ours, 1, 5)  # one conversation at least is whole: the others are made after it
    finally:
        ours.stop()
    rows = {}
    for size in sizes:
        _fill(ours.home.database_url, size)
        row = {"start to first reply, s": ours.start()}
        try:
            load(ours, 1, 4)
            row |= {"reply, ms": load(ours, 1, 8).percentile(50)}
            row |= {"replies a second, 16 clients": load(ours, 16, 8).per_second}
        finally:
            ours.stop()
        row["database, MB"] = (ours.home.state / "prp-guide.db").stat().st_size / 1e6
        rows[size] = row
        shown(f"{size} conversations: {row}")
    return rows


def _fill(url: str, size: int) -> None:
    """Copies of one stored conversation, over the last four weeks, until there are `size`."""
    engine = database.engine(url)
    with engine.connect() as connection:
        there = connection.execute(sessions.select()).all()
        most = max(there, key=lambda row: row.last_turn)
        said = connection.execute(turns.select().where(turns.c.session == most.id)).all()
        kept = connection.execute(trackers.select().where(trackers.c.conversation == most.id)).one()
    now, dice = clock.now(), random.Random(size)  # noqa: S311 - noise, no secrets
    for start in range(len(there), size, _AT_ONCE):
        made: list[list[dict[str, Any]]] = [[], [], []]
        for number in range(start, min(start + _AT_ONCE, size)):
            name, when = f"made{number:020}", stamp(now - timedelta(hours=dice.uniform(1, 24 * 28)))
            made[0].append({**most._mapping, "id": name, "created": when, "last_seen": when})
            made[1] += [{**row._mapping, "session": name, "created": when, "finished": when} for row in said]
            made[2].append({**kept._mapping, "conversation": name, "saved": when})
        with engine.begin() as connection:
            for table, rows in zip((sessions, turns, trackers), made, strict=True):
                connection.execute(table.insert(), rows)


def by_callbacks(shown: Callable[[str], None], sizes: Iterable[int] = CALLBACKS) -> dict[int, Row]:
    """The inbox's first page with so many requests, of which 300 wait and the others are done."""
    rows = {}
    for size in sizes:
        with desk_of(size, WAITING) as (client, inbox):
            row = {"first page, ms": median(milliseconds(client, "/desk", 7))}
            row["done, ms"] = median(milliseconds(client, "/desk?tab=done", 5))
            row["search by name, ms"] = median(milliseconds(client, "/desk?q=jos%C3%A9+park", 3))
            began = time.perf_counter()
            inbox.queue.pulse()
            row["a look for news, ms"] = (time.perf_counter() - began) * 1000
        rows[size] = row
        shown(f"{size} requests: {row}")
    return rows


def machine() -> str:
    """The machine in words."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return f"{os.cpu_count()} processors{f' ({names[0]})' if names else ''}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []
