"""A receiver of webhooks: a real HTTP server that takes, fails, hangs or drips, as a test tells it.

In a thread:  with running_receiver() as receiver: ...
As a process that can be killed:  python -m tests.support.receiver PORT FILE  (see ReceiverProcess)
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.machine import free_ports
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Received:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`behave` says what to do with the n-th request (from 0): a status, or one of the words of `Handler`."""

    port: int
    behave: Callable[[int], int | str] = lambda _number: 200
    got: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)  # those that got 2xx
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [one.json["id"] for one in self.taken]


@contextlib.contextmanager
def running_receiver(
    behave: Callable[[int], int | str] = lambda _number: 200, *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver on a free port of loopback, over https with `tls`."""
    held: list[Receiver] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver = held[0]
            received = Received(
                self.path, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0)))
            )
            with receiver.lock:
                number = len(receiver.got)
                receiver.got.append(received)
            what = receiver.behave(number)
            self.close_connection = True
            try:
                if what == "hang":
                    receiver.release.wait(30)
                elif what == "drop":
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif what == "drip":
                    self._drip(receiver)
                elif what == "redirect":
                    self._answer(302, Location=f"{receiver.url}/elsewhere")
                else:
                    status = int(what)
                    if 200 <= status < 300:
                        with receiver.lock:
                            receiver.taken.append(received)
                    self._answer(status)
            except OSError:
                return

        def _drip(self, receiver: Receiver) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(300):
                if receiver.release.wait(0.1):
                    return
                self.wfile.write(b"X: y\r\n"[:1])
                self.wfile.flush()

        def _answer(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # a caller that hangs up is part of the test
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    held.append(Receiver(server.server_port, behave))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield held[0]
    finally:
        held[0].release.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


class ReceiverProcess:
    """A receiver in a process of its own, which writes each delivery to a file before it answers."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.file = folder / "received.jsonl"
        self.file.touch()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.receiver", str(self.port), str(self.file)], cwd=ROOT
        )
        wait_for(self._listens, "the receiver's port", seconds=20)

    def kill(self) -> None:
        """As kill -9 does; harmless when it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def received(self) -> dict[str, list[str]]:
        """For each request's reference the ids of its deliveries, a repeated one once: what a receiver acts on."""
        found: dict[str, list[str]] = {}
        for line in self.file.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):  # the last line of one that was killed
                one = json.loads(line)
                ids = found.setdefault(one["request"]["reference"], [])
                if one["id"] not in ids:
                    ids.append(one["id"])
        return found

    def arrivals(self) -> int:
        """How many deliveries came, repeated ones among them."""
        return sum(1 for line in self.file.read_text().splitlines() if line.endswith("}"))

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


def _serve(port: int, path: Path) -> None:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # A new line first: one who was killed may have left half a line.
            with lock, path.open("ab") as file:
                file.write(b"\n" + body + b"\n")
                file.flush()
                os.fsync(file.fileno())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.handle_error = lambda *_: None
    server.serve_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]))
