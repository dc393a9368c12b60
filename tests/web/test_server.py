"""The process itself: starts on a free port, stops when told, and says clearly why it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from prp_guide.errors import SetupError
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.web.app import listen


def start(home: Home, port: int, **more: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PRP_ROOT": str(home.root),
        "PRP_HOME": str(home.state),
        "PORT": str(port),
        "PRP_RASA_URL": "http://127.0.0.1:9",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "prp_guide.web"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def test_it_starts_migrates_and_stops(home: Home) -> None:
    (home.state / "prp-guide.db").unlink()
    port = free_port()
    process = start(home, port)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
                break
            except httpx.TransportError:
                time.sleep(0.1)
        opened = httpx.post(f"{url}/api/chat/sessions", trust_env=False)
        assert opened.status_code == 201
        assert "server" not in opened.headers
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 503
        token = opened.json()["session"]
        told = httpx.post(
            f"{url}/api/chat/messages",
            json={"text": "a private question"},
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert told.json()["messages"][0]["form"] == "callback"
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    assert "Rasa cannot be reached" in output
    assert "a private question" not in output
    assert "/api/chat" not in output


def test_a_taken_port_gets_a_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(home, taken.getsockname()[1])
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is taken by another program" in output
    assert "Traceback" not in output


def test_a_clinic_without_a_phone_gets_a_sentence(home: Home) -> None:
    text = home.clinic_file.read_text(encoding="utf-8")
    home.clinic_file.write_text(text.replace("phone:", "fone:"), encoding="utf-8")
    process = start(home, free_port())
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "clinic.yml" in output
    assert "phone" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", "http", "is no port"),
        ("127.0.0.1", "70000", "is no port"),
        ("127.0.0.1", "-1", "is no port"),
        ("203.0.113.1", "0", "is no address of this machine"),
        ("no such host", "0", "is no address of this machine"),
    ],
)
def test_where_it_cannot_listen(host: str, port: str, sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        listen(host, port)


def test_it_listens_where_it_is_told() -> None:
    with listen("127.0.0.1", "0") as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
