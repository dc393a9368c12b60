"""A Redis for one test run: on a port of its own on loopback, with nothing on the disk, stopped by its pid."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator

from tests.support.machine import free_ports
from tests.support.waiting import wait_for


class Redis:
    """It can be stopped and started again at the same `url`; what it held is gone then."""

    def __init__(self, binary: str) -> None:
        (self._port,) = free_ports(1)
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        # fmt: off
        self._process = subprocess.Popen(
            [self._binary, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        # fmt: on
        wait_for(self._answers, "the answer of Redis", seconds=20, every=0.05)

    def stop(self) -> None:
        """Harmless when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def pages(self) -> bytes:
        """All that it holds, as one piece."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as wire, wire.makefile("rb") as answers:
            wire.sendall(b"KEYS *\r\n")
            count = int(answers.readline()[1:])
            names = []
            for _ in range(count):
                answers.readline()
                names.append(answers.readline().strip())
            held = b"\n".join(names)
            for name in names:
                wire.sendall(b"HGETALL " + name + b"\r\n")
                for _ in range(int(answers.readline()[1:])):
                    answers.readline()
                    held += b"\n" + answers.readline().strip()
            return held

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as wire:
                wire.sendall(b"PING\r\n")
                return wire.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def find_redis() -> str | None:
    """The path of redis-server; None where there is none."""
    return shutil.which("redis-server")


@contextlib.contextmanager
def running_redis(binary: str) -> Iterator[Redis]:
    """A server that runs as long as the block."""
    server = Redis(binary)
    try:
        server.start()
        yield server
    finally:
        server.stop()
