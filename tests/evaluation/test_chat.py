"""Asking an assistant: a conversation for each message, replies in order, and what stands in the way said clearly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from prp_guide.errors import SetupError
from prp_guide.evaluation.chat import ask_all
from prp_guide.evaluation.verdicts import Label, Said
from tests.support.machine import free_ports


class Echo(BaseHTTPRequestHandler):
    """A chat API whose answers are on the topic that it is asked."""

    open_sessions = 0
    limited = False

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/sessions"):
            type(self).open_sessions += 1
            self._answer(429 if self.limited else 201, {"session": "token"})
        elif body["text"] == "bad":
            self._answer(400, {"title": "refused"})
        else:
            assert self.headers["Authorization"] == "Bearer token"
            self._answer(200, {"messages": [{"kind": "answer", "topic": body["text"], "choices": []}]})

    def do_DELETE(self) -> None:
        type(self).open_sessions -= 1
        self._answer(200, {})

    def log_message(self, *_arguments: object) -> None:
        pass

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Echo, "open_sessions", 0)
    monkeypatch.setattr(Echo, "limited", False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, args=(0.01,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_replies_come_in_order(url: str) -> None:
    topics = [f"topic-{number}" for number in range(20)]
    assert ask_all(url, topics) == [(Said(Label("answer", topic)),) for topic in topics]
    assert Echo.open_sessions == 0, "the conversations were erased"


def test_a_refused_message_is_an_error(url: str) -> None:
    assert ask_all(url, ["sun", "bad"]) == [(Said(Label("answer", "sun")),), (Said(Label("error", "400")),)]


def test_limits_are_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Echo, "limited", True)
    with pytest.raises(SetupError, match="PRP_LIMITS=off"):
        ask_all(url, ["sun", "sun"])


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "127.0.0.1:{port}", "nonsense"])
def test_nobody_there(address: str) -> None:
    (port,) = free_ports(1)
    with pytest.raises(SetupError, match="No assistant answers"):
        ask_all(address.format(port=port), ["sun"])
