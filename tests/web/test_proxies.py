"""Whose word on a client's address is taken: that of configured proxies, and only what they saw themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.web.proxies import Proxies
from tests.web.web_process import Channel, Web, running_web

CALLBACK = {"name": "Jo", "phone": "310 555 0147", "best_time": "now"}


@pytest.fixture
def proxied_web(home: Home, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr("tests.web.web_process.PROXIES", "127.0.0.1, 10.0.3.0/28")
    with running_web(home, channel, limits=True) as running:
        yield running


def statuses(web: Web, forwarded: str) -> set[int]:
    """What sixteen callback requests meet, of which twelve are allowed to one address."""
    return {
        web.http.post(
            "/api/callbacks",
            json={**CALLBACK, "topic": "cost"},
            headers={"Idempotency-Key": f"key-{number:05}", "X-Forwarded-For": forwarded.format(number)},
        ).status_code
        for number in range(16)
    }


def test_behind_a_proxy_each_patient_counts_alone(proxied_web: Web) -> None:
    assert statuses(proxied_web, "203.0.113.{}") == {201}
    assert statuses(proxied_web, "198.51.100.7") == {201, 429}


def test_what_the_client_claims_to_the_proxy_is_not_believed(proxied_web: Web) -> None:
    """The proxy adds what it saw at the end."""
    assert statuses(proxied_web, "203.0.113.{}, 198.51.100.7") == {201, 429}


def test_proxies_in_a_row(proxied_web: Web) -> None:
    assert statuses(proxied_web, "203.0.113.{}, 10.0.3.4") == {201}
    assert statuses(proxied_web, "198.51.100.7, 10.0.3.4, 127.0.0.1") == {201, 429}


@pytest.mark.parametrize("forwarded", ["", "nonsense", "x" * 8000, ",,,", "[::1", "203.0.113.9:99999999"])
def test_nonsense_from_a_proxy_does_no_harm(proxied_web: Web, forwarded: str) -> None:
    answer = proxied_web.http.post("/api/chat/sessions", headers={"X-Forwarded-For": forwarded})
    assert answer.status_code == 201


def test_an_unknown_proxy_is_noticed_once(limited_web: Web, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        limited_web.http.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert caplog.text.count("PRP_PROXIES is not set") == 1
    assert "203.0.113.9" not in caplog.text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("127.0.0.1", ["127.0.0.1/32"]),
        (" 10.0.0.0/8 , ::1,", ["10.0.0.0/8", "::1/128"]),
    ],
)
def test_reading_the_setting(text: str, names: list[str]) -> None:
    assert Proxies.from_env({"PRP_PROXIES": text}).names == names


@pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.1/8", "0.0.0.0/0", "::/0", "1.2.3"])
def test_a_setting_that_would_believe_too_many(text: str) -> None:
    with pytest.raises(SetupError, match="PRP_PROXIES"):
        Proxies.from_env({"PRP_PROXIES": text})


def test_membership() -> None:
    proxies = Proxies.from_env({"PRP_PROXIES": "10.0.3.0/28"})
    assert "10.0.3.5" in proxies
    for host in ("10.0.4.1", "", "nonsense", "::1"):
        assert host not in proxies
