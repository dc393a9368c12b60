"""Rate limits: who asks too much is told when to come again; an emergency is answered all the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from prp_guide.errors import SetupError
from prp_guide.web.buckets import Buckets, Rule
from prp_guide.web.limits import Limits, address_of, is_loopback
from tests.web.web_process import Web, bearer, check_problem

RULE = Rule("test", burst=3, rate=0.5)


def test_a_bucket_empties_and_fills() -> None:
    buckets = Buckets()
    assert [buckets.take(RULE, "a", now=0) for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.take(RULE, "b", now=0) == 0
    assert buckets.take(RULE, "a", now=1) == 1
    assert buckets.take(RULE, "a", now=2) == 0
    assert buckets.take(RULE, "a", now=2) == 2
    assert [buckets.take(RULE, "a", now=1000) for _ in range(4)] == [0, 0, 0, 2]


def test_memory_is_bounded() -> None:
    buckets = Buckets(size=10)
    for number in range(1000):
        buckets.take(RULE, str(number), now=0)
        buckets.take(RULE, "regular", now=0)
    assert len(buckets) == 10
    assert buckets.take(RULE, "regular", now=0) > 0


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
    ],
)
def test_addresses(host: str, address: str) -> None:
    request: Any = SimpleNamespace(client=SimpleNamespace(host=host))
    assert address_of(request) == address


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("clinic.example", False),
    ],
)
def test_off_on_loopback_only(
    host: str, loopback: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_loopback(host) is loopback
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PRP_LIMITS", "off")
    if loopback:
        assert Limits.from_env().enabled is False
        assert "Rate limits are off" in caplog.text
    else:
        with pytest.raises(SetupError, match=r"PRP_LIMITS=off is refused"):
            Limits.from_env()
    monkeypatch.setenv("PRP_LIMITS", "on")
    assert Limits.from_env().enabled is True


def test_a_session_that_says_too_much(limited_web: Web) -> None:
    token, other = limited_web.open(), limited_web.open()
    responses = [limited_web.say(token, f"message {number}") for number in range(16)]
    statuses = [response.status_code for response in responses]
    assert statuses[:12] == [200] * 12
    assert statuses[-1] == 429
    assert 1 <= int(responses[-1].headers["retry-after"]) <= 3
    assert responses[-1].headers["content-type"] == "application/problem+json"
    urgent = limited_web.say(token, "my throat is swelling and i cant breathe")
    assert [each["kind"] for each in urgent.json()["messages"]] == ["urgent"]
    assert limited_web.say(other, "hi").status_code == 200


def test_an_address_that_opens_too_many_sessions(limited_web: Web) -> None:
    statuses = [limited_web.http.post("/api/chat/sessions").status_code for _ in range(70)]
    assert statuses[:60] == [201] * 60
    assert 429 in statuses


def test_a_forwarded_address_is_not_believed(limited_web: Web) -> None:
    statuses = {
        limited_web.http.post(
            "/api/callbacks",
            json={"name": "Jo", "phone": "310 555 0147", "best_time": "now"},
            headers={"Idempotency-Key": f"key-{number:05}", "X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(16)
    }
    assert statuses == {201, 429}


def test_so_many_conversations_and_no_more(limited_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that run go on; whoever comes too late gets the phone number, and may still ask for a call."""
    monkeypatch.setattr("prp_guide.web.crowd.FRESH", 0)
    monkeypatch.setattr(limited_web.services.crowd, "most", 2)
    token, _ = limited_web.open(), limited_web.open()
    refused = limited_web.http.post("/api/chat/sessions")
    assert check_problem(refused, 503)["phone"] == "(310) 975-9785"
    assert limited_web.say(token, "hi").status_code == 200
    asked = {"name": "Jo", "phone": "310 555 0147", "best_time": "now"}
    answer = limited_web.http.post("/api/callbacks", json=asked, headers={"Idempotency-Key": "12345678"})
    assert answer.status_code == 201
    limited_web.http.delete("/api/chat/sessions", headers=bearer(token))
    limited_web.open()
