"""kill -9 of web, actions and receiver at any point: what a patient was told is sent is there, and arrives, once.

Real processes on a real database: the plain form through the web process, the chat's form through the action server
(as Rasa calls it), the outbox's worker, and a receiver of webhooks.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from prp_guide import database, keys
from prp_guide.database import callback_events, callbacks, deliveries
from prp_guide.environment import environment
from prp_guide.frontdesk import Draft, DraftStore
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.rasa_parts.names import FINISH, OUTCOME, REFERENCE
from tests.support.machine import free_ports
from tests.support.postgresql import close_engines
from tests.support.receiver import ReceiverProcess
from tests.support.waiting import wait_for

CLINIC = """
name: The Clinic
phone: "+1 310 975 9785"
time_zone: America/Los_Angeles
deliveries:
  internal_hosts: [127.0.0.1]
  webhooks:
    - {{name: practice, url: "{url}", secret: {{file: secret}}}}
"""
PATIENCE = 240.0  # seconds for one request to be told that it is sent: over all kills, on a slow machine


class Victim:
    """A process that is started, killed and started again."""

    def __init__(self, command: list[str], env: dict[str, str], port: int, log: Path) -> None:
        self._command, self._env, self._log = command, env, log
        self.url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT_ROOT, env=self._env, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def kill(self) -> None:
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None

    def healthy(self) -> bool:
        path = "/healthz" if "prp_guide.web" in self._command else "/health"
        try:
            return httpx.get(self.url + path, timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


class House:
    """An installation: `replicas` web processes, actions, and a receiver; on PostgreSQL with its `url`."""

    def __init__(self, folder: Path, seed: int, *, replicas: int = 1, url: str = "") -> None:
        root, state = folder / "root", folder / "state"
        root.mkdir()
        state.mkdir()
        (root / "data").symlink_to(PROJECT_ROOT / "data")
        self.receiver = ReceiverProcess(folder)
        (root / "clinic.yml").write_text(CLINIC.format(url=self.receiver.url))
        (root / "secret").write_text("a secret")
        self.home = Home(root=root, state=state)
        self.url = url or self.home.database_url
        database.migrate(self.url)
        self.engine = database.engine(self.url, durable=True)
        self.drafts = DraftStore(database.engine(self.url), keys.fernet(self.home, keys.DRAFT))
        self.random = random.Random(seed)
        actions, *webs = free_ports(1 + replicas)
        env = environment(self.home, HOST="127.0.0.1", SANIC_HOST="127.0.0.1", PRP_LIMITS="off", PRP_DATABASE_URL=url)
        sdk = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(actions)]
        self.actions = Victim(sdk, env, actions, folder / "actions.log")
        command = [sys.executable, "-m", "prp_guide.web"]
        self.webs = [Victim(command, {**env, "PORT": str(port)}, port, folder / f"web-{port}.log") for port in webs]
        self.kills: Counter[str] = Counter()

    @property
    def served(self) -> list[Victim]:
        return [*self.webs, self.actions]

    def start(self) -> None:
        for one in (self.receiver, *self.served):
            one.start()
        self.wait_until_healthy()

    def wait_until_healthy(self) -> None:
        for one in self.served:
            wait_for(one.healthy, "its start", seconds=90, every=0.2)

    def stop(self) -> None:
        for one in (*self.served, self.receiver):
            one.kill()
        close_engines(self.url)

    def kill_often(self, name: str, times: int) -> None:
        """Kill the process `name` so often, mostly while it works, now and then while it starts."""
        for number in range(times):
            victim: Any = self.random.choice(self.webs) if name == "web" else getattr(self, name)
            if number % 4 != 3 and name != "receiver":
                wait_for(victim.healthy, f"{name} after a kill", seconds=90, every=0.1)
            time.sleep(self.random.uniform(0, 1.0))
            victim.kill()
            self.kills[name] += 1
            if name == "receiver":  # away for long enough that deliveries fail
                time.sleep(self.random.uniform(1.0, 3.0))
            victim.start()

    def ask_by_form(self, person: dict[str, Any]) -> str:
        """Send the plain form until it is confirmed, as the widget does: with one key."""
        key = secrets.token_hex(12)
        return retried(lambda: self._post_form(person, key), person["name"])

    def _post_form(self, person: dict[str, Any], key: str) -> str | None:
        answer = httpx.post(
            f"{self.random.choice(self.webs).url}/api/callbacks",
            json=person,
            headers={"Idempotency-Key": key},
            timeout=10,
            trust_env=False,
        )
        return answer.json()["reference"] if answer.status_code == 201 else None

    def ask_by_chat(self, person: dict[str, Any]) -> str:
        """Say yes to the read-back until the reference comes; who is told to begin again begins again."""
        conversation = secrets.token_hex(8)
        draft = Draft(**person, lang="en", priority="normal")
        self.drafts.put(conversation, replace(draft, key=f"chat-{secrets.token_hex(12)}"))

        def say_yes() -> str | None:
            tracker = {"sender_id": conversation, "slots": {OUTCOME: "sent"}, "latest_message": {}, "events": []}
            call = {"next_action": FINISH, "sender_id": conversation, "tracker": tracker, "domain": {}}
            answer = httpx.post(f"{self.actions.url}/webhook", json=call, timeout=10, trust_env=False)
            if answer.status_code != 200:
                return None
            slots = {event["name"]: event["value"] for event in answer.json()["events"] if event["event"] == "slot"}
            if slots.get(REFERENCE):
                return str(slots[REFERENCE])
            self.drafts.put(conversation, replace(draft, key=f"chat-{secrets.token_hex(12)}"))
            return None

        return retried(say_yes, person["name"])

    def settle(self) -> None:
        """Wait until the outbox is empty; the pauses between attempts are not waited for."""

        def waiting() -> bool:
            with self.engine.begin() as connection:
                connection.execute(
                    deliveries.update()
                    .where(deliveries.c.status == "waiting", deliveries.c.holder.is_(None))
                    .values(next_attempt=database.stamp())
                )
                left = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.status != "sent")
                return bool(connection.execute(left).scalar_one())

        wait_for(lambda: not waiting(), "the last delivery", seconds=120, every=0.5)


def retried(send: Callable[[], str | None], name: str) -> str:
    """The reference, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            reference = send()
            if reference:
                return reference
        except (httpx.HTTPError, sa.exc.OperationalError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"{name} was never told that the request is sent")


