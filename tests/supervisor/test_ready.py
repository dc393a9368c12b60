"""Waiting for the first answer, against a small chat API that can be told how to behave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from prp_guide.errors import SetupError
from prp_guide.ready import ask, wait_for_answer


class Api:
    """A chat API: ready after `not_ready` looks; its replies have these `kinds`, one list a message."""

    def __init__(self) -> None:
        self.not_ready = 0
        self.kinds: list[list[str]] = [["answer"]]
        self.seen: list[str] = []
        self.url = ""

    def reply(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        self.seen.append(f"{method} {path}")
        if path == "/readyz":
            self.not_ready -= 1
            return (503, {"title": "starting"}) if self.not_ready >= 0 else (200, {"status": "ready"})
        if method == "POST" and path == "/api/chat/sessions":
            return 201, {"session": "token-1", "messages": []}
        if token != "Bearer token-1":
            return 401, {"title": "no session"}
        if method == "DELETE":
            return 204, None
        assert body == {"text": "What is PRP?"}
        kinds = self.kinds.pop(0) if len(self.kinds) > 1 else self.kinds[0]
        return 200, {"messages": [{"kind": kind} for kind in kinds]}


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()

    class Handler(BaseHTTPRequestHandler):
        def handle_all(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "")
            status, reply = made.reply(self.command, self.path, token, json.loads(content or b"null"))
            answer = b"" if reply is None else json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = handle_all  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}"
        yield made
        server.shutdown()


def test_it_waits_until_a_question_is_answered(api: Api) -> None:
    api.not_ready = 2
    api.kinds = [["error"], ["answer"]]
    wait_for_answer(api.url, timeout=20, check=lambda: None)
    assert api.seen.count("GET /readyz") == 4
    assert api.seen.count("POST /api/chat/messages") == 2
    assert api.seen.count("DELETE /api/chat/sessions") == 2, "it leaves no conversation behind"


def test_several_messages(api: Api) -> None:
    api.kinds = [["staff", "answer"]]
    assert ask(api.url, "What is PRP?") == ["staff", "answer"]


@pytest.mark.parametrize(
    ("not_ready", "kinds", "words"),
    [
        (1000, [["answer"]], "that it is not ready"),
        (0, [["error"]], "a reply of the kind error"),
        (0, [[]], "a reply of the kind none"),
    ],
)
def test_it_says_what_came_instead(api: Api, not_ready: int, kinds: list[list[str]], words: str) -> None:
    api.not_ready, api.kinds = not_ready, kinds
    with pytest.raises(SetupError, match=f"No answer to 'What is PRP\\?' .* within 1 s; what came was: {words}"):
        wait_for_answer(api.url, timeout=1, check=lambda: None)


def test_nobody_listens() -> None:
    with pytest.raises(SetupError, match="ConnectionRefusedError"):
        wait_for_answer("http://127.0.0.1:9", timeout=0.6, check=lambda: None)


def test_the_check_ends_the_waiting(api: Api) -> None:
    def check() -> None:
        raise SetupError("rasa ended 3 times")

    with pytest.raises(SetupError, match="rasa ended 3 times"):
        wait_for_answer(api.url, timeout=20, check=check)
    assert api.seen == []
