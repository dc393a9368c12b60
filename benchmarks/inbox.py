"""How fast the inbox's views are with many requests: python benchmarks/inbox.py [how many, 10000 by default]

An SQLite file in a temporary folder, the real pages through the application's test client, one at a time.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.testclient import TestClient

from prp_guide import clock, database
from prp_guide.clinic import load_clinic
from prp_guide.content import Library
from prp_guide.database import callback_events, callbacks, stamp
from prp_guide.frontdesk import Attendance, CallbackStore, Inbox, OpeningHours, Outbox, sign_in
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.web.desk import routes as desk

RUNS = 15
AT_ONCE = 20_000  # requests held in memory while they are made


def fill(engine: object, many: int, waiting: int | None = None) -> None:
    """`many` requests with four lines of history each; all done but the last `waiting` ones, or every second one."""
    dice, now = random.Random(7), clock.now()  # noqa: S311 (noise, no secrets)
    for start in range(1, many + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, many + 1))
        done = {number for number in numbers if (number % 2 if waiting is None else number <= many - waiting)}
        _fill(engine, numbers, done, dice, now)


def _fill(engine: object, numbers: range, done: set[int], dice: random.Random, now: datetime) -> None:
    rows, events = [], []
    for number in numbers:
        created = now - timedelta(minutes=dice.uniform(1, 60 * 24 * 60))
        rows.append(
            {
                "reference": f"PRP-{number:05}",
                "created": stamp(created),
                "name": f"{dice.choice(('Ana', 'Bo', 'José', 'Wren'))} {dice.choice(('Park', 'Diaz', 'Ng'))} {number}",
                "phone": f"+1310{number:07}",
                "best_time": "weekday mornings",
                "topic": dice.choice(("cost", "pain", None)),
                "note": "Is it cheaper for three?" if number % 3 else None,
                "lang": dice.choice(("en", "es")),
                "priority": "urgent" if number % 50 == 0 else "normal",
                "status": "done" if number in done else "open",
                "due": stamp(created + timedelta(days=1)),
                "sleeps_until": stamp(now + timedelta(hours=2)) if number % 10 == 0 else None,
                "source": "chat",
                "consent": "callback-1",
                "idempotency_key": str(number),
                "fingerprint": "x",
            }
        )
        for minute, event in enumerate(("created", "claimed", "noted", "reached" if number in done else "released")):
            at, detail = stamp(created + timedelta(minutes=minute)), "Mailbox full." if event == "noted" else None
            events.append({"callback": number, "at": at, "actor": "Ana", "event": event, "detail": detail})
    with engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(callbacks.insert(), rows)
        connection.execute(callback_events.insert(), events)


@contextmanager
def desk_of(many: int, waiting: int | None = None) -> Iterator[tuple[TestClient, Inbox]]:
    """The inbox with so many requests (see `fill`): a client that is signed in, and what stands behind its pages."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(root=PROJECT_ROOT, state=Path(folder))
        database.migrate(home.database_url)
        engine = database.open_database(home, durable=True)
        clinic = load_clinic(home.clinic_file)
        fill(engine, many, waiting)
        hours = OpeningHours(clinic)
        inbox = Inbox.of(engine, hours)
        app = Starlette(routes=desk.routes)
        app.state.services = SimpleNamespace(
            home=home,
            clinic=clinic,
            library=Library.load(home),
            durable=engine,
            callbacks=CallbackStore.of(engine, clinic),
            inbox=inbox,
            hours=hours,
            outbox=Outbox(engine),
            attendance=Attendance(engine, clinic),
        )
        client = TestClient(app, base_url="http://localhost")
        client.cookies.set("prp-desk", sign_in.begin(engine, inbox.users.first().name))
        yield client, inbox


def milliseconds(client: TestClient, path: str, runs: int = RUNS) -> list[float]:
    """What `path` takes, each of `runs` times."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        assert client.get(path).status_code == 200
        took.append((time.perf_counter() - began) * 1000)
    return took


def main(many: int) -> None:
    with desk_of(many) as (client, inbox):
        views = {
            "to call": "/desk",
            "to call, page 40": "/desk?page=40",
            "later": "/desk?tab=later",
            "done": "/desk?tab=done",
            "done, page 50": "/desk?tab=done&page=50",
            "urgent, in Spanish": "/desk?urgent=1&lang=es",
            "overdue, by topic": "/desk?overdue=1&topic=cost",
            "search by name": "/desk?q=jos%C3%A9+park",
            "search by number": "/desk?q=0147",
            "search in notes": "/desk?q=mailbox",
            "one request": "/desk/requests/PRP-00100",
        }
        print(f"{many} requests, {RUNS} runs each, milliseconds\n")
        print("| view | median | slowest |\n|---|---|---|")
        for name, path in views.items():
            took = milliseconds(client, path)
            print(f"| {name} | {statistics.median(took):.0f} | {max(took):.0f} |")
        began = time.perf_counter()
        inbox.queue.next_for("Ana", inbox.work)
        print(f"| taking the next call | {(time.perf_counter() - began) * 1000:.0f} | |")
        took = []
        for _ in range(RUNS):
            began = time.perf_counter()
            inbox.queue.pulse()
            took.append((time.perf_counter() - began) * 1000)
        print(f"| a look for news | {statistics.median(took):.0f} | {max(took):.0f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
