"""Over HTTP: forged, expired, swapped and erased sessions. Nobody reads or steers another's conversation."""

from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import pytest

from prp_guide import clock
from prp_guide.chat import Sessions
from prp_guide.database import sessions, stamp, turns
from tests.support.traces import files_with
from tests.support.waiting import wait_for
from tests.web.conftest import channel, empty_database, home, web  # noqa: F401
from tests.web.web_process import Web, bearer, check_problem

REQUESTS = [
    ("GET", "/api/chat/messages", None),
    ("POST", "/api/chat/messages", {"text": "hi"}),
    ("POST", "/api/chat/messages", {"choice": "topic:washing"}),
    ("POST", "/api/chat/feedback", {"message": "m", "helpful": True}),
    ("PUT", "/api/chat/sessions", None),
    ("DELETE", "/api/chat/sessions", None),
]
SECRET_WORDS = "a zither under a pyramid"


def refused_everywhere(web: Web, headers: dict[str, str]) -> None:  # noqa: F811
    web.channel.seen.clear()
    for method, path, body in REQUESTS:
        answer = web.http.request(method, path, json=body, headers=headers) if body else None
        answer = answer or web.http.request(method, path, headers=headers)
        problem = check_problem(answer, 401)
        assert SECRET_WORDS not in str(problem)
    assert not web.channel.seen, "nothing reached Rasa"


def swapped(one: str, other: str, place: int) -> str:
    """`one` with a part of `other`: version, id, time of issue or signature."""
    parts = one.split(".")
    parts[place] = other.split(".")[place]
    return ".".join(parts)


def test_forged_and_swapped(web: Web) -> None:  # noqa: F811
    mine, theirs = web.open(), web.open()
    web.say(theirs, SECRET_WORDS)
    session = theirs.split(".")[1]
    issued = int(theirs.split(".")[2])
    alien = Sessions(web.services.database, b"another key")
    forged = [
        swapped(mine, theirs, 1),  # their id under my signature
        swapped(theirs, mine, 3),
        f"1.{session}.{issued}.",
        f"1.{session}.{issued}.{'A' * 43}",
        f"1.{session}.{issued + 60}.{theirs.split('.')[3]}",
        alien.token(session, clock.now()),
        session,
        base64.b64encode(b'{"alg":"none"}').decode(),
        theirs[:-1] + chr(ord(theirs[-1]) ^ 1),
        "../" + theirs,
        "x",
    ]
    for token in forged:
        if token != theirs:
            refused_everywhere(web, bearer(token))
    refused_everywhere(web, {"Authorization": f"Basic {theirs}"})
    refused_everywhere(web, {"Cookie": f"session={theirs}"})
    refused_everywhere(web, {})
    # The owner was not disturbed, and my own shows mine alone.
    assert SECRET_WORDS in str(web.history(theirs))
    assert SECRET_WORDS not in str(web.history(mine))


def test_whatever_a_message_names_it_goes_to_the_senders_own(web: Web) -> None:  # noqa: F811
    mine, theirs = web.open(), web.open()
    web.say(theirs, SECRET_WORDS, id="same-id")
    told = web.history(theirs)[-1]["id"]
    other = theirs.split(".")[1]
    web.channel.seen.clear()
    named = {
        "session": theirs,
        "conversation": other,
        "sender": other,
        "sender_id": other,
        "metadata": {"conversation": other},
    }
    web.say(mine, "hi", id="same-id", **named)
    assert [turn["conversation"] for turn in web.channel.seen] == [mine.split(".")[1]]
    assert SECRET_WORDS not in str(web.history(mine)), "an id of theirs is not theirs here"
    rating = {"message": told, "helpful": False}
    assert web.http.post("/api/chat/feedback", json=rating, headers=bearer(mine)).status_code == 422
    assert len(web.history(theirs)) == 3


@pytest.mark.parametrize("how", ["idle", "old"])
def test_expired(web: Web, how: str) -> None:  # noqa: F811
    token = web.open()
    web.say(token, SECRET_WORDS)
    session = token.split(".")[1]
    if how == "idle":
        with web.services.database.begin() as connection:
            ago = stamp(clock.now() - timedelta(minutes=31))
            connection.execute(sessions.update().where(sessions.c.id == session).values(last_seen=ago))
    else:
        token = web.services.sessions.token(session, clock.now() - timedelta(hours=13))
    refused_everywhere(web, bearer(token))


def test_erased(web: Web) -> None:  # noqa: F811
    token, other = web.open(), web.open()
    web.say(token, SECRET_WORDS)
    web.say(other, "when can i wash my hair")
    assert web.http.delete("/api/chat/sessions", headers=bearer(token)).status_code == 204
    refused_everywhere(web, bearer(token))
    # The same words under the same id make no new conversation of the old token.
    assert web.say(token, SECRET_WORDS, id="m1").status_code == 401
    with web.services.database.connect() as connection:
        assert {row.session for row in connection.execute(turns.select())} == {other.split(".")[1]}
    state = web.services.home.state
    wait_for(lambda: not files_with(state, [SECRET_WORDS]), "the last byte to go", seconds=15, every=0.2)
    assert len(web.history(other)) == 3


def test_a_choice_that_nobody_offers_is_not_written_down(web: Web) -> None:  # noqa: F811
    token = web.open()
    for choice in ("topic:quatermass", "callback:quatermass", "confirm:quatermass", "topic:washing-quatermass"):
        answer = web.http.post("/api/chat/messages", json={"choice": choice}, headers=bearer(token))
        assert [error["field"] for error in check_problem(answer, 422)["errors"]] == ["choice"]
    for choice in (
        "topic:washing",
        "topic:human",
        "callback:cost",
        "callback:resume",
        "confirm:no_voicemail",
        "lang:es",
    ):
        answer = web.http.post("/api/chat/messages", json={"choice": choice}, headers=bearer(token))
        assert answer.status_code == 200, choice
    assert not files_with(web.services.home.state, ["quatermass"])


def test_an_id_that_tells_who_somebody_is_is_kept_as_a_hash(web: Web) -> None:  # noqa: F811
    token = web.open()
    first = web.say(token, "hi", id="jo@example.com").json()
    assert web.say(token, "hi", id="jo@example.com").json() == first, "it acts once all the same"
    assert len(web.history(token)) == 3
    assert not files_with(web.services.home.state, ["jo@example.com"])


def test_an_answer_is_kept_by_nobody_on_the_way(web: Web) -> None:  # noqa: F811
    token = web.open()
    answers: list[httpx.Response] = [web.say(token, "hi"), web.http.get("/api/chat/messages", headers=bearer(token))]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
