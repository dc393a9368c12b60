"""Patients who talk to several web processes while things break, and what is held against them afterwards.

Each asks something, asks for a call, gives name, number and time, and says yes. Who meets a web process that is gone
turns to the other, as behind a load balancer, with the same message id. Who is told the phone number and the plain form
fills in the form, until it is confirmed.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from prp_guide.database import callbacks, engine

PHONE = "975-9785"
REFERENCE = re.compile(r"PRP-\w+")
GIVEN = ("Alice", "Brian", "Carmen", "Daniel", "Esther", "Frank", "Gloria", "Hector", "Irene", "Julian", "Karen")
FAMILY = ("Abbott", "Becker", "Castillo", "Dalton", "Esposito", "Fletcher", "Gallagher", "Huang", "Iverson", "Jensen")
FAMILY += ("Kowalski", "Lombardi", "Morales", "Novak", "Okafor", "Petersen", "Quintero", "Romano", "Schultz", "Tanaka")
TIMES = ("noon", "after 5 pm", "mornings", "afternoons", "evenings")
QUESTIONS = (
    "when can i wash my hair",
    "how many sessions do i need",
    "is it surgery",
    "what does it cost",
    "does it hurt",
)
PATIENCE = 90.0  # seconds for one patient to be told that the request is sent
AREAS = ("310", "213", "424", "626", "818")


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    time: str

    @property
    def stored_phone(self) -> str:
        return f"+1{''.join(filter(str.isdigit, self.phone))}"


@dataclass
class Results:
    """`requests` are (seconds, what came): well, phone, moved (asked the other web process), nothing."""

    began: float
    requests: list[tuple[float, str]] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)  # name: reference
    by_form: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, what: str) -> None:
        self.requests.append((time.monotonic() - self.began, what))

    def count(self) -> Counter[str]:
        return Counter(what for _, what in self.requests)


def people(count: int) -> list[Person]:
    """So many, no two with the same name or number."""
    names = [f"{given} {family}" for family, given in itertools.product(FAMILY, GIVEN)]
    assert count <= len(names)
    return [
        Person(name, f"{AREAS[number // 100]} 555 01{number % 100:02}", TIMES[number % len(TIMES)])
        for number, name in enumerate(names[:count])
    ]


class Caller:
    """One patient's requests, to any of `webs`, from an address of their own: limits count by address."""

    def __init__(self, webs: Sequence[str], address: str, results: Results, dice: random.Random) -> None:
        self._webs, self._results = list(webs), results
        dice.shuffle(self._webs)
        transport = httpx.HTTPTransport(local_address=address)
        self._http = httpx.Client(timeout=25, trust_env=False, transport=transport)
        self.token = ""

    def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response | None:
        """The answer of the first web process that gives one; None when none does."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        began = time.monotonic()
        for _ in range(2):
            for web in list(self._webs):
                try:
                    answer = self._http.post(f"{web}{path}", json=body, headers=headers)
                except httpx.HTTPError:
                    self._results.add("moved")
                    self._webs.append(self._webs.pop(0))
                    continue
                shows_phone = PHONE in answer.text and (answer.status_code >= 400 or '"kind":"error"' in answer.text)
                if answer.status_code in (200, 201):
                    self._results.add("phone" if shows_phone else "well")
                else:
                    self._results.add("phone" if shows_phone else "nothing")
                    if not shows_phone:
                        self._results.faults.append(f"{path}: {answer.status_code} {answer.text[:200]}")
                self._results.seconds.append(time.monotonic() - began)
                return answer
            time.sleep(0.5)
        self._results.add("nothing")
        self._results.faults.append(f"{path}: no web process answered")
        return None

    def close(self) -> None:
        self._http.close()


class Visit:
    """One dialogue, to the confirmed request."""

    def __init__(
        self, person: Person, others: Iterable[str], caller: Caller, results: Results, dice: random.Random
    ) -> None:
        self._person, self._caller, self._results, self._dice = person, caller, results, dice
        self._others = frozenset(others) - {person.name}
        self._deadline = time.monotonic() + PATIENCE

    def make(self) -> None:
        reference = self._by_chat() or self._by_form()
        if reference is None:
            self._results.faults.append(f"{self._person.name} was never told that the request is sent")
        else:
            self._results.told[self._person.name] = reference

    def _by_chat(self) -> str | None:
        """The reference; None where the chat says that it does not work now, which sends patients to the form."""
        opened = self._caller.post("/api/chat/sessions", {})
        if opened is None or opened.status_code != 201:
            return None
        self._caller.token = opened.json()["session"]
        person = self._person
        answer_of = {"name": person.name, "phone": person.phone, "time": person.time, "confirm": "yes"}
        say = [self._dice.choice(QUESTIONS), "please call me"]
        for _ in range(14):
            words = say.pop(0) if say else "please call me"
            messages = self._say(words)
            if messages is None or any(message["kind"] == "error" for message in messages):
                return None
            last = messages[-1]
            step = last.get("step") if last["kind"] == "callback" else None
            if step == "done":
                found = REFERENCE.search(last["text"])
                return found[0] if found else None
            if step in answer_of:
                say = [answer_of[step]]
            if step == "confirm" and (person.name not in last["text"] or person.phone[-4:] not in last["text"]):
                self._results.faults.append(f"read back to {person.name}: {last['text']}")
                return None
        return None

    def _say(self, words: str) -> list[dict[str, Any]] | None:
        time.sleep(self._dice.uniform(0.1, 0.5))
        answer = self._caller.post("/api/chat/messages", {"text": words, "id": secrets.token_hex(8)})
        if answer is None or answer.status_code != 200:
            return None
        said = json.dumps(answer.json()["messages"])
        for name in self._others:
            if name in said:
                self._results.faults.append(f"{self._person.name} was told of {name}")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def _by_form(self) -> str | None:
        self._results.by_form.add(self._person.name)
        person, key = self._person, secrets.token_hex(12)
        body = {"name": person.name, "phone": person.phone, "best_time": person.time}
        self._caller.token = ""
        while time.monotonic() < self._deadline:
            answer = self._caller.post("/api/callbacks", body, **{"Idempotency-Key": key})
            if answer is not None and answer.status_code == 201:
                return str(answer.json()["reference"])
            time.sleep(1)
        return None


def visit_all(
    webs: Sequence[str], count: int, results: Results, *, at_once: int, over: float, seed: int
) -> list[threading.Thread]:
    """Threads that lead `count` dialogues, spread over so many seconds, `at_once` at a time; they are started."""
    everyone = people(count)
    names = [person.name for person in everyone]
    left, lock = iter(enumerate(everyone)), threading.Lock()

    def work(number: int) -> None:
        dice = random.Random(seed + number)
        while True:
            with lock:
                turn, person = next(left, (0, None))
            if person is None:
                return
            time.sleep(max(0.0, results.began + over * turn / count - time.monotonic()))
            caller = Caller(webs, f"127.0.{3 + turn // 200}.{1 + turn % 200}", results, dice)
            try:
                Visit(person, names, caller, results, dice).make()
            except Exception as fault:
                results.faults.append(f"{person.name}: {type(fault).__name__} {fault}")
            finally:
                caller.close()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(at_once)]
    for thread in threads:
        thread.start()
    return threads


def compare(url: str, count: int, results: Results) -> dict[str, list[str]]:
    """What is lost, filled in wrongly or there twice, of what patients were told, in the database at `url`."""
    with engine(url, durable=True).connect() as connection:
        rows = connection.execute(sa.select(callbacks)).all()
    everyone = {person.name: person for person in people(count)}
    stored = {(row.name, row.reference) for row in rows}
    lost = [name for name, reference in results.told.items() if (name, reference) not in stored]
    wrong = []
    for row in rows:
        person = everyone.get(row.name)
        if person is None or row.phone != person.stored_phone or person.time not in row.best_time.lower():
            wrong.append(f"{row.name} {row.phone} {row.best_time}")
    twice = [name for name, number in Counter(row.name for row in rows).items() if number > 1]
    return {"lost": lost, "wrong": wrong, "twice": twice}
