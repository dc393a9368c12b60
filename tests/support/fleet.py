"""Two of each process on one machine, with PostgreSQL and Redis; each can be killed, and is started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from prp_guide import keys, model
from prp_guide.database import migrate
from prp_guide.home import PROJECT_ROOT, Home
from tests.support.machine import free_ports, free_ports_in_a_row
from tests.support.postgresql import PostgreSQL, close_engines
from tests.support.receiver import ReceiverProcess
from tests.support.redis import Redis
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
START_AGAIN = 1.0  # seconds, as the supervisor waits


@dataclass
class Member:
    """One process of the fleet."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=PROJECT_ROOT, env=dict(self.environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip


@dataclass
class Fleet:
    """`kinds` of two each: web, rasa, actions. `moments` is what was done to them, in seconds since `began`."""

    home: Home
    database: str
    postgresql: PostgreSQL
    redis: Redis
    receiver: ReceiverProcess
    members: dict[str, Member]
    webs: list[str]
    rasas: list[str]
    began: float = field(default_factory=time.monotonic)
    moments: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        self.moments.append((time.monotonic() - self.began, what))

    def kill(self, name: str) -> None:
        process = self.members[name].process
        if process is not None:
            self.note(f"kill {name}")
            os.kill(process.pid, signal.SIGKILL)

    def keep(self, ended: threading.Event) -> None:
        """Start again what has ended, until `ended`."""
        while not ended.wait(0.1):
            now = time.monotonic()
            for member in self.members.values():
                if member.process is not None and member.process.poll() is not None:
                    member.process, member.due = None, now + START_AGAIN
                elif member.process is None and now >= member.due:
                    member.start()

    def answers(self) -> bool:
        """Whether every one of them does."""
        headers = {"Authorization": f"Bearer {keys.loopback_secret(self.home).decode()}"}
        try:
            looks = [httpx.get(f"{url}/readyz", timeout=5) for url in self.webs]
            looks += [httpx.get(f"{url}/webhooks/prp/ready", headers=headers, timeout=5) for url in self.rasas]
        except httpx.HTTPError:
            return False
        return all(look.status_code == 200 for look in looks)

    def stop(self) -> None:
        for member in self.members.values():
            if member.process is not None:
                member.process.kill()
                member.process.wait(20)


@contextlib.contextmanager
def running_fleet(folder: Path, binaries: Path, redis_binary: str) -> Iterator[Fleet]:
    """Two web, two Rasa and two action processes, which have all answered."""
    root, state = folder / "root", folder / "state"
    root.mkdir()
    state.mkdir()
    (root / "data").symlink_to(PROJECT_ROOT / "data")
    (root / "models").symlink_to(PROJECT_ROOT / "models")
    receiver, postgresql, redis = ReceiverProcess(folder), PostgreSQL(binaries), Redis(redis_binary)
    (root / "clinic.yml").write_text(CLINIC.format(url=receiver.url))
    (root / "secret").write_text("a secret")
    home = Home(root=root, state=state)
    ended = threading.Event()
    fleet: Fleet | None = None
    try:
        postgresql.make()
        for one in (postgresql, redis, receiver):
            one.start()
        url = f"{postgresql.url}/postgres"
        migrate(url)
        model.train(home, lambda _line: None)
        fleet = _made(folder, home, url, postgresql, redis, receiver)
        keeper = threading.Thread(target=fleet.keep, args=(ended,), daemon=True)
        for member in fleet.members.values():
            member.start()
        keeper.start()
        wait_for(fleet.answers, "the fleet's first answers", seconds=240, every=0.5)
        fleet.began = time.monotonic()
        yield fleet
    finally:
        ended.set()
        if fleet is not None:
            keeper.join(10)
            fleet.stop()
            close_engines(fleet.database)
        receiver.kill()
        redis.stop()
        postgresql.stop()
        postgresql.remove()


def _made(folder: Path, home: Home, url: str, postgresql: PostgreSQL, redis: Redis, receiver: ReceiverProcess) -> Fleet:
    ports = free_ports(2)
    first = free_ports_in_a_row(4)
    rasa_ports, actions_ports = (first, first + 1), (first + 2, first + 3)
    rasas, actions = ([f"http://127.0.0.1:{port}" for port in ports] for ports in (rasa_ports, actions_ports))
    common = {
        **os.environ,
        "PRP_ROOT": str(home.root),
        "PRP_HOME": str(home.state),
        "PRP_DATABASE_URL": url,
        "PRP_REDIS_URL": redis.url,
        "PRP_RASA_URL": ",".join(rasas),
        "PRP_ACTIONS_URL": ",".join(actions),
    }
    members = {}
    for kind, variable, own in (
        ("web", "PORT", ports),
        ("rasa", "RASA_PORT", rasa_ports),
        ("actions", "ACTIONS_PORT", actions_ports),
    ):
        for number, port in enumerate(own):
            name = kind if number == 0 else f"{kind}-2"
            # As containers start them.
            command = [sys.executable, "-m", "prp_guide", "run", kind]
            members[name] = Member(command, {**common, variable: str(port)}, folder / f"{name}.log")
    webs = [f"http://127.0.0.1:{port}" for port in ports]
    return Fleet(home, url, postgresql, redis, receiver, members, webs, rasas)