def run(tmp_path: Path, *, submissions: int, kills: dict[str, int], **more: Any) -> str:
    """Submit while processes are killed, and check that nothing is lost or doubled; returns what was measured."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    house = House(tmp_path, seed, **more)
    told: dict[str, str] = {}
    faults: list[BaseException] = []
    numbers = iter(range(submissions))
    lock = threading.Lock()
    every = sum(kills.values())

    def submit() -> None:
        while not faults:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            # The submissions spread over the time of all kills.
            due = min(every - 1, number * every // submissions)
            wait_for(lambda due=due: faults or house.kills.total() >= due, "the kills", seconds=PATIENCE)
            person = {
                "name": f"Jo {number}",
                "phone": "310 555 0147",
                "best_time": "noon",
                "topic": "cost" if number % 2 else None,
                "note": f"note {number}",
            }
            ask = house.ask_by_chat if number % 2 else house.ask_by_form
            told[person["name"]] = ask(person)

    def guarded(act: Callable[[], None]) -> Callable[[], None]:
        def run_it() -> None:
            try:
                act()
            except BaseException as fault:
                faults.append(fault)

        return run_it

    def killer(name: str) -> Callable[[], None]:
        return lambda: house.kill_often(name, kills[name])

    house.start()
    try:
        acts = [*(killer(name) for name in kills), *[submit] * 4]
        threads = [threading.Thread(target=guarded(act), daemon=True) for act in acts]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE * 2)
        assert not faults, faults
        assert not any(thread.is_alive() for thread in threads)
        took = time.monotonic() - started
        house.wait_until_healthy()
        house.settle()
        return check(house, told, submissions) + f", {took:.0f} s"
    finally:
        house.stop()


def check(house: House, told: dict[str, str], submissions: int) -> str:
    with house.engine.connect() as connection:
        rows = connection.execute(sa.select(callbacks.c.id, callbacks.c.name, callbacks.c.reference)).all()
        created = Counter(
            connection.execute(
                sa.select(callback_events.c.callback).where(callback_events.c.event == "created")
            ).scalars()
        )
        sent = Counter(connection.execute(sa.select(deliveries.c.callback)).scalars())
        if house.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert len(told) == submissions
    stored = {row.name: row.reference for row in rows}
    lost = [name for name, reference in told.items() if stored.get(name) != reference]
    doubled = [name for name, count in Counter(row.name for row in rows).items() if count > 1]
    assert (lost, doubled) == ([], [])
    assert len(rows) == submissions
    assert created == sent == Counter({row.id: 1 for row in rows})
    received = house.receiver.received()
    assert sorted(received) == sorted(stored.values()), "the receiver has each request"
    assert {len(ids) for ids in received.values()} == {1}, "and each under one delivery id"
    killed = ", ".join(f"{name} {count}" for name, count in sorted(house.kills.items()))
    repeats = house.receiver.arrivals() - len(received)
    return (
        f"{submissions} submissions, {house.kills.total()} kills ({killed}): 0 lost, 0 doubled, "
        f"{repeats} deliveries repeated with their id"
    )


def test_five_kills(tmp_path: Path) -> None:
    print(run(tmp_path, submissions=50, kills={"web": 2, "actions": 1, "receiver": 2}))


@pytest.mark.long
def test_fifty_kills(tmp_path: Path) -> None:
    print(run(tmp_path, submissions=500, kills={"web": 20, "actions": 15, "receiver": 15}))


@pytest.mark.long
def test_twenty_kills_of_replicas_on_postgresql(tmp_path: Path, postgresql_database: str) -> None:
    kills = {"web": 10, "actions": 5, "receiver": 5}
    print(run(tmp_path, submissions=200, kills=kills, replicas=2, url=postgresql_database))
