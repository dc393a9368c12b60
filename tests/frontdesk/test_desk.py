"""The inbox, driven over HTTP on a real database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from prp_guide.clinic import Clinic
from prp_guide.frontdesk import Attendance, CallbackRequest, CallbackStore, Inbox, OpeningHours, Outbox, sign_in
from prp_guide.frontdesk.queue import MOST_COUNTED
from prp_guide.home import Home
from prp_guide.web.desk import routes as desk
from prp_guide.web.desk import view
from prp_guide.web.desk.rows import counted
from tests.frontdesk.conftest import Time, make_clinic, make_link

HERE = "http://localhost"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

pytestmark = pytest.mark.usefixtures("time")


class Topics:
    """As much of the content's library as the inbox looks at."""

    topics = {"cost": SimpleNamespace(label={"en": "How much does it cost?"})}  # noqa: RUF012

    def fresh(self) -> Topics:
        return self


@pytest.fixture
def app(home: Home, engine: sa.engine.Engine, store: CallbackStore, clinic: Clinic) -> Starlette:
    app = Starlette(routes=desk.routes)
    app.state.services = SimpleNamespace(
        home=home,
        clinic=clinic,
        library=Topics(),
        durable=engine,
        callbacks=store,
        inbox=Inbox.of(engine, OpeningHours(clinic)),
        hours=OpeningHours(clinic),
        outbox=Outbox(engine),
        attendance=Attendance(engine, clinic),
    )
    return app


@pytest.fixture
def guest(app: Starlette) -> TestClient:
    return TestClient(app, base_url=HERE, follow_redirects=False)


@pytest.fixture
def staff(guest: TestClient, engine: sa.engine.Engine) -> TestClient:
    assert sign_in_with(guest, make_link(engine, "Ana")).status_code == 303
    return guest


@pytest.fixture
def ask(store: CallbackStore) -> Callable[..., str]:
    def ask(name: str = "Jo", **fields: Any) -> str:
        given = {"name": name, "phone": "310 555 0147", "best_time": "noon", **fields}
        return store.create(CallbackRequest.checked(**given), f"{name} {len(store.every())}").reference

    return ask


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found
    return found[1]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def sign_in_with(client: TestClient, link: str) -> Any:
    page = client.get("/desk/sign-in")
    return client.post("/desk/sign-in", data={"link": link, "form_token": form_token(page.text)})


# Signing in


@pytest.mark.parametrize("path", ["/desk", "/desk?tab=done"])
def test_signed_out_nothing_is_shown(guest: TestClient, ask: Callable[..., str], path: str) -> None:
    reference = ask("Hidden Person")
    page = guest.get(path)
    assert page.status_code == 401
    assert "You are signed out" in page.text
    for secret in ("Hidden Person", "555", reference):
        assert secret not in page.text


def test_signed_out_the_fragment_and_the_forms_are_closed(guest: TestClient, ask: Callable[..., str]) -> None:
    reference = ask()
    assert guest.get(f"/desk/requests/{reference}").status_code == 401
    assert guest.get("/desk/news").status_code == 401
    for action in ("done", "reopen"):
        assert guest.post(f"/desk/callbacks/{reference}/{action}").status_code == 401
    assert guest.post("/desk/sign-out", headers=FORM).status_code == 403


