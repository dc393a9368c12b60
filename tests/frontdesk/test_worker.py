"""The worker against receivers that fail, hang and come back: each request arrives once, in bounded time."""

from __future__ import annotations

import logging
import subprocess
import sys
import time as real_time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.delivery_settings import Deliveries
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours, Outbox, outbox
from prp_guide.frontdesk.senders import Senders
from prp_guide.frontdesk.worker import Worker
from prp_guide.home import Home
from tests.frontdesk.conftest import make_clinic
from tests.support.receiver import ROOT, Receiver, ReceiverProcess, running_receiver
from tests.support.waiting import wait_for

QUICK = {"look_every": 0.05, "keep_every": 0.2}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of hundredths of seconds, leases of two."""
    monkeypatch.setattr(outbox, "FIRST_DELAY", timedelta(seconds=0.02))
    monkeypatch.setattr(outbox, "LONGEST_DELAY", timedelta(seconds=0.2))
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=2))


def settings(**urls: str) -> Deliveries:
    """A webhook for each name."""
    return Deliveries.parse_obj(
        {
            "internal_hosts": ["127.0.0.1"],
            "webhooks": [{"name": name, "url": url, "secret": {"file": "secret"}} for name, url in urls.items()],
        }
    )


class Desk:
    """A store, its outbox, and workers for the receivers of `deliveries`."""

    def __init__(self, home: Home, engine: sa.engine.Engine, deliveries: Deliveries) -> None:
        (home.root / "secret").write_text("a secret")
        self.home, self.deliveries = home, deliveries
        self.outbox = Outbox(engine)
        self.store = CallbackStore(engine, OpeningHours(make_clinic()), deliveries.names("requests"))
        self.workers: list[Worker] = []

    def start(self, count: int = 1, seconds: float = 0.5) -> None:
        for _ in range(count):
            worker = Worker(self.outbox, self.store, Senders(self.deliveries, self.home.root, seconds=seconds), **QUICK)
            worker.start()
            self.workers.append(worker)

    def ask(self, name: str = "Jo", **fields: Any) -> str:
        given = {"name": name, "phone": "310 555 0147", "best_time": "noon", **fields}
        return self.store.create(CallbackRequest.checked(**given), name).reference

    def waiting(self) -> int:
        return sum(health.waiting for health in self.outbox.health(self.deliveries.names("requests")))

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()


@pytest.fixture
def desks() -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for desk in made:
        desk.stop()


def open_desk(desks: list[Desk], home: Home, engine: sa.engine.Engine, **urls: str) -> Desk:
    desks.append(Desk(home, engine, settings(**urls)))
    return desks[-1]


def references(receiver: Receiver) -> list[str]:
    """The requests that it took. A delivery whose answer came too late comes again: it knows it by its id."""
    taken = {one.json["id"]: one.json["request"]["reference"] for one in receiver.taken}
    return list(taken.values())


# What the receiver does with its first requests; after them it is well.
TROUBLES: list[list[int | str]] = [[500, 500, 200], ["hang", 200], ["drop", "drip", 503], ["redirect", 404, "hang"]]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: "-".join(map(str, trouble)))
def test_each_request_arrives_once(
    home: Home, engine: sa.engine.Engine, desks: list[Desk], trouble: list[int | str]
) -> None:
    with running_receiver(lambda number: trouble[number] if number < len(trouble) else 200) as receiver:
        desk = open_desk(desks, home, engine, practice=receiver.url)
        asked = [desk.ask(f"Jo {number}") for number in range(5)]
        desk.start()
        wait_for(lambda: not desk.waiting(), "all deliveries", seconds=20)
        assert sorted(references(receiver)) == sorted(asked)
        assert len(set(receiver.ids)) == 5
    (health,) = desk.outbox.health(["practice"])
    assert (health.waiting, health.dead, health.error) == (0, 0, None)
    assert health.last_sent is not None


def test_several_workers_send_each_once(home: Home, engine: sa.engine.Engine, desks: list[Desk]) -> None:
    with running_receiver(lambda number: 500 if number % 3 == 0 else 200) as receiver:
        desk = open_desk(desks, home, engine, practice=receiver.url)
        desk.start(4, seconds=5)
        asked = [desk.ask(f"Jo {number}") for number in range(30)]
        wait_for(lambda: not desk.waiting(), "all deliveries", seconds=30)
        assert sorted(references(receiver)) == sorted(asked)


def test_one_that_hangs_holds_up_no_other(home: Home, engine: sa.engine.Engine, desks: list[Desk]) -> None:
    with running_receiver(lambda _: "hang") as slow, running_receiver() as quick:
        desk = open_desk(desks, home, engine, slow=slow.url, quick=quick.url)
        desk.start(seconds=10)
        asked = [desk.ask(f"Jo {number}") for number in range(5)]
        wait_for(lambda: len(references(quick)) == 5, "the quick one", seconds=8)
        assert references(quick) == asked
        assert len(slow.got) == 1
        slow.release.set()


def test_what_goes_wrong_is_in_the_log_without_the_patient(
    home: Home, engine: sa.engine.Engine, desks: list[Desk], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), running_receiver(lambda number: "drip" if number == 0 else 500) as receiver:
        desk = open_desk(desks, home, engine, practice=f"{receiver.url}/secret-path")
        desk.ask("Zebedee", note="itchy")
        desk.start()
        wait_for(lambda: len(receiver.got) > 2, "three attempts", seconds=20)
    assert "answered 500" in caplog.text
    for secret in ("Zebedee", "0147", "itchy", "secret-path"):
        assert secret not in caplog.text
    desk.stop()
    (health,) = desk.outbox.health(["practice"])
    assert health.error == "127.0.0.1 answered 500."


def test_a_secret_that_is_missing_is_said_and_may_be_put_right(
    home: Home, engine: sa.engine.Engine, desks: list[Desk]
) -> None:
    with running_receiver() as receiver:
        desk = open_desk(desks, home, engine, practice=receiver.url)
        secret = home.root / "secret"
        secret.unlink()
        asked = desk.ask()
        desk.start()
        (health,) = wait_for(
            lambda: [health for health in desk.outbox.health(["practice"]) if health.error], "the first attempt"
        )
        assert f"the file {secret} cannot be read" in (health.error or "")
        secret.write_text("now")
        wait_for(lambda: references(receiver) == [asked], "the delivery")


def test_deliveries_of_a_receiver_that_is_gone_become_visible(
    home: Home, engine: sa.engine.Engine, desks: list[Desk]
) -> None:
    before = open_desk(desks, home, engine, old="http://127.0.0.1:9/")
    before.ask()
    after = open_desk(desks, home, engine)
    after.start()
    wait_for(after.outbox.dead, "the dead letter")


WORKER = """
import sys, time
from datetime import timedelta
from pathlib import Path
from prp_guide import database
from prp_guide.delivery_settings import Deliveries
from prp_guide.frontdesk import CallbackStore, OpeningHours, Outbox, outbox
from prp_guide.frontdesk.senders import Senders
from prp_guide.frontdesk.worker import Worker
from tests.frontdesk.conftest import make_clinic
outbox.LEASE = timedelta(seconds=2)
url, hook, root = sys.argv[1:]
engine = database.engine(url, durable=True)
webhook = {"name": "practice", "url": hook, "secret": {"file": "secret"}}
settings = Deliveries.parse_obj({"internal_hosts": ["127.0.0.1"], "webhooks": [webhook]})
worker = Worker(Outbox(engine), CallbackStore(engine, OpeningHours(make_clinic())), Senders(settings, Path(root)))
worker.start()
print("started", flush=True)
time.sleep(60)
"""


def test_a_worker_that_is_killed_while_it_sends(home: Home, engine: sa.engine.Engine, desks: list[Desk]) -> None:
    with running_receiver(lambda number: "hang" if number == 0 else 200) as receiver:
        desk = open_desk(desks, home, engine, practice=receiver.url)
        asked = desk.ask()
        killed = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WORKER, home.database_url, receiver.url, str(home.root)], cwd=ROOT
        )
        try:
            wait_for(lambda: receiver.got, "its attempt", seconds=20)
        finally:
            killed.kill()
            killed.wait(10)
        desk.start()
        wait_for(lambda: receiver.taken, "another worker's attempt", seconds=10)
        assert references(receiver) == [asked]
        # Both attempts carried the id by which the receiver knows that they are one.
        assert len({one.headers["X-PRP-Delivery"] for one in receiver.got}) == 1
    wait_for(lambda: not desk.waiting(), "its end")


def test_a_receiver_that_is_killed_in_the_middle(
    home: Home, engine: sa.engine.Engine, desks: list[Desk], tmp_path: Path
) -> None:
    receiver = ReceiverProcess(tmp_path)
    desk = open_desk(desks, home, engine, practice=receiver.url)
    desk.start()
    asked = []
    try:
        for number in range(20):
            if number in (0, 10):
                receiver.start()
            elif number in (5, 15):
                receiver.kill()
            asked.append(desk.ask(f"Jo {number}"))
            real_time.sleep(0.05)
        receiver.start()
        wait_for(lambda: not desk.waiting(), "all deliveries", seconds=20)
    finally:
        receiver.kill()
    assert sorted(receiver.received()) == sorted(asked)
    assert {len(ids) for ids in receiver.received().values()} == {1}


def test_it_survives_a_database_that_is_away(
    home: Home, engine: sa.engine.Engine, desks: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_receiver() as receiver:
        desk = open_desk(desks, home, engine, practice=receiver.url)
        asked = desk.ask()
        # Somebody holds the only lock for longer than the worker waits: its claims fail, and it goes on.
        other = sa.create_engine(database.open_database(home).url, connect_args={"timeout": 0.1})
        worker = Worker(Outbox(other), desk.store, Senders(desk.deliveries, home.root), **QUICK)
        with engine.begin() as connection:
            database.hold(connection, "everything")
            worker.start()
            real_time.sleep(0.6)
            assert receiver.got == []
        wait_for(lambda: references(receiver) == [asked], "the delivery")
        worker.stop()
        other.dispose()


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for attempts, longest in ((1, 5), (2, 10), (5, 80), (11, 3600), (500, 3600)):
        pauses = {outbox.delay(attempts).total_seconds() for _ in range(50)}
        assert len(pauses) > 10
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest
