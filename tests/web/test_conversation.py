"""What a patient is told, whatever Rasa does: no dead end, an emergency first, each message acted on once."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import drafts, feedback, sessions, stamp, trackers, turns
from prp_guide.frontdesk import Draft
from tests.web.web_process import Web, bearer, message, reply

EMERGENCY = "my throat is swelling and i cant breathe"


def kinds(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [each["kind"] for each in response.json()["messages"]]


def test_an_answer_goes_through(web: Web) -> None:
    token = web.open()
    answer = message(topic="washing")
    web.channel.answer = lambda turn: reply(answer)
    response = web.say(token, "when can I wash my hair?", id="m1")
    assert response.json() == {"messages": [answer]}
    (turn,) = web.channel.seen
    assert turn == {
        "conversation": web.services.sessions.session_id(token),
        "text": "when can I wash my hair?",
        "lang": "en",
        "turn": 1,
        "seen": None,
    }
    assert web.history(token)[1:] == [
        {"role": "patient", "text": "when can I wash my hair?", "id": "m1"},
        {"role": "assistant", **answer},
    ]


def test_a_choice_goes_through_and_stands_in_the_history_as_it_was_labelled(web: Web) -> None:
    token = web.open()
    choice = {"id": "topic:exercise", "label": "And sport?", "topic": "exercise"}
    web.channel.answer = lambda turn: reply(message(choices=[choice]))
    web.say(token, "hi")
    web.say(token, choice="topic:exercise")
    web.say(token, choice="topic:sun")
    assert [turn.get("choice") for turn in web.channel.seen] == [None, "topic:exercise", "topic:sun"]
    patient = [said["text"] for said in web.history(token) if said["role"] == "patient"]
    assert patient == ["hi", "And sport?", web.services.library.topics["sun"].label["en"]]


def test_the_history_begins_with_the_greeting(web: Web) -> None:
    response = web.http.post("/api/chat/sessions", json={"lang": "es"})
    opened = response.json()
    assert [each["lang"] for each in opened["messages"]] == ["es"]
    assert opened["clinic"] == {
        "name": "The Clinic",
        "phone": "(310) 975-9785",
        "open_now": None,
        "next_open": None,
    }
    assert web.history(opened["session"]) == [{"role": "assistant", **opened["messages"][0]}]


def test_personal_values_are_not_kept(web: Web) -> None:
    token = web.open()
    web.say(token, "call 310 555 0147 or jo@x.org, dob 3/14/1985")
    assert web.channel.seen[0]["text"].startswith("call 310 555 0147")
    assert web.history(token)[1]["text"] == "call [phone] or [email], dob [date of birth]"


def test_the_language_changes_here(web: Web) -> None:
    token = web.open()
    response = web.say(token, choice="lang:es")
    assert [each["lang"] for each in response.json()["messages"]] == ["es"]
    assert web.channel.seen == []
    web.say(token, "hola")
    assert web.channel.seen[0]["lang"] == "es"


# --- Rasa failing


@pytest.mark.parametrize(
    "answer",
    [
        (500, {"title": "broken"}),
        (503, {"title": "starting"}),
        (401, {"title": "no secret"}),
        (404, b"not found"),
        (200, {"messages": [], "kept": None, "private": False}),
        (200, b"not json"),
        (200, []),
        (200, {"messages": ["text"], "kept": None, "private": False}),
        (200, {"messages": [{"kind": "answer"}]}),
        (200, {"messages": {"0": 1}}),
        (204, b""),
    ],
)
def test_a_failing_rasa_gives_phone_and_form(web: Web, answer: tuple[int, Any]) -> None:
    token = web.open()
    web.channel.answer = lambda turn: answer
    (told,) = web.say(token, "hi", id="m1").json()["messages"]
    assert (told["kind"], told["topic"], told["form"]) == ("error", "unavailable", "callback")
    assert any(action["href"] == "tel:+13109759785" for action in told["actions"])
    assert web.say(token, "hi", id="m1").json()["messages"] == [told]
    web.channel.answer = lambda turn: reply()
    assert kinds(web.say(token, "hi", id="m2")) == ["answer"]


def test_rasa_down(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    token = web.open()
    (client,) = web.services.rasa._clients.values()
    client._url = "http://127.0.0.1:9/webhooks/prp"
    assert kinds(web.say(token, "hi")) == ["error"]


def test_a_hanging_rasa_is_given_up_and_its_late_reply_dropped(web: Web) -> None:
    token = web.open()
    web.channel.answer = web.channel.hang
    begun = time.monotonic()
    first = web.say(token, "hi", id="m1")
    assert 0.9 < time.monotonic() - begun < 6
    assert kinds(first) == ["error"]
    web.channel.release.set()
    web.channel.answer = lambda turn: reply(message("now"))
    assert [each["text"] for each in web.say(token, "again").json()["messages"]] == ["now"]
    assert "late" not in [said["text"] for said in web.history(token)]
    assert web.say(token, "hi", id="m1").json() == first.json()


@pytest.mark.parametrize(
    "body", [{"choice": "callback:resume"}, {"choice": "confirm:yes"}, {"choice": "topic:request_callback"}]
)
def test_a_form_that_asks_for_nothing_is_no_dead_end(web: Web, body: dict[str, str]) -> None:
    token = web.open()
    web.channel.answer = lambda turn: reply(message("Done!", kind="chat"))
    assert kinds(web.say(token, **body)) == ["error"]
    web.channel.answer = lambda turn: reply(message("Name?", kind="callback", step="name"))
    assert kinds(web.say(token, **body)) == ["callback"]


def test_a_private_entry_that_asks_for_nothing_is_no_dead_end(web: Web) -> None:
    token = web.open()
    web.channel.answer = lambda turn: reply(message("Done!", kind="chat"), private=True)
    assert kinds(web.say(token, "Jo Smith")) == ["error"]


# --- the form's details


def test_details_are_not_kept_and_a_repetition_still_reads_them_back(web: Web) -> None:
    token = web.open()
    shown = message("Jo Smith, is that right?", kind="callback", step="confirm")
    stored = {**shown, "text": "[your details], is that right?"}
    web.channel.answer = lambda turn: reply(shown, kept=[stored], private=True)
    assert web.say(token, "Jo Smith", id="m1").json()["messages"] == [shown]
    assert web.say(token, "Jo Smith", id="m1").json()["messages"] == [shown]
    assert len(web.channel.seen) == 1
    assert web.history(token)[1:] == [
        {"role": "patient", "text": "[your details]", "id": "m1"},
        {"role": "assistant", **stored},
    ]


@pytest.mark.parametrize("text", ["Jo Smith", f"Jo Smith {EMERGENCY}"])
def test_in_an_open_form_words_are_private_when_rasa_does_not_tell(web: Web, text: str) -> None:
    token = web.open()
    web.channel.answer = lambda turn: reply(message("Name?", kind="callback", step="name"))
    web.say(token, "call me")
    web.channel.answer = lambda turn: (500, {})
    web.say(token, text)
    assert [said["text"] for said in web.history(token) if said["role"] == "patient"] == [
        "call me",
        "[your details]",
    ]


# --- red flags


def test_a_card_waits_for_no_rasa(web: Web) -> None:
    token = web.open()
    web.channel.answer = web.channel.hang
    begun = time.monotonic()
    told = web.say(token, EMERGENCY, id="m1").json()["messages"]
    assert time.monotonic() - begun < 0.9
    assert [each["kind"] for each in told] == ["urgent"]
    assert told[0]["pinned"] is True
    # A second one is not held up by the first, whose turn goes on.
    begun = time.monotonic()
    assert kinds(web.say(token, EMERGENCY)) == ["urgent"]
    assert time.monotonic() - begun < 0.9
    assert web.say(token, EMERGENCY, id="m1").json()["messages"] == told
    web.channel.release.set()
    assert [said.get("kind") for said in web.history(token)[1:]] == [None, "urgent", None, "urgent"]


def test_a_card_comes_before_what_rasa_says(web: Web) -> None:
    token = web.open()
    web.channel.answer = lambda turn: reply(message("Swelling is common."))
    assert kinds(web.say(token, EMERGENCY)) == ["urgent", "answer"]
    assert len(web.channel.seen) == 1


def test_a_card_of_rasas_is_not_doubled(web: Web) -> None:
    token = web.open()
    card = message("Call 911.", kind="urgent", topic="emergency", pinned=True)
    web.channel.answer = lambda turn: reply(message(), card)
    told = web.say(token, EMERGENCY).json()["messages"]
    assert [each["kind"] for each in told] == ["urgent", "answer"]
    assert told[0]["text"] != card["text"], "the screen's own card knows the hours and an interrupted form"


@pytest.mark.parametrize("status", [409, 500, 503])
def test_a_card_goes_out_with_rasa_failing(web: Web, status: int) -> None:
    token = web.open()
    web.channel.answer = lambda turn: (status, {"title": "no"})
    assert kinds(web.say(token, EMERGENCY)) == ["urgent"]


def test_a_card_goes_out_with_the_database_locked(web: Web) -> None:
    token = web.open()
    with web.services.database.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        begun = time.monotonic()
        response = web.say(token, EMERGENCY)
        assert time.monotonic() - begun < 4
        assert kinds(response) == ["urgent"]
        connection.exec_driver_sql("ROLLBACK")


def test_a_card_is_not_lost_over_a_used_id(web: Web) -> None:
    token = web.open()
    assert kinds(web.say(token, "hi", id="m1")) == ["answer"]
    assert kinds(web.say(token, EMERGENCY, id="m1")) == ["urgent", "answer"]


def test_a_card_in_the_form_offers_to_go_on_with_it(web: Web) -> None:
    token = web.open()
    web.channel.answer = lambda turn: reply(message("Name?", kind="callback", step="name"))
    web.say(token, "call me")
    web.channel.answer = web.channel.hang
    (card,) = web.say(token, EMERGENCY).json()["messages"]
    assert [choice["id"] for choice in card["choices"]] == ["callback:resume"]


# --- acting once


def test_a_repetition_of_a_running_message_waits_for_it(web: Web) -> None:
    token = web.open()

    def slowly(turn: dict[str, Any]) -> Any:
        time.sleep(0.4)
        return reply(message(f"answer {len(web.channel.seen)}"))

    web.channel.answer = slowly
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(web.say(token, "hi", id="same").json())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert len(web.channel.seen) == 1
    assert len(results) == 4
    assert all(result == results[0] for result in results)


def test_a_repetition_waits_for_another_process(web: Web) -> None:
    token = web.open()
    session = web.services.sessions.session_id(token)
    elsewhere = web.services.turns.begin(session, "same")
    result: list[Any] = []
    thread = threading.Thread(target=lambda: result.append(web.say(token, "hi", id="same").json()))
    thread.start()
    time.sleep(0.3)
    told = message("from elsewhere")
    web.services.turns.finish(elsewhere, "hi", [told])
    thread.join(15)
    assert result == [{"messages": [told]}]
    assert web.channel.seen == []


def test_a_session_has_one_turn_at_a_time(web: Web) -> None:
    token, other = web.open(), web.open()
    busy: dict[str, int] = {}
    most: dict[str, int] = {}
    lock = threading.Lock()

    def count(turn: dict[str, Any]) -> Any:
        name = turn["conversation"]
        with lock:
            busy[name] = busy.get(name, 0) + 1
            busy["all"] = busy.get("all", 0) + 1
            for each in (name, "all"):
                most[each] = max(most.get(each, 0), busy[each])
        time.sleep(0.1)
        with lock:
            busy[name] -= 1
            busy["all"] -= 1
        return reply()

    web.channel.answer = count
    threads = [threading.Thread(target=web.say, args=(each, "hi")) for each in (token, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert len(web.channel.seen) == 6
    assert most.pop("all") == 2
    assert set(most.values()) == {1}


# --- sessions that end


def test_rasa_says_that_the_conversation_is_gone(web: Web) -> None:
    token = web.open()
    web.channel.answer = lambda turn: (409, {"title": "gone"})
    response = web.say(token, "hi", id="m1")
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


def test_erasing_is_final_and_takes_everything(web: Web) -> None:
    token = web.open()
    session = web.services.sessions.session_id(token)
    told = web.say(token, "hi", id="m1").json()["messages"][0]
    rated = web.http.post("/api/chat/feedback", json={"message": told["id"], "helpful": True}, headers=bearer(token))
    assert rated.status_code == 204
    web.services.drafts.put(session, Draft(name="Jo"))
    with web.services.database.begin() as connection:
        tracker = {"conversation": session, "version": 1, "events": "[]", "saved": stamp()}
        connection.execute(trackers.insert().values(tracker))
    assert web.http.delete("/api/chat/sessions", headers=bearer(token)).status_code == 204
    for method, path in (("GET", "messages"), ("DELETE", "sessions"), ("POST", "messages")):
        body = {"json": {"text": "hi", "id": "m1"}} if method == "POST" else {}
        assert web.http.request(method, f"/api/chat/{path}", headers=bearer(token), **body).status_code == 401
    with web.services.database.connect() as connection:
        for table in (sessions, turns, trackers, feedback, drafts):
            assert connection.execute(sa.select(table)).all() == []


@pytest.mark.parametrize("text", ["my name is Jo", EMERGENCY])
def test_a_late_reply_brings_nothing_back(web: Web, text: str) -> None:
    token = web.open()
    session = web.services.sessions.session_id(token)

    def form(turn: dict[str, Any]) -> Any:
        web.channel.release.wait(15)
        web.services.drafts.put(session, Draft(name="Jo"))
        return reply(message(kind="callback", step="phone"), private=True)

    web.channel.answer = form
    result: list[int] = []
    thread = threading.Thread(target=lambda: result.append(web.say(token, text).status_code))
    thread.start()
    deadline = time.monotonic() + 5
    while not web.channel.seen and time.monotonic() < deadline:
        time.sleep(0.02)
    assert web.http.delete("/api/chat/sessions", headers=bearer(token)).status_code == 204
    web.channel.release.set()
    thread.join(15)
    assert result in ([401], [200])  # 200: the card was out before
    deadline = time.monotonic() + 5
    while web.services.drafts.get(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    with web.services.database.connect() as connection:
        for table in (sessions, turns, drafts):
            assert connection.execute(sa.select(table)).all() == []


def test_an_idle_session_ends(web: Web) -> None:
    token = web.open()
    with web.services.database.begin() as connection:
        connection.execute(sessions.update().values(last_seen=stamp(clock.now() - timedelta(minutes=31))))
    assert web.say(token, "hi").status_code == 401
    assert web.http.get("/api/chat/messages", headers=bearer(token)).status_code == 401


def test_a_patient_who_is_still_writing_keeps_session_and_callback(web: Web) -> None:
    token = web.open()
    session = token.split(".")[1]
    web.services.drafts.put(session, Draft(name="Jo"))
    soon = stamp(clock.now() + timedelta(minutes=1))
    with web.services.database.begin() as connection:
        connection.execute(sessions.update().values(last_seen=stamp(clock.now() - timedelta(minutes=29))))
        connection.execute(drafts.update().values(expires=soon))
    assert web.http.put("/api/chat/sessions", headers=bearer(token)).status_code == 204
    with web.services.database.connect() as connection:
        assert connection.execute(sa.select(sessions.c.last_seen)).scalar_one() > stamp(
            clock.now() - timedelta(minutes=1)
        )
        assert connection.execute(sa.select(drafts.c.expires)).scalar_one() > soon
    assert web.channel.seen == []
    assert web.http.put("/api/chat/sessions").status_code == 401


def test_another_conversation_cannot_be_read_or_steered(web: Web) -> None:
    one, two = web.open(), web.open()
    web.say(one, "a secret", id="m1")
    assert "a secret" not in str(web.history(two))
    web.say(two, "hi", id="m1")
    assert [turn["text"] for turn in web.channel.seen] == ["a secret", "hi"]
    parts_one, parts_two = one.split("."), two.split(".")
    swapped = ".".join([parts_one[0], parts_one[1], parts_two[2], parts_two[3]])
    assert web.say(swapped, "hi").status_code == 401


def test_feedback(web: Web) -> None:
    token, other = web.open(), web.open()
    told = web.say(token, "hi").json()["messages"][0]["id"]

    def rate(of: str, body: dict[str, Any]) -> int:
        return web.http.post("/api/chat/feedback", json=body, headers=bearer(of)).status_code

    assert rate(token, {"message": told, "helpful": True}) == 204
    assert rate(token, {"message": told, "helpful": False}) == 204
    assert rate(other, {"message": told, "helpful": True}) == 422
    assert rate(token, {"message": told, "helpful": "yes"}) == 422
    assert rate(token, {"message": 5, "helpful": True}) == 422
    assert rate("none", {"message": told, "helpful": True}) == 401


def test_a_conversation_has_an_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it nothing is kept and Rasa hears nothing; an emergency is told what to do all the same."""
    monkeypatch.setattr("prp_guide.chat.conversation.LONGEST_CONVERSATION", 3)
    token = web.open()
    assert [kinds(web.say(token, f"question {number}")) for number in range(3)] == [["answer"]] * 3
    for _ in range(2):
        (told,) = web.say(token, "one more", id="same").json()["messages"]
        assert told["kind"] == "handoff"
        assert "(310) 975-9785" in told["text"]
    assert len(web.channel.seen) == 3
    assert len(web.history(token)) == 7
    assert kinds(web.say(token, EMERGENCY))[0] == "urgent"
    assert web.http.delete("/api/chat/sessions", headers=bearer(token)).status_code == 204
