"""Bad input gets a clear problem document, and never a fault of ours."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from tests.web.web_process import Web, bearer, check_problem

JSON = {"Content-Type": "application/json"}
CALLBACK = {"name": "Jo Smith", "phone": "310 555 0147", "best_time": "mornings"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"text": "hi"', JSON, 400),
        (b"", JSON, 400),
        (b"[]", JSON, 400),
        (b'"hi"', JSON, 400),
        (b"null", JSON, 400),
        (b'{"text": NaN}', JSON, 400),
        (b'{"text": "\xff\xfe"}', JSON, 400),
        (b'{"text": "\xc3\x28"}', JSON, 400),
        (b'{"text": "\\ud800"}', JSON, 400),
        (b'\xef\xbb\xbf{"text": "hi"}', JSON, 400),
        (b"[" * 4000, JSON, 400),
        (b'{"a":' * 700, JSON, 400),
        (b'{"text": ' + b"9" * 4000 + b"}", JSON, None),
        (b'{"text": "' + b"x" * 10_000 + b'"}', JSON, 413),
        (b" " * 4097, JSON, 413),
        (b'{"text": "hi"}', {"Content-Type": "text/plain"}, 415),
        (b"text=hi", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b'{"text": "hi"}', {}, 415),
        (b"{}", JSON, 422),
        (b'{"text": ""}', JSON, 422),
        (b'{"text": "hi", "choice": "topic:cost"}', JSON, 422),
        (b'{"choice": "intent:cost"}', JSON, 422),
        (b'{"text": {"a": 1}}', JSON, 422),
        (b'{"text": "' + b"x" * 2001 + b'"}', JSON, 422),
    ],
)
def test_a_bad_message(shared_web: Web, body: bytes, headers: dict[str, str], status: int | None) -> None:
    token = shared_web.open()
    response = shared_web.http.post("/api/chat/messages", content=body, headers={**headers, **bearer(token)})
    if status is None:
        assert response.status_code in (400, 422)
        return
    problem = check_problem(response, status)
    if status == 422:
        assert {"field", "message"} == set(problem["errors"][0])
    assert shared_web.channel.seen == []
    assert len(shared_web.history(token)) == 1


@pytest.mark.parametrize("body", [b'{"text": "hi"}', b'{"text": "hi"} '])
def test_json_with_a_charset_is_json(shared_web: Web, body: bytes) -> None:
    token = shared_web.open()
    headers = {"Content-Type": "Application/JSON; charset=utf-8", **bearer(token)}
    assert shared_web.http.post("/api/chat/messages", content=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic am86am8="},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Bearer 1.AAAAAAAAAAAAAAAAAAAAAAAA.1." + "A" * 43},
        {"Authorization": "Bearer " + "x" * 4000},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/chat/messages"),
        ("GET", "/api/chat/messages"),
        ("DELETE", "/api/chat/sessions"),
        ("POST", "/api/chat/feedback"),
    ],
)
def test_no_or_forged_session(shared_web: Web, method: str, path: str, headers: dict[str, str]) -> None:
    response = shared_web.http.request(method, path, headers=headers)
    check_problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/chat", 404),
        ("GET", "/desk/nothing", 404),
        ("GET", "/../clinic.yml", 404),
        ("GET", "/%2e%2e/clinic.yml", 404),
        ("GET", "/templates/demo.html", 404),
        ("PUT", "/api/chat/messages", 405),
        ("GET", "/api/callbacks", 405),
        ("POST", "/healthz", 405),
        ("GET", "/api/chat/sessions/", 404),
    ],
)
def test_unknown_addresses_and_methods(shared_web: Web, method: str, path: str, status: int) -> None:
    response = shared_web.http.request(method, path)
    check_problem(response, status)
    if status == 405:
        assert response.headers["allow"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 201), (b"{}", 201), (b'{"lang": "es"}', 201), (b'{"lang": "fr"}', 422), (b"[1]", 400)],
)
def test_opening_a_session(shared_web: Web, body: bytes, status: int) -> None:
    headers = JSON if body else {}
    assert shared_web.http.post("/api/chat/sessions", content=body, headers=headers).status_code == status


@pytest.mark.parametrize("lang", [5, ["en"], {"en": 1}])
def test_a_language_that_is_no_string(shared_web: Web, lang: Any) -> None:
    check_problem(shared_web.http.post("/api/chat/sessions", json={"lang": lang}), 422)


def test_a_body_that_never_ends_is_cut_off(shared_web: Web) -> None:
    """Announced as chunked, without a length: refused as soon as it is too long."""
    token = shared_web.open()

    def parts() -> Any:
        for _ in range(100):
            yield b" " * 1000

    response = shared_web.http.post("/api/chat/messages", content=parts(), headers={**JSON, **bearer(token)})
    check_problem(response, 413)


def test_a_slow_client_holds_nobody_up(shared_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prp_guide.web.body.SLOWEST", 0.3)
    token = shared_web.open()
    host, port = shared_web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as slow:
        head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        slow.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n".encode() + b'{"te')
        begun = time.monotonic()
        assert shared_web.say(token, "hi").status_code == 200
        assert time.monotonic() - begun < 5
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_a_hang_up_does_no_harm(shared_web: Web) -> None:
    token = shared_web.open()
    host, port = shared_web.url.removeprefix("http://").split(":")
    head = f"POST /api/chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    for _ in range(3):
        with socket.create_connection((host, int(port)), timeout=10) as gone:
            gone.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{".encode())
    assert shared_web.say(token, "hi").status_code == 200


@pytest.mark.parametrize("key", [None, "", "1234567", "x" * 129, "12 345678", "1234567\xe9"])
def test_a_callback_needs_a_key(shared_web: Web, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode("latin-1")}
    check_problem(shared_web.http.post("/api/callbacks", json=CALLBACK, headers=headers), 400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": None}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": ["310 555 0147"]}, "phone"),
        ({"best_time": "x" * 201}, "best_time"),
        ({"topic": "no such; topic"}, "topic"),
        ({"voicemail_ok": "yes"}, "voicemail_ok"),
        ({"note": {"a": 1}}, "note"),
        ({"lang": "fr"}, "lang"),
        ({"priority": "urgent"}, "priority"),
        ({"status": "done"}, "status"),
    ],
)
def test_a_bad_callback(shared_web: Web, change: dict[str, Any], field: str) -> None:
    response = shared_web.http.post(
        "/api/callbacks", json={**CALLBACK, **change}, headers={"Idempotency-Key": "12345678"}
    )
    problem = check_problem(response, 422)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert shared_web.services.callbacks.list() == []
