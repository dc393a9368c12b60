"""Rasa killed, stopped, or without its action server: a patient never meets a dead end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.assistant import Assistant
from tests.support.patient import Patient, said
from tests.support.waiting import wait_for

PHONE = "(310) 975-9785"


@pytest.fixture
def patient(assistant: Assistant) -> Iterator[Patient]:
    with Patient(assistant.base_url) as one:
        yield one


def answers(assistant: Assistant) -> bool:
    with Patient(assistant.base_url) as patient:
        return said(patient.says("when can i wash my hair")) == ["answer:washing"]


def leave_callback(patient: Patient, key: str) -> None:
    body = {"name": "Jo", "phone": "310 555 0147", "best_time": "mornings"}
    stored = patient.http.post("/api/callbacks", json=body, headers={"Idempotency-Key": key})
    assert stored.status_code == 201, stored.text
    assert stored.json()["reference"]


def test_rasa_killed(assistant: Assistant, patient: Patient) -> None:
    os.kill(assistant.pids()["rasa"], signal.SIGKILL)
    begun = time.monotonic()
    (reply,) = patient.says("when can i wash my hair")
    assert time.monotonic() - begun < 9
    assert (reply["kind"], reply["form"]) == ("error", "callback")
    assert PHONE in reply["text"]
    leave_callback(patient, "rasa-was-killed")
    card = patient.says("my throat is swelling shut")[0]
    assert said([card]) == ["urgent:emergency"]
    wait_for(lambda: answers(assistant), "the assistant to answer again", seconds=120, every=1)


def test_rasa_stopped(assistant: Assistant, patient: Patient) -> None:
    pid = assistant.pids()["rasa"]
    os.kill(pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        (reply,) = patient.says("when can i wash my hair")
        took = time.monotonic() - begun
        assert 7 < took < 9, "the limit is 8 s"
        assert (reply["kind"], reply["form"]) == ("error", "callback")
        leave_callback(patient, "rasa-was-stopped")
        begun = time.monotonic()
        assert said(patient.says("i cant breathe"))[0] == "urgent:emergency"
        assert time.monotonic() - begun < 3, "a card does not wait for Rasa"
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: answers(assistant), "the assistant to answer again", seconds=60, every=1)


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_the_action_server_stopped_at_each_step(assistant: Assistant, before: int) -> None:
    """No step pretends: without the action server the plain form is shown, and nothing is said to be sent."""
    steps = ["Jo", "310 555 0147", "evenings", "yes"]
    with Patient(assistant.base_url) as patient:
        patient.says("can someone call me please")
        for turn in steps[:before]:
            patient.says(turn)
        os.kill(assistant.pids()["actions"], signal.SIGKILL)
        reply = patient.says(steps[before])
        assert not any(m["step"] == "done" for m in reply)
        assert reply[-1].get("form") == "callback" or reply[-1]["kind"] == "callback"
    wait_for(lambda: form_works(assistant), "the callback form to work again", seconds=60, every=1)


def form_works(assistant: Assistant) -> bool:
    with Patient(assistant.base_url) as patient:
        return said(patient.says("can someone call me please")) == ["callback:name"]
