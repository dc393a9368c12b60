"""The action server: whom it answers, and what its errors and logs tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from actions.guard import why_not
from prp_guide import keys
from prp_guide.errors import SetupError
from prp_guide.home import PROJECT_ROOT
from tests.support.machine import free_ports
from tests.support.waiting import wait_for

SECRET_WORDS = "my name is Zebulon Quatermass"
SHARED = "a-secret-that-two-hosts-share-long-enough"


@pytest.mark.parametrize(
    ("address", "authorization", "shared", "status"),
    [
        ("127.0.0.1", "", None, None),
        ("::1", "", None, None),
        ("127.8.9.10", "", None, None),
        ("::ffff:127.0.0.1", "", None, None),
        ("192.168.1.4", "", None, 403),
        ("10.0.0.1", f"Bearer {SHARED}", None, 403),
        ("::ffff:10.0.0.1", "", None, 403),
        ("0.0.0.0", "", None, 403),
        ("localhost.example", "", None, 403),
        ("", "", None, 403),
        ("192.168.1.4", f"Bearer {SHARED}", SHARED, None),
        ("127.0.0.1", "", SHARED, 401),
        ("127.0.0.1", f"Bearer {SHARED}x", SHARED, 401),
        ("127.0.0.1", "Bearer é", SHARED, 401),
    ],
)
def test_who_is_answered(address: str, authorization: str, shared: str | None, status: int | None) -> None:
    refused = why_not(address, authorization, shared.encode() if shared else None)
    assert (refused[0] if refused else None) == status


def test_a_shared_secret_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.SHARED, raising=False)
    assert keys.shared_secret() is None
    monkeypatch.setenv(keys.SHARED, SHARED)
    assert keys.shared_secret() == SHARED.encode()
    monkeypatch.setenv(keys.SHARED, "short")
    with pytest.raises(SetupError, match="32 characters") as fault:
        keys.shared_secret()
    assert "short." in str(fault.value)


class ActionServer:
    """`python -m rasa_sdk` on loopback."""

    def __init__(self, home: Path, **environment: str) -> None:
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._said = home / "said.txt"
        given = {**os.environ, "PRP_HOME": str(home), "SANIC_HOST": "127.0.0.1", "SANIC_WORKERS": "1", **environment}
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)],
                cwd=PROJECT_ROOT,
                env={**given, "PYTHONPATH": str(PROJECT_ROOT)},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._said.read_text(errors="replace")

    def listens(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code in (200, 401)
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def servers() -> Iterator[list[ActionServer]]:
    running: list[ActionServer] = []
    yield running
    for server in running:
        server.stop()


def test_errors_tell_nothing(servers: list[ActionServer], tmp_path: Path) -> None:
    server = ActionServer(tmp_path, LOG_LEVEL="DEBUG")
    servers.append(server)
    wait_for(server.listens, "the action server", seconds=60, every=0.2)
    tracker = {"sender_id": "s", "latest_message": {"text": SECRET_WORDS}, "slots": {}, "events": []}
    calls = [
        {"next_action": "action_finish_callback", "tracker": tracker, "domain": SECRET_WORDS},
        {"next_action": "validate_callback_form", "tracker": {**tracker, "latest_message": SECRET_WORDS}},
        {"next_action": "validate_callback_form", "tracker": [SECRET_WORDS]},
    ]
    for call in calls:
        answer = httpx.post(f"{server.url}/webhook", json=call, timeout=20)
        assert answer.status_code == 500
        assert answer.json() == {"error": "The action failed."}
    broken = httpx.post(f"{server.url}/webhook", content=SECRET_WORDS.encode(), timeout=20)
    assert broken.status_code >= 400
    assert "Quatermass" not in broken.text
    assert "Exception occurred" in server.said
    assert "Quatermass" not in server.said


def test_with_a_shared_secret_it_answers_nobody_else(servers: list[ActionServer], tmp_path: Path) -> None:
    server = ActionServer(tmp_path, **{keys.SHARED: SHARED})
    servers.append(server)
    wait_for(server.listens, "the action server", seconds=60, every=0.2)
    for path in ("/health", "/actions", "/webhook", "/nowhere"):
        assert httpx.get(f"{server.url}{path}", timeout=20).status_code == 401, path
    known = httpx.get(f"{server.url}/health", headers={"Authorization": f"Bearer {SHARED}"}, timeout=20)
    assert known.status_code == 200
