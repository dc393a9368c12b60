"""What a hostile page, visitor or field could do to somebody's browser, mailbox, spreadsheet or log."""

from __future__ import annotations

import csv
import io
import logging
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from starlette.routing import Route

from prp_guide import clock
from prp_guide.delivery_settings import Deliveries, Email
from prp_guide.frontdesk import CallbackRequest, export_csv, letters
from prp_guide.frontdesk.letters import Letter
from prp_guide.frontdesk.outbox import CREATED
from prp_guide.home import Home
from prp_guide.supervisor import Program, Supervisor
from prp_guide.web import health, pages
from prp_guide.web.desk import routes as desk
from prp_guide.web.headers import SECURITY
from tests.web.web_process import Channel, Web, running_web

MARK = "\"'><svg onload=x9>"
PATHS = sorted(
    {
        route.path.replace("{reference}", "PRP-2222").replace("{number}", "1").replace("{name}", "x")
        for route in (*pages.make_routes(), *desk.routes, *health.routes)
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }
)


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/desk/nothing", "/api/chat/messages", "/api/nothing"])
def test_every_page_is_strict(shared_web: Web, path: str) -> None:
    answer = shared_web.http.get(path)
    assert answer.status_code < 500
    for name, value in SECURITY.items():
        if not (name == "Cross-Origin-Resource-Policy" and path.startswith("/widget.")):
            assert answer.headers[name] == value, name
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers, "over http it would mean nothing"
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert "onclick=" not in answer.text
        assert "<script>" not in answer.text
        assert "style=" not in answer.text


def test_behind_https_browsers_come_by_https_only(
    home: Home, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.web.web_process.PROXIES", "127.0.0.1")
    with running_web(home, channel) as web:
        answer = web.http.get("/", headers={"X-Forwarded-Proto": "https"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in web.http.get("/").headers


@pytest.mark.parametrize("path", [path for path in PATHS if "." not in path])
@pytest.mark.parametrize("where", ["query", "path", "header", "cookie"])
def test_nothing_comes_back_as_markup(shared_web: Web, path: str, where: str) -> None:
    headers = {}
    if where == "header":
        names = ("Referer", "User-Agent", "X-Forwarded-Host", "X-Forwarded-For", "Accept-Language", "Origin", "Accept")
        headers = dict.fromkeys(names, MARK)
    if where == "cookie":
        headers = {"Cookie": f"prp-desk={MARK}; prp-desk-form={MARK}; x={MARK}"}
    params = (
        dict.fromkeys(("lang", "q", "topic", "just", "view", "page", "next", "back"), MARK) if where == "query" else {}
    )
    answer = shared_web.http.get(f"{path}/{MARK}" if where == "path" else path, params=params, headers=headers)
    assert answer.status_code < 500
    assert "<svg onload" not in answer.text
    assert all("onload" not in value for value in answer.headers.values())


def test_a_form_comes_back_escaped(shared_web: Web) -> None:
    page = shared_web.http.get("/desk/sign-in", headers={"Host": "localhost"})
    token = page.text.partition('name="form_token" value="')[2].partition('"')[0]
    answer = shared_web.http.post(
        "/desk/sign-in",
        data={"form_token": token, "name": MARK, "password": "x"},
        headers={"Host": "localhost", "Cookie": page.headers["set-cookie"].partition(";")[0]},
    )
    assert answer.status_code in (403, 429)
    assert "<svg onload" not in answer.text


@pytest.mark.parametrize("path", ["/", "/tour", "/desk", "/api/chat/sessions/", "//evil.example/", "/desk/"])
def test_the_host_is_the_clients_claim_and_leads_nowhere(shared_web: Web, path: str) -> None:
    answer = shared_web.http.get(f"{shared_web.url}{path}", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert "location" not in answer.headers


@pytest.mark.parametrize("value", ["Jo\r\nBcc: all@evil.example", "Jo\nX: y", "Jo\x0b\x0c\x85\u2028Bcc: x", "\u202eoJ"])
def test_no_field_begins_a_line(web: Web, value: str, caplog: pytest.LogCaptureFixture) -> None:
    """In a mail's head, in its body, in the spreadsheet, in the log."""
    with caplog.at_level(logging.DEBUG):
        request = CallbackRequest.checked(name=value, phone="310 555 0147", best_time=value, note="n")
        stored = web.services.callbacks.create(request, "key-line")
    receiver = Email(
        name="desk", to=("desk@clinic.example",), sender="chat@clinic.example", server="mail.clinic.example:587"
    )
    letter = Letter("an-id", CREATED, clock.now(), stored, "https://chat.clinic.example")
    mail = message_from_bytes(bytes(letters.email(letter, receiver, letters.in_lines)), policy=policy.default)
    assert set(mail.keys()) & {"Bcc", "X"} == set()
    assert len(letters.in_lines(stored).splitlines()) == 7
    (row,) = csv.DictReader(io.StringIO(export_csv(web.services.callbacks)))
    assert len(row["name"].splitlines()) == 1
    assert "\u202e" not in row["name"]
    assert "evil.example" not in caplog.text


@pytest.mark.parametrize("to", ["a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "a b@c.example", "@"])
def test_an_address_of_the_settings_is_one_address(to: str) -> None:
    with pytest.raises(ValueError):
        Deliveries(emails=[{"name": "x", "to": [to], "sender": "a@b.example", "server": "mail.b.example:587"}])


def test_a_line_of_the_log_says_what_it_says(tmp_path: Path) -> None:
    shown: list[str] = []
    supervisor = Supervisor([Program("web", lambda: [])], root=tmp_path, state=tmp_path)
    supervisor._on_line = shown.append
    log = logging.Logger("nothing")
    supervisor._line("web", log, "one\rtwo\x1b[2Kthree\x85four\u2028five\u202esix\u2066seven")
    assert shown == ["web | onetwothreefourfivesixseven"]
