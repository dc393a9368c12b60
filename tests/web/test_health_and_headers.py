"""Health, readiness, security headers, and who may call the API from another site."""

from __future__ import annotations

import time

import pytest

from tests.web.web_process import ORIGIN, Web, bearer


def test_healthz_needs_nothing(web: Web) -> None:
    web.channel.ready = lambda: (503, {})
    assert web.http.get("/healthz").json() == {"status": "up"}


def test_readyz(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prp_guide.web.health.FRESH", 0)
    assert web.http.get("/readyz").json() == {"status": "ready", "model": "a-model"}
    for away in ((503, {"title": "starting"}), (200, {}), (200, b"nonsense"), (404, {})):
        web.channel.ready = lambda away=away: away
        response = web.http.get("/readyz")
        assert response.status_code == 503
        assert response.json()["phone"] == "(310) 975-9785"
        assert (response.json()["rasa"], response.json()["database"]) == (False, True)


def test_readyz_is_red_when_the_database_cannot_be_written(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prp_guide.web.health.DATABASE_PATIENCE", 0.3)
    monkeypatch.setattr("prp_guide.web.health.FRESH", 0)
    with web.services.database.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        response = web.http.get("/readyz")
        connection.exec_driver_sql("ROLLBACK")
    assert response.status_code == 503
    assert (response.json()["rasa"], response.json()["database"]) == (True, False)
    assert web.http.get("/readyz").status_code == 200


def test_readiness_is_looked_up_once_a_second(web: Web) -> None:
    looks = []

    def ready() -> tuple[int, dict[str, str]]:
        looks.append(time.monotonic())
        return 200, {"model": "m"}

    web.channel.ready = ready
    for _ in range(10):
        assert web.http.get("/readyz").status_code == 200
    assert len(looks) <= 3


@pytest.mark.parametrize("path", ["/", "/tour", "/api/openapi.json", "/nothing", "/healthz", "/demo.css"])
def test_strict_headers_everywhere(shared_web: Web, path: str) -> None:
    headers = shared_web.http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_nothing_of_a_chat_is_cached(shared_web: Web) -> None:
    token = shared_web.open()
    assert shared_web.say(token, "hi").headers["cache-control"] == "no-store"
    assert shared_web.http.get("/api/chat/messages", headers=bearer(token)).headers["cache-control"] == "no-store"


def test_pages(shared_web: Web) -> None:
    page = shared_web.http.get("/?lang=es")
    assert page.headers["content-type"].startswith("text/html")
    assert "The Clinic" in page.text
    assert 'href="/tour?lang=es"' in page.text
    assert "content-encoding" not in page.headers
    assert 'data-lang="es"' in page.text
    assert 'data-lang="fr"' not in shared_web.http.get("/?lang=fr").text
    style = shared_web.http.get("/demo.css")
    assert style.headers["content-type"].startswith("text/css")
    assert style.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in shared_web.http.get("/demo.css", headers={"Accept-Encoding": "identity"}).headers
    again = shared_web.http.get("/demo.css", headers={"If-None-Match": style.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/api/chat/messages", "/api/chat/sessions", "/api/callbacks"])
def test_the_clinics_own_site_may_call(shared_web: Web, path: str) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = shared_web.http.options(path, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    answer = shared_web.http.post(path, headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example", "http://clinic.example"])
def test_other_sites_may_not(shared_web: Web, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in shared_web.http.options("/api/chat/messages", headers=asked).headers
    answer = shared_web.http.post("/api/chat/sessions", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/desk", "/", "/readyz"])
def test_the_rest_is_for_our_own_pages(shared_web: Web, path: str) -> None:
    answer = shared_web.http.get(path, headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/widget.js", "/widget.es.json"])
def test_the_widget_may_be_embedded(shared_web: Web, path: str) -> None:
    headers = shared_web.http.get(path, headers={"Origin": ORIGIN}).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == ORIGIN
