"""The application under uvicorn on a free port, and a small channel in Rasa's place.

The channel stands in for Rasa where a test is about Rasa failing; the tests with the real Rasa are elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from prp_guide import keys
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.red_flags import Screen
from prp_guide.web.app import create_app, make_server
from prp_guide.web.services import Services

_load_screen = Screen.load  # kept from before any test puts another in its place
ORIGIN = "https://clinic.example"
PATIENCE = 2.5  # seconds that a turn may take: many times what it does, on a machine that two tests share
REDIS_URL, PROXIES = "", ""  # what a test may set for the application that it starts
CLINIC = f"""
name: The Clinic
phone: "+1 310 975 9785"
time_zone: America/Los_Angeles
allowed_origins: [{ORIGIN}]
"""


def message(text: str = "Forty-eight hours.", kind: str = "answer", **more: Any) -> dict[str, Any]:
    """An envelope as Rasa's channel sends it."""
    return {
        "id": secrets.token_hex(8),
        "kind": kind,
        "topic": "washing",
        "text": text,
        "lang": "en",
        "pinned": False,
        "step": None,
        "source": None,
        "choices": [],
        "actions": [],
        **more,
    }


def reply(*messages: dict[str, Any], private: bool = False, kept: list[Any] | None = None) -> Any:
    return 200, {"messages": list(messages) or [message()], "kept": kept, "private": private}


@dataclass
class Channel:
    """Speaks the contract of Rasa's channel. `answer` gives status and body for a turn; it may wait."""

    url: str
    answer: Callable[[dict[str, Any]], tuple[int, Any]] = lambda turn: reply()
    ready: Callable[[], tuple[int, Any]] = lambda: (200, {"model": "a-model"})
    seen: list[dict[str, Any]] = field(default_factory=list)
    secrets_seen: set[str] = field(default_factory=set)
    release: threading.Event = field(default_factory=threading.Event)

    def hang(self, turn: dict[str, Any]) -> tuple[int, Any]:
        """An answer that comes when the test lets it."""
        self.release.wait(20)
        return reply(message("late"))


@contextlib.contextmanager
def running_channel() -> Iterator[Channel]:
    """A channel on a free port."""
    held: list[Channel] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            held[0].secrets_seen.add(self.headers["Authorization"])
            held[0].seen.append(turn)
            self._send(*held[0].answer(turn))

        def do_GET(self) -> None:
            self._send(*held[0].ready())

        def _send(self, status: int, body: Any) -> None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    held.append(Channel(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield held[0]
    finally:
        held[0].release.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class Web:
    """The running application."""

    url: str
    http: httpx.Client
    services: Services = field(repr=False)  # long: all the content
    channel: Channel

    def open(self, **body: Any) -> str:
        """A new session's token."""
        response = self.http.post("/api/chat/sessions", json=body)
        assert response.status_code == 201, response.text
        token: str = response.json()["session"]
        return token

    def say(self, token: str, text: str | None = None, **body: Any) -> httpx.Response:
        if text is not None:
            body["text"] = text
        return self.http.post("/api/chat/messages", json=body, headers=bearer(token))

    def history(self, token: str) -> list[dict[str, Any]]:
        response = self.http.get("/api/chat/messages", headers=bearer(token))
        assert response.status_code == 200, response.text
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make_home(folder: Path, empty_database: Path) -> Home:
    """An installation with the project's data, a clinic of its own and an empty database."""
    root, state = folder / "root", folder / "state"
    root.mkdir()
    state.mkdir()
    (root / "data").symlink_to(PROJECT_ROOT / "data")
    (root / "clinic.yml").write_text(CLINIC, encoding="utf-8")
    (state / "prp-guide.db").write_bytes(empty_database.read_bytes())
    return Home(root=root, state=state)


@lru_cache(maxsize=1)
def loaded_screen() -> Screen:
    """The project's screen, which takes seconds to load: one for all applications of this run."""
    return _load_screen(Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var"))


@contextlib.contextmanager
def running_web(home: Home, channel: Channel, *, limits: bool = False) -> Iterator[Web]:
    """The application of `home` on a free port, Rasa's time limit being one second."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PRP_DATABASE_URL", "PRP_TODAY", "HOST"):
            patch.delenv(name, raising=False)
        patch.setenv("PRP_LIMITS", "on" if limits else "off")
        patch.setenv("PRP_RASA_URL", channel.url)
        patch.setenv("PRP_REDIS_URL", REDIS_URL)
        patch.setenv("PRP_PROXIES", PROXIES)
        patch.setattr(Screen, "load", lambda _home: loaded_screen())
        app = create_app(home, rasa_timeout=PATIENCE)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    services: Services = app.state.services
    server = make_server(app, services.proxies, limited=limits)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=url, timeout=15, trust_env=False) as http:
            yield Web(url, http, services, channel)
    finally:
        channel.release.set()
        server.should_exit = True
        thread.join(15)
        listener.close()
    assert not thread.is_alive()
    assert channel.secrets_seen <= {f"Bearer {keys.read_key(home, keys.LOOPBACK).decode()}"}


def check_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of `response`, which must have `status`."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:prp-guide:problem:")
    assert problem["title"]
    assert problem["detail"].endswith(".")
    return problem
