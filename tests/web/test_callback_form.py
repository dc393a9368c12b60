"""The plain callback form: works without Rasa, stores once, and what it confirmed is there."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from prp_guide.home import Home
from tests.web.web_process import Web

CALLBACK = {"name": "Jo Smith", "phone": "310 555 0147", "best_time": "mornings", "topic": "cost"}
TOPICS = ("cost", "pain", "washing", "sun", "exercise", "surgery")
HOURS = """
hours: {mon: "09:00-17:00", tue: "09:00-17:00", wed: "09:00-17:00", thu: "09:00-17:00", fri: "09:00-17:00"}
"""


def send(web: Web, key: str = "key-0001", **change: Any) -> httpx.Response:
    return web.http.post("/api/callbacks", json={**CALLBACK, **change}, headers={"Idempotency-Key": key})


def test_a_request_is_stored(web: Web) -> None:
    response = send(web)
    assert response.status_code == 201
    answer = response.json()
    (stored,) = web.services.callbacks.list()
    assert (stored.name, stored.phone, stored.best_time) == ("Jo Smith", "+13105550147", "mornings")
    assert (stored.topic, stored.priority, stored.source) == ("cost", "normal", "form")
    assert set(answer) == {"reference", "due", "text"}
    assert answer["reference"] == stored.reference
    assert answer["due"] is None
    assert stored.reference in answer["text"]
    assert "(310) 555-0147" in answer["text"]
    assert web.channel.seen == []


def test_the_due_time_where_hours_are_known(home: Home, request: pytest.FixtureRequest) -> None:
    with home.clinic_file.open("a", encoding="utf-8") as file:
        file.write(HOURS)
    web: Web = request.getfixturevalue("web")
    answer = send(web).json()
    assert answer["due"].endswith("+00:00")
    clinic = web.http.post("/api/chat/sessions").json()["clinic"]
    assert isinstance(clinic["open_now"], bool)
    assert clinic["next_open"].endswith("+00:00")


def test_no_time_is_named_when_nobody_looks(home: Home, request: pytest.FixtureRequest) -> None:
    with home.clinic_file.open("a", encoding="utf-8") as file:
        file.write(HOURS)
    web: Web = request.getfixturevalue("web")
    assert "We aim to call" in send(web).json()["text"]
    with web.services.durable.begin() as connection:
        connection.exec_driver_sql("UPDATE desk_moments SET at = '2020-01-01T00:00:00.000000+00:00'")
    answer = send(web, key="key-0002", topic="pain").json()
    assert answer["due"] is None
    assert "aim" not in answer["text"]
    assert answer["reference"] in answer["text"]
    web.services.attendance.seen()
    assert "We aim to call" in send(web, key="key-0002", topic="pain").json()["text"]


def test_the_same_again_is_stored_once(web: Web) -> None:
    first = send(web)
    assert send(web).json() == first.json()
    other = send(web, name="Al Jones")
    assert other.status_code == 422
    assert other.json()["type"] == "urn:prp-guide:problem:key-reused"
    # Another key, as after closing the page: the same person still gets the same reference.
    assert send(web, key="key-0002", best_time="noon").json()["reference"] == first.json()["reference"]
    assert send(web, key="key-0003", topic="pain").json()["reference"] != first.json()["reference"]
    assert [one.best_times for one in web.services.callbacks.list()] == [("mornings", "noon"), ("mornings",)]


def test_many_at_once_are_stored_once(web: Web) -> None:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(send(web).json())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 6
    assert len({answer["reference"] for answer in answers}) == 1
    assert len(web.services.callbacks.list()) == 1


@pytest.mark.parametrize("field", ["note", "best_time", "name"])
def test_a_red_flag_makes_it_urgent(web: Web, field: str) -> None:
    answer = send(web, **{field: "my throat is swelling and I can't breathe"}).json()
    (stored,) = web.services.callbacks.list()
    assert stored.priority == "urgent"
    assert answer["text"].index("911") < answer["text"].index(stored.reference)


def test_a_request_survives_a_new_start(web: Web) -> None:
    """What was confirmed is in the file itself, not only in this process."""
    reference = send(web).json()["reference"]
    with web.services.durable.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        rows = connection.exec_driver_sql("SELECT reference FROM callbacks").all()
    assert [row[0] for row in rows] == [reference]


def test_a_number_of_requests_is_enough_but_an_urgent_one_always_goes(limited_web: Web) -> None:
    statuses = [
        send(limited_web, key=f"key-{number:04}", phone=f"310 555 01{number:02}").status_code for number in range(14)
    ]
    assert statuses[:12] == [201] * 12
    assert statuses[12:] == [429] * 2
    assert send(limited_web, key="key-urgent", note="I can't breathe").status_code == 201


def test_many_requests_for_one_number(limited_web: Web) -> None:
    """The limit of the store, as the form hears of it."""
    web = limited_web
    statuses = [send(web, key=f"key-{number:04}", topic=topic).status_code for number, topic in enumerate(TOPICS)]
    assert statuses == [201] * 5 + [429]
    refused = send(web, key="key-last", topic="insurance").json()
    assert refused["phone"] == "(310) 975-9785"
    assert "(310) 975-9785" in refused["detail"]
    assert "Jo" not in refused["detail"]
    assert send(web, key="key-urgent", topic="safety", note="I can't breathe").status_code == 201


@pytest.mark.parametrize(("filled", "status"), [("https://spam.example", 422), ("", 201), (None, 201), ([1], 422)])
def test_a_field_that_people_do_not_see(web: Web, filled: Any, status: int) -> None:
    answer = send(web, website=filled)
    assert answer.status_code == status
    assert len(web.services.callbacks.list()) == (status == 201)
    if status == 422:
        assert [error["field"] for error in answer.json()["errors"]] == ["website"]
        assert send(web, key="key-0002", website=filled, note="my throat is closing up").status_code == 201
