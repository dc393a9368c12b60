"""Plays a scenario as a patient of a running assistant, and says where the dialogue left the script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tests.support.scenario import STEPS, Expected, Filed, Stored, Turn

# Buttons that the widget itself has, beside those that messages bring.
WIDGET = ("callback:request_callback", "lang:en", "lang:es")
CARDS = ("urgent", "crisis", "clinical")
CLINIC_PHONE = "(310) 975-9785"
REFERENCE = re.compile(r"\bPRP-\w{4,8}\b")

Message = dict[str, Any]


class OffScript(AssertionError):
    """The assistant did not do what the scenario says; the message shows the dialogue so far."""


class Talks(Protocol):
    """What we need of tests.support.patient.Patient."""

    opening: dict[str, Any]

    def says(self, text: str) -> list[Message]: ...

    def taps(self, choice: str) -> list[Message]: ...


def play(filed: Filed, patient: Talks) -> None:
    """The whole scenario, as `patient`. Raises OffScript at the first reply that is not right."""
    _Player(filed, patient).play()


def compare_stored(filed: Filed, exported: Sequence[Mapping[str, str | None]]) -> None:
    """Raises OffScript when `exported`, the front desk's requests, are not what the scenario leaves there."""
    wanted = filed.scenario.stored or ()
    found = [request for request in exported if _is_of(filed, str(request["phone"]))]
    if len(found) != len(wanted) or not all(any(_same(one, request) for request in found) for one in wanted):
        expected = [f"  expected {one.dict(exclude_none=True)}" for one in wanted] or ["  expected none"]
        came = [f"  it has {dict(request)}" for request in found] or ["  it has none"]
        raise OffScript("\n".join([f"{filed.id}.yml: the front desk has other requests", *expected, *came]))


class _Player:
    """One scenario under way."""

    def __init__(self, filed: Filed, patient: Talks) -> None:
        self._filed, self._patient = filed, patient
        self._shown: list[str] = []
        self._buttons = _choices(patient.opening["messages"])  # of the last reply
        self._seen = list(self._buttons)  # of all replies: they stay on the screen
        self._reference = ""

    def play(self) -> None:
        for number, turn in enumerate(self._filed.scenario.turns):
            self._shown.append(f"  patient: {turn.patient}" if turn.patient else f"  patient taps: {turn.taps}")
            faults: list[str] = []
            if turn.patient is not None:
                reply = self._patient.says(turn.patient)
            elif (choice := self._choice(str(turn.taps))) is not None:
                reply = self._patient.taps(choice)
            else:
                reply = []
                faults = [f"there is no such button; shown are {self._labels()}"]
            self._shown += [f"      {shown(message):<24} {_words(message)}" for message in reply]
            for message in reply:
                if found := REFERENCE.search(str(message["text"])):
                    self._reference = found.group()
            faults += self._faults(turn, reply) if reply else []
            if faults:
                raise OffScript("\n".join([self._heading(number), *self._shown, *(f"  >>> {it}" for it in faults)]))
            self._buttons = _choices(reply)
            self._seen += self._buttons

    def _heading(self, number: int) -> str:
        scenario, line = self._filed.scenario, self._filed.lines[number]
        return f"{self._filed.id}.yml:{line}: {scenario.title}\n({scenario.why})\n"

    def _faults(self, turn: Turn, reply: Sequence[Message]) -> list[str]:
        faults = []
        if not any(self._is(reply, wanted) for wanted in turn.accepted):
            wanted = "\n      or ".join(", ".join(one.written for one in each) for each in turn.accepted)
            faults.append(f"expected {wanted}")
        text = "\n".join(_words(message) for message in reply).casefold()
        said = [words.replace("{reference}", self._reference or "a reference") for words in turn.says]
        faults += [f"it does not say {words!r}" for words in said if words.casefold() not in text]
        faults += [f"it says {words!r}" for words in turn.never if words.casefold() in text]
        if turn.lang and any(message["lang"] != turn.lang for message in reply):
            faults.append(f"it is not all in {turn.lang!r}")
        return faults + always(reply)

    def _is(self, reply: Sequence[Message], wanted: Sequence[Expected]) -> bool:
        return len(reply) == len(wanted) and all(
            one.matches(message, self._buttons) for one, message in zip(wanted, reply, strict=True)
        )

    def _choice(self, wanted: str) -> str | None:
        """The id of the button: the latest with that label or id, the n-th of the last reply, or one of the widget."""
        if wanted.startswith("#"):
            index = int(wanted[1:]) - 1
            return str(self._buttons[index]["id"]) if index < len(self._buttons) else None
        for choice in reversed(self._seen):
            if wanted == choice["id"] or wanted.casefold() == choice["label"].casefold():
                return str(choice["id"])
        return wanted if wanted in WIDGET else None

    def _labels(self) -> str:
        return ", ".join(f"{choice['label']!r} ({choice['id']})" for choice in self._seen) or "none"


def shown(message: Message) -> str:
    """A message as a scenario writes it."""
    if message["kind"] == "callback" and message["step"]:
        step = str(message["step"])
        return f"{'refuses' if message.get('error') else 'asks'}: {step}" if step in STEPS else step
    if message["kind"] == "clarify":
        return f"offers: [{', '.join(choice['topic'] for choice in message['choices'])}]"
    return "out_of_scope" if message["kind"] == "out_of_scope" else f"{message['kind']}:{message['topic']}"


def always(reply: Sequence[Message]) -> list[str]:
    """What is wrong with a reply anywhere: a card not first, a message twice, a staff reply without the phone."""
    kinds = [message["kind"] in CARDS for message in reply]
    heads = [shown(message) for message in reply]
    faults = [] if kinds == sorted(kinds, reverse=True) else ["a card does not come first"]
    faults += [f"{head} comes twice" for head in dict.fromkeys(heads) if heads.count(head) > 1]
    faults += [
        f"{shown(message)} does not name the phone"
        for message in reply
        if message["kind"] == "staff" and CLINIC_PHONE not in message["text"]
    ]
    return faults


def _choices(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [choice for message in messages for choice in message.get("choices") or ()]


def _words(message: Message) -> str:
    return " ".join(str(part) for part in (message.get("error"), message["text"]) if part)


def _is_of(filed: Filed, phone: str) -> bool:
    """Whether a stored number was named in this scenario: each has numbers that no other has."""
    return any(phone[-10:] in re.sub(r"\D", "", turn.patient or "") for turn in filed.scenario.turns)


def _same(wanted: Stored, request: Mapping[str, str | None]) -> bool:
    return all(request[key] == value for key, value in wanted.dict(exclude_none=True).items())