def test_a_link_signs_in_once(guest: TestClient, engine: sa.engine.Engine, app: Starlette) -> None:
    link = make_link(engine, "Ana")
    answer = sign_in_with(guest, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"]
    assert re.search(r"^prp-desk=[\w-]{43}; HttpOnly; Path=/; SameSite=strict$", cookie)
    assert link not in cookie
    page = guest.get("/desk")
    assert page.status_code == 200
    assert '<a href="/desk/people" id="people">Ana</a>' in page.text

    other = TestClient(app, base_url=HERE, follow_redirects=False)
    refused = sign_in_with(other, link)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert other.get("/desk").status_code == 401


def test_every_bad_link_gets_the_same_answer(guest: TestClient, engine: sa.engine.Engine, time: Time) -> None:
    used, old = make_link(engine), make_link(engine)
    sign_in.redeem(engine, used)
    time.now += timedelta(minutes=15)
    answers = [sign_in_with(guest, link) for link in (used, old, "never-was", "")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


def test_a_link_needs_the_form_of_this_browser(guest: TestClient, app: Starlette, engine: sa.engine.Engine) -> None:
    link = make_link(engine)
    elsewhere = form_token(TestClient(app, base_url=HERE).get("/desk/sign-in").text)
    guest.get("/desk/sign-in")
    for fields in (
        {"link": link},
        {"link": link, "form_token": elsewhere},
        {"link": link, "form_token": "é"},
    ):
        assert guest.post("/desk/sign-in", data=fields).status_code == 403
    assert sign_in_with(guest, link).status_code == 303  # none of them used it up


def test_two_tabs_may_sign_in(guest: TestClient, engine: sa.engine.Engine) -> None:
    first = form_token(guest.get("/desk/sign-in").text)
    guest.get("/desk/sign-in")
    answer = guest.post("/desk/sign-in", data={"link": make_link(engine), "form_token": first})
    assert answer.status_code == 303


@pytest.mark.parametrize("proxied", [False, True])
def test_over_https_the_cookie_is_bound_to_the_host(app: Starlette, engine: sa.engine.Engine, proxied: bool) -> None:
    scheme = "http" if proxied else "https"
    client = TestClient(app, base_url=f"{scheme}://clinic.example", follow_redirects=False)
    if proxied:
        client.headers["X-Forwarded-Proto"] = "https"
    page = client.get("/desk/sign-in")
    # A browser sends secure cookies back to the proxy; this client only sees the http behind it.
    client.cookies.set(*page.headers["set-cookie"].split(";")[0].split("=", 1))
    form = {"link": make_link(engine), "form_token": form_token(page.text)}
    cookie = client.post("/desk/sign-in", data=form).headers["set-cookie"]
    assert re.search(r"^__Host-prp-desk=[\w-]{43}; HttpOnly; Path=/; SameSite=strict; Secure$", cookie)
    client.cookies.set(*cookie.split(";")[0].split("=", 1))
    assert client.get("/desk").status_code == 200


def test_over_plain_http_only_this_machine_signs_in(app: Starlette, engine: sa.engine.Engine) -> None:
    client = TestClient(app, base_url="http://192.168.1.5:8080", follow_redirects=False)
    page = client.get("/desk/sign-in")
    assert page.status_code == 403
    assert "https" in page.text
    assert client.post("/desk/sign-in", data={"link": make_link(engine)}).status_code == 403
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert TestClient(app, base_url=f"http://{name}:8080").get("/desk/sign-in").status_code == 200


def test_sign_out(staff: TestClient) -> None:
    token = form_token(staff.get("/desk").text)
    kept = dict(staff.cookies)
    answer = staff.post("/desk/sign-out", data={"form_token": token})
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    for name, value in kept.items():
        staff.cookies.set(name, value)
    assert staff.get("/desk").status_code == 401


def test_a_sleeping_session_ends_and_refreshing_does_not_wake_it(staff: TestClient, time: Time) -> None:
    time.now += timedelta(minutes=59)
    by_itself = {"X-PRP-By-Itself": "1"}
    assert staff.get("/desk", headers=by_itself).status_code == 200
    time.now += timedelta(minutes=1)
    assert staff.get("/desk", headers=by_itself).status_code == 401
    assert staff.get("/desk").status_code == 401


def test_a_link_from_another_site_is_asked_once_more(staff: TestClient) -> None:
    staff.cookies.clear()  # a strict cookie does not come along
    page = staff.get("/desk", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/desk">' in page.text
    assert "set-cookie" not in page.headers


# The list


def test_empty(staff: TestClient) -> None:
    page = staff.get("/desk").text
    assert "<h1>No one is waiting.</h1>" in page
    assert "<title>Callback requests · The Clinic</title>" in page
    assert "Nothing is done yet." in staff.get("/desk?tab=done").text


def test_rows_say_everything_in_words(staff: TestClient, ask: Callable[..., str], time: Time) -> None:
    late = ask("Late Person", topic="cost", lang="es", voicemail_ok=True, note="One\nTwo")
    time.now += timedelta(days=2)  # Wednesday, 10 am
    assert sign_in_again(staff)
    urgent = ask("Urgent Person", priority="urgent", topic="book_appointment", voicemail_ok=False)
    plain = ask("Plain Person", phone="310 555 0148")
    page = staff.get("/desk").text
    assert "<h1>3 to call now, 1 overdue, 1 urgent</h1>" in page
    assert "<title>(3) Callback requests · The Clinic</title>" in page
    rows = {row.split('"', 1)[0]: row for row in page.split('id="PRP-')[1:]}
    assert list(rows) == [reference.removeprefix("PRP-") for reference in (urgent, late, plain)]
    second, first, third = (" ".join(re.sub(r"<[^>]+>", " ", row.split(">", 1)[1]).split()) for row in rows.values())
    for words in (
        "Overdue by 17 h",
        "Late Person",
        "How much does it cost?",
        "When to call noon",
        "Due Yesterday, 5 pm",
        "Waiting 2 days",
        "Language Spanish Voicemail is fine",
    ):
        assert words in first
    assert "Urgent: call these first" in page
    for words in ("Urgent Person", "Book appointment", "Due Today, 10:30 am", "English No voicemail"):
        assert words in second
    for word in ("Urgent", "Overdue", "Voicemail"):
        assert word not in third


def sign_in_again(client: TestClient) -> bool:
    link = make_link(client.app.state.services.durable, "Ana")  # type: ignore[attr-defined]
    return bool(sign_in_with(client, link).status_code == 303)


def test_without_hours_no_due_time_is_claimed(app: Starlette, staff: TestClient, engine: sa.engine.Engine) -> None:
    clinic = make_clinic(hours=None)
    hours = OpeningHours(clinic)
    store = CallbackStore(engine, hours)
    for name, value in (("clinic", clinic), ("hours", hours), ("callbacks", store)):
        setattr(app.state.services, name, value)
    store.create(CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="noon"), "key")
    page = staff.get("/desk").text
    assert "<dt>Due</dt>" not in page
    assert "No due times" in page


def test_all_that_was_said_and_who_else_has_the_number(staff: TestClient, ask: Callable[..., str], time: Time) -> None:
    reference = ask("Jo Park", note="First note")
    time.now += timedelta(minutes=20)
    ask("JO  park", note="Second note", best_time="after 5")
    other = ask("Ana Park")
    done = ask("Gone Park")
    token = form_token(staff.get("/desk").text)
    staff.post(f"/desk/callbacks/{done}/done", data={"form_token": token})
    assert "<h1>2 to call now</h1>" in staff.get("/desk").text
    first, second = (text_of(staff.get(f"/desk/requests/{name}").text) for name in (reference, other))
    for words in (
        "Wrote First note Wrote Second note",
        "When to call noon after 5",
        "again Today, 10:20 am",
        f"Same number Ana Park {other}",
        "Patient asked again (by the form)",
    ):
        assert words in first
    assert f"Same number Jo Park {reference}" in second
    assert "asked again" not in second


def test_done_undo_and_reopen(staff: TestClient, ask: Callable[..., str], store: CallbackStore) -> None:
    reference = ask("Jo Park")
    token = form_token(staff.get("/desk").text)
    answer = staff.post(f"/desk/callbacks/{reference}/done", data={"form_token": token})
    assert answer.status_code == 303
    assert re.fullmatch(r"/desk\?just=\d+", answer.headers["location"])
    page = staff.get(answer.headers["location"]).text
    assert "No one is waiting." in page
    assert "Jo Park : marked done." in text_of(page)
    done = staff.get("/desk?tab=done").text
    assert "Today, 10 am</time>, Ana" in done

    event = answer.headers["location"].rpartition("=")[2]
    answer = staff.post(f"/desk/callbacks/{reference}/undo", data={"form_token": token, "event": event})
    assert answer.headers["location"] == f"/desk/requests/{reference}"
    assert "1 to call now" in staff.get("/desk").text

    staff.post(f"/desk/callbacks/{reference}/done", data={"form_token": token})
    answer = staff.post(f"/desk/callbacks/{reference}/reopen", data={"form_token": token, "back": "tab=done"})
    assert answer.headers["location"].startswith("/desk?tab=done&just=")
    page = staff.get(answer.headers["location"]).text
    assert "back on the list." in page
    assert "1 to call now" in page
    events = [event.event for event in store.history(reference)]
    assert events == ["created", "done", "undone", "done", "reopened"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (FORM, b"", 403),
        (FORM, b"form_token=wrong", 403),
        (FORM, b"form_token=%ff", 403),
        (FORM, b"\xff\xfe", 400),
        (FORM, b"&".join(b"a=1" for _ in range(50)), 400),
        (FORM, b"form_token=RIGHT&note=LONG", 413),
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "text/plain"}, b"form_token=RIGHT", 415),
        ({**FORM, "Sec-Fetch-Site": "cross-site"}, b"form_token=RIGHT", 403),
        ({**FORM, "Sec-Fetch-Site": "same-site"}, b"form_token=RIGHT", 403),
        ({**FORM, "Sec-Fetch-Site": "same-origin"}, b"form_token=RIGHT", 303),
    ],
)
def test_only_our_own_forms_change_anything(
    staff: TestClient,
    ask: Callable[..., str],
    store: CallbackStore,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    reference = ask()
    body = body.replace(b"LONG", b"x" * 70_000)
    body = body.replace(b"RIGHT", form_token(staff.get("/desk").text).encode())
    assert staff.post(f"/desk/callbacks/{reference}/done", content=body, headers=headers).status_code == status
    assert len(store.list()) == (0 if status == 303 else 1)


def test_a_form_of_another_session_is_refused(
    staff: TestClient, app: Starlette, engine: sa.engine.Engine, ask: Callable[..., str]
) -> None:
    other = TestClient(app, base_url=HERE, follow_redirects=False)
    sign_in_with(other, make_link(engine))
    ask()
    token = form_token(other.get("/desk").text)
    assert staff.post("/desk/sign-out", data={"form_token": token}).status_code == 403


def test_no_change_by_get_and_none_to_what_is_not_there(staff: TestClient, ask: Callable[..., str]) -> None:
    reference = ask()
    token = form_token(staff.get("/desk").text)
    assert staff.get(f"/desk/callbacks/{reference}/done").status_code == 405
    assert staff.post("/desk/callbacks/PRP-0000/done", data={"form_token": token}).status_code == 404
    assert staff.post(f"/desk/callbacks/{reference}/explode", data={"form_token": token}).status_code == 404
    for odd in ("0", "99", "x", "²", "9" * 100):
        assert 'id="just"' not in staff.get("/desk", params={"just": odd}).text


HOSTILE = "<script>alert(1)</script>\"' onload=x {{ 7*7 }}"


def test_hostile_texts_are_inert(staff: TestClient, ask: Callable[..., str]) -> None:
    reference = ask(HOSTILE[:80], best_time=HOSTILE, note=HOSTILE)
    token = form_token(staff.get("/desk").text)
    note = {"form_token": token, "note": HOSTILE, "back": HOSTILE}
    answer = staff.post(f"/desk/callbacks/{reference}/done", data=note)
    staff.post(f"/desk/callbacks/{reference}/draft", data=note)
    paths = ("/desk", "/desk?tab=done", answer.headers["location"], f"/desk?q={quote(HOSTILE)}")
    for path in (*paths, f"/desk/requests/{reference}?topic={quote(HOSTILE)}&q={quote(HOSTILE)}"):
        page = staff.get(path).text
        assert "<script>alert" not in page
        assert "49" not in re.sub(r"[\w-]{20,}|v..ue=.\+?\d+|\d{4}-[\d:T-]+|ms=.\d+", "", page).replace(reference, "")
    assert "&lt;script&gt;" in page


def test_pages(staff: TestClient, ask: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "PAGE_SIZE", 2)
    for number, letter in enumerate("abcde"):
        ask(f"Person {letter}", phone=f"310 555 010{number}")
    first, last = staff.get("/desk").text, staff.get("/desk?page=3").text
    assert ("1 to 2 of 5" in first, "page=2" in first, "Person c" in first) == (True, True, False)
    assert ("5 to 5 of 5" in last, 'rel="next"' in last, "Person e" in last) == (True, False, True)
    for odd in ("0", "-1", "99", "x", "²", "9" * 1000):
        assert staff.get("/desk", params={"page": odd}).status_code == 200


def test_pages_are_kept_nowhere_and_hold_nothing_inline(staff: TestClient, ask: Callable[..., str]) -> None:
    reference = ask()
    for path in ("/desk", "/desk?tab=done", f"/desk/requests/{reference}", "/desk/sign-in", "/desk/people"):
        answer = staff.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?! src=)", answer.text)
    for name, kind in (("desk.css", "text/css"), ("desk.js", "javascript"), ("live.js", "javascript")):
        answer = staff.get(f"/desk/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (MOST_COUNTED - 1, "9,999"), (MOST_COUNTED, "10,000+")])
def test_counts_in_words(number: int, words: str) -> None:
    assert counted(number) == words
