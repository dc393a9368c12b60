"""The deliveries in the inbox: how they do, what was given up, and sending it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from prp_guide.clinic import Clinic
from prp_guide.frontdesk import CallbackStore, Outbox
from tests.frontdesk.conftest import Time, make_clinic
from tests.frontdesk.test_desk import app, ask, form_token, guest, sign_in_again, staff  # noqa: F401 (fixtures)

pytestmark = pytest.mark.usefixtures("time")


@pytest.fixture
def clinic() -> Clinic:
    webhook = {"url": "https://hooks.example/", "secret": {"env": "A"}}
    return make_clinic(deliveries={"webhooks": [{"name": "practice", **webhook}, {"name": "other <b>", **webhook}]})


@pytest.fixture
def store(engine: sa.engine.Engine, clinic: Clinic) -> CallbackStore:
    return CallbackStore.of(engine, clinic)


@pytest.fixture
def box(engine: sa.engine.Engine) -> Outbox:
    return Outbox(engine)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def give_up(box: Outbox, time: Time, target: str = "practice") -> str:
    held = box.claim(target)
    assert held is not None
    time.now = held.give_up
    assert box.failed(held, "hooks.example answered 500.")
    return held.id


def test_health_in_words(staff: TestClient, ask: Callable[..., str], box: Outbox, time: Time) -> None:  # noqa: F811
    assert "practice nothing to deliver yet." in text_of(staff.get("/desk").text)
    ask()
    ask("Ana")
    for succeeds in (True, False):
        held = box.claim("practice")
        assert held is not None
        assert box.sent(held) if succeeds else box.failed(held, "hooks.example answered 500.")
    time.now += timedelta(minutes=5)
    page = text_of(staff.get("/desk").text)
    assert (
        "practice Needs a look. 1 on the way, last delivered today, 10 am. "
        "The last attempt failed: hooks.example answered 500. It is tried again." in page
    )
    assert "other &lt;b&gt; 2 on the way." in page
    assert "Send again" not in page


def test_a_dead_letter_is_sent_again(
    staff: TestClient,  # noqa: F811
    ask: Callable[..., str],  # noqa: F811
    box: Outbox,
    store: CallbackStore,
    time: Time,
) -> None:
    reference = ask("Jo Park")
    delivery = give_up(box, time)
    assert sign_in_again(staff)
    page = staff.get("/desk").text
    assert '<a href="#deliveries" id="to-deliveries">1 delivery did not arrive</a>' in page
    assert f"practice : New callback request {reference} . hooks.example answered 500. Today, 10 am" in text_of(page)
    token = form_token(page)
    path = f"/desk/deliveries/{delivery}/again"
    assert staff.post(path, data={"form_token": "wrong"}).status_code == 403
    assert box.dead()
    answer = staff.post(path, data={"form_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk#deliveries")
    assert not box.dead()
    assert "Send again" not in staff.get("/desk").text
    assert [(event.event, event.actor) for event in store.history(reference)][1:] == [
        ("undelivered", "PRP Guide"),
        ("resent", "Ana"),
    ]
    # Twice, and for what never was: nothing happens.
    for other in (path, "/desk/deliveries/never/again"):
        assert staff.post(other, data={"form_token": token}).status_code == 303
    held = box.claim("practice")
    assert held is not None
    assert held.id == delivery


def test_all_at_once(staff: TestClient, ask: Callable[..., str], box: Outbox, time: Time) -> None:  # noqa: F811
    for name in ("Ana", "Bo", "Cy"):
        ask(name)
    held: list[Any] = [box.claim("practice") for _ in range(3)]
    time.now = held[0].give_up
    for one in held:
        box.failed(one, "no")
    assert sign_in_again(staff)
    page = staff.get("/desk").text
    assert "3 deliveries did not arrive" in page
    assert staff.post("/desk/deliveries/all/again", data={"form_token": form_token(page)}).status_code == 303
    assert not box.dead()


def test_signed_out_nothing_is_sent(
    guest: TestClient,  # noqa: F811
    ask: Callable[..., str],  # noqa: F811
    box: Outbox,
    time: Time,
) -> None:
    ask()
    delivery = give_up(box, time)
    assert guest.post(f"/desk/deliveries/{delivery}/again").status_code == 401
    assert guest.get(f"/desk/deliveries/{delivery}/again").status_code == 405
    assert box.dead()


def test_without_receivers_it_says_so(app: Starlette, staff: TestClient) -> None:  # noqa: F811
    app.state.services.clinic = make_clinic()
    assert "None are set up: requests are seen here only" in text_of(staff.get("/desk").text)
