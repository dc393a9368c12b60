"""Identifiers planted through every entry, and then looked for in every byte under PRP_HOME.

The real assistant, with its three processes, their logs at the level DEBUG. Each entry gets values of its own, so
that one which is found tells where it came in.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from prp_guide import clock
from prp_guide.database import stamp
from tests.support.assistant import Assistant
from tests.support.patient import Patient, said
from tests.support.traces import RECORD, files_with, summary, tables_with, without_records
from tests.support.waiting import wait_for

MARKER = "a teapot on a xylophone"  # nobody's: kept until the conversation is erased
OLD_MARKER = "a trombone in a teacup"


class Planted:
    """Values that belong to somebody, each new; `all` of them so far."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._count = 0

    def _new(self, value: str) -> str:
        self.all.append(value)
        return value

    def _next(self) -> int:
        self._count += 1
        return self._count

    @property
    def phone(self) -> str:
        number = self._next()
        form = ("(310) 555-0{0}", "310-555-0{0}", "3105550{0}", "310.555.0{0}", "+1 310 555 0{0}")[number % 5]
        return self._new(form.format(100 + number % 100))

    @property
    def email(self) -> str:
        return self._new(f"zebulon{self._next()}.quatermass@mail{self._count}.example")

    @property
    def name(self) -> str:
        givens = ("Jonathan", "Guadalupe", "Priya", "DeShawn", "Katherine", "Ngozi")
        number = self._next()
        surname = "Quatermass" + "abcdefghij"[number % 10] * 2 + "abcdefghij"[number // 10 % 10]
        self.all.append(surname)
        return f"{givens[number % len(givens)]} {surname}"

    @property
    def ssn(self) -> str:
        return self._new(f"412-{10 + self._next() % 90}-7{self._count:03}")

    @property
    def card(self) -> str:
        stem = f"411111{self._next():09}"
        total = 0
        for place, sign in enumerate(reversed(stem)):
            doubled = int(sign) * 2 if place % 2 == 0 else int(sign)
            total += doubled - 9 * (doubled > 9)
        digits = f"{stem}{-total % 10}"
        return self._new(" ".join(digits[start : start + 4] for start in range(0, 16, 4)))

    @property
    def birth(self) -> str:
        number = self._next()
        form = ("{m}/{d}/19{y}", "19{y}-{m}-{d}", "{d} March 19{y}")[number % 3]
        return self._new(form.format(m=f"{1 + number % 12:02}", d=10 + number % 18, y=50 + number % 49))

    @property
    def street(self) -> str:
        return self._new(f"{4000 + self._next()} Wimbledon Crossing Street")

    def messages(self) -> list[str]:
        """One message for each sort of value, and one with several."""
        return [
            f"my name is {self.name} and does it hurt",
            f"is it safe? call me on {self.phone}",
            f"please mail the price to {self.email}",
            f"i was born {self.birth}, am i too old",
            f"DOB {self.birth}",
            f"my ssn is {self.ssn}, does insurance pay",
            f"can I pay with {self.card}",
            f"I live at {self.street}, is there parking",
            f"Hi, I'm {self.name}, {self.phone}, {self.email}, how many sessions?",
            f"how long does it take? thanks, {self.name}",
        ]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant of this module's own: what is under its home came in here."""
    running = Assistant(tmp_path_factory.mktemp("planted") / "home", LOG_LEVEL="DEBUG")
    running.start()
    yield running
    running.stop()


def desk(assistant: Assistant) -> httpx.Client:
    """Somebody who is signed in to the inbox."""
    client = httpx.Client(base_url=assistant.base_url, timeout=20)
    link = assistant.sign_in_link().partition("#")[2]
    token = form_token(client.get("/desk/sign-in").text)
    assert client.post("/desk/sign-in", data={"link": link, "form_token": token}).status_code == 303
    return client


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found
    return found[1]


def callback(assistant: Assistant, key: str, body: dict[str, object]) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return httpx.post(f"{assistant.base_url}/api/callbacks", json=body, headers=headers, timeout=20)


def test_nothing_of_anybody_is_written_but_in_the_request(assistant: Assistant, tmp_path: Path) -> None:
    planted = Planted()
    phones = plant(assistant, planted)
    assert len(planted.all) > 80
    database = assistant.home / "prp-guide.db"
    files = [database, *(database.with_name(f"{database.name}-{part}") for part in ("wal", "shm"))]

    # Every file but the database, and every table but those of the requests.
    found = files_with(assistant.home, planted.all, but=files)
    assert not found, summary(found)
    elsewhere = {place: values for place, values in tables_with(database, planted.all).items() if place not in RECORD}
    assert not elsewhere, summary(elsewhere)
    (tmp_path / "copy").mkdir()
    copy = without_records(database, tmp_path / "copy" / "prp-guide.db")
    assert not files_with(copy.parent, planted.all)
    # The search is worth something: it finds what is there.
    assert set(tables_with(database, planted.all)) == set(RECORD)
    assert tables_with(database, [MARKER])
    # Cards and social-security numbers are in no request either.
    secrets = [value for value in planted.all if re.fullmatch(r"412-\d\d-7\d{3}|4111[\d ]{15}", value)]
    assert len(secrets) > 10
    assert not tables_with(database, secrets)

    # Erased, expired: not a byte is left, of write-ahead log and free pages either.
    for phone in phones:
        shown = assistant.command("privacy", "export", "--phone", phone)
        assert '"reference": "PRP-' in shown
        assert "PRP-" in assistant.command("privacy", "erase", "--phone", phone)
        assert '"requests": []' in assistant.command("privacy", "export", "--phone", phone)
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        old = stamp(clock.now() - timedelta(days=31))
        like = f"%{OLD_MARKER}%"
        connection.execute(
            "UPDATE sessions SET last_seen = ? WHERE id IN (SELECT session FROM turns WHERE request LIKE ?)",
            (old, like),
        )
    assert "1 conversations" in assistant.command("privacy", "purge")
    left = files_with(assistant.home, [*planted.all, OLD_MARKER])
    assert not left, summary(left)
    assert "is whole" in assistant.command("privacy", "verify-log")


def test_a_conversation_that_is_erased_leaves_no_byte(assistant: Assistant) -> None:
    words = "a zither under a pyramid"
    with Patient(assistant.base_url) as patient:
        patient.says(f"does it hurt more than {words}?")
        patient.says("when can i wash my hair")
        assert words in str(patient.history())
        assert files_with(assistant.home, [words])
        assert patient.http.delete("/api/chat/sessions").status_code == 204
        assert patient.http.get("/api/chat/messages").status_code == 401
        wait_for(lambda: not files_with(assistant.home, [words]), "the last byte to go", seconds=15, every=0.5)
        assert patient.http.post("/api/chat/messages", json={"text": words}).status_code == 401


def plant(assistant: Assistant, planted: Planted) -> list[str]:
    """Plant values through every entry; returns the phones of the requests that were made."""
    phones = []
    with Patient(assistant.base_url) as patient:  # chat
        patient.says(MARKER)
        for text in planted.messages():
            patient.says(text)
        patient.says("does it hurt", id=planted.email)
        unknown = patient.http.post("/api/chat/messages", json={"choice": "topic:quatermasszz"})
        planted.all.append("quatermasszz")
        assert unknown.status_code == 422
        refused = {"text": "x" * 2001 + planted.phone, "id": planted.email + " "}
        assert patient.http.post("/api/chat/messages", json=refused).status_code == 422
        assert patient.http.post("/api/chat/messages", content=planted.email.encode()).status_code in (400, 415)
        rating = {"message": planted.email, "helpful": True}
        assert patient.http.post("/api/chat/feedback", json=rating).status_code == 422
        patient.http.get("/nowhere", params={"q": planted.email}, headers={"User-Agent": planted.email})
    with Patient(assistant.base_url) as patient:
        patient.says(f"{OLD_MARKER}, and my name is {planted.name}")
    phones += [through_the_form(assistant, planted), by_the_plain_form(assistant, planted)]
    in_the_inbox(assistant, planted, phones[-1])
    while_parts_are_down(assistant, planted)
    return phones


def through_the_form(assistant: Assistant, planted: Planted) -> str:
    with Patient(assistant.base_url) as patient:
        patient.says(f"i want a call, {planted.email}")
        patient.says(f"my number is {planted.ssn}, {planted.card}")  # at the name
        patient.says(planted.name)
        patient.says(planted.email)  # at the phone
        patient.says(f"{planted.ssn}")
        patient.says(f"my throat is swelling shut {planted.phone}")  # an emergency in between
        patient.taps("callback:resume")
        phone = planted.phone
        patient.says(phone)
        patient.says(f"is it safe for {planted.name}, born {planted.birth}?")  # a question, at the time
        reply = patient.says("any morning")
        reply = patient.says(f"{planted.street}") if said(reply)[-1] == "callback:confirm" else reply
        reply = patient.taps("confirm:yes")
        assert said(reply)[-1] == "callback:done", reply
        patient.says(f"and my husband is {planted.name}, {planted.phone}")
        left = Patient(assistant.base_url)  # left half way: a draft stays for half an hour
        left.says("i want a call")
        left.says(planted.name)
        left.says(planted.phone)
        left.leaves()
        return phone


def by_the_plain_form(assistant: Assistant, planted: Planted) -> str:
    phone = planted.phone
    body: dict[str, object] = {"name": planted.name, "phone": phone, "best_time": f"mornings, {planted.ssn}"}
    note = f"card {planted.card}, {planted.email}, born {planted.birth}, {planted.street}"
    assert callback(assistant, planted.email, {**body, "note": note}).status_code == 201
    again = callback(assistant, planted.email, {**body, "best_time": "evenings", "note": planted.email})
    assert again.status_code == 201  # joins the first one
    refused = {"name": planted.name, "phone": planted.email, "best_time": "", "ssn": planted.ssn, "lang": planted.email}
    assert callback(assistant, "a-key-of-its-own", refused).status_code == 422
    assert callback(assistant, "short", {"name": planted.name}).status_code == 400
    return phone


def in_the_inbox(assistant: Assistant, planted: Planted, phone: str) -> None:
    with closing(desk(assistant)) as client:
        assert client.get("/desk", params={"q": planted.email}).status_code == 200
        page = client.get("/desk", params={"q": phone})
        reference = re.search(r"PRP-[A-Z0-9]{4,8}", page.text)
        assert reference
        token = form_token(client.get(f"/desk/requests/{reference[0]}").text)
        note = {"form_token": token, "note": f"{planted.name}, {planted.email}, ssn {planted.ssn}, {planted.card}"}
        assert client.post(f"/desk/callbacks/{reference[0]}/note", data=note).status_code == 303
        draft = {"form_token": token, "note": f"{planted.name} {planted.phone} {planted.card}"}
        assert client.post(f"/desk/callbacks/{reference[0]}/draft", data=draft).status_code == 200
        client.post(f"/desk/callbacks/{planted.email}/note", data=note)
        # Guessing, with what may be a password where the name belongs.
        guess = {
            "form_token": form_token(client.get("/desk/sign-in").text),
            "name": planted.email,
            "password": planted.ssn,
        }
        assert client.post("/desk/sign-in", data=guess).status_code == 403


def while_parts_are_down(assistant: Assistant, planted: Planted) -> None:
    rasa = assistant.pids()["rasa"]
    with Patient(assistant.base_url) as patient:  # it hangs: web gives up after 8 s, Rasa goes on
        os.kill(rasa, signal.SIGSTOP)
        try:
            (reply,) = patient.says(f"i am {planted.name}, {planted.phone}, {planted.email}, born {planted.birth}")
            assert reply["kind"] == "error"
        finally:
            os.kill(rasa, signal.SIGCONT)
    with Patient(assistant.base_url) as patient:  # the action server is gone in the middle of the form
        patient.says("i want a call")
        patient.says(planted.name)
        os.kill(assistant.pids()["actions"], signal.SIGKILL)
        patient.says(f"{planted.phone}")
        patient.says(f"{planted.name}, {planted.email}")
    with Patient(assistant.base_url) as patient:  # Rasa is gone
        os.kill(rasa, signal.SIGKILL)
        for text in planted.messages():
            patient.says(text)
        patient.says(f"call {planted.name} at {planted.phone}, and my throat is swelling shut")

    def back() -> bool:
        with Patient(assistant.base_url) as patient:
            return said(patient.says("when can i wash my hair")) == ["answer:washing"]

    wait_for(back, "the assistant to answer again", seconds=120, every=1)
    with Patient(assistant.base_url) as patient:
        # The action server fails with the patient's words in its hands.
        broken = {"next_action": "action_finish_callback", "tracker": planted.messages(), "sender_id": planted.email}
        answer = httpx.post(f"{assistant.actions_url}/webhook", json=broken, timeout=20)
        assert answer.status_code == 500
        assert not any(value in answer.text for value in planted.all)
        bad = httpx.post(f"{assistant.rasa_url}/webhooks/prp/turns", json={"text": planted.email}, timeout=20)
        assert bad.status_code == 401
        patient.says("thanks")
