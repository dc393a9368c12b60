"""A flood from some addresses, and patients at others who are answered beside it. Ten thousand conversations."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from prp_guide.supervisor import memory
from tests.support.assistant import ROOT, Assistant

RATE = 2_000
PATIENTS, PAUSE = 8, 2.5
QUESTIONS = ("when can I wash my hair?", "how many sessions do I need", "is it surgery", "what does it cost")
MORE_MEMORY = 100_000_000  # bytes that a flood may leave behind in the web process


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real assistant with its rate limits on."""
    running = Assistant(tmp_path_factory.mktemp("guarded") / "home", PRP_LIMITS="on")
    running.start()
    yield running
    running.stop()


class Patient(threading.Thread):
    """Asks a question now and then from an address of their own, and notes how long each answer took."""

    def __init__(self, url: str, number: int, until: float) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.kinds: list[str] = []
        self._number, self._until = number, until
        self._http = httpx.Client(
            base_url=url, transport=httpx.HTTPTransport(local_address=f"127.0.2.{number + 1}"), timeout=30
        )

    def run(self) -> None:
        with self._http as http:
            token = http.post("/api/chat/sessions").json()["session"]
            time.sleep(self._number * PAUSE / PATIENTS)
            for question in QUESTIONS * 100:
                if time.monotonic() > self._until:
                    return
                begin = time.monotonic()
                answer = http.post(
                    "/api/chat/messages", json={"text": question}, headers={"Authorization": f"Bearer {token}"}
                )
                self.seconds.append(time.monotonic() - begin)
                self.kinds += [message["kind"] for message in answer.json().get("messages", [{"kind": "refused"}])]
                time.sleep(PAUSE)


def withstand(assistant: Assistant, seconds: float) -> list[float]:
    """Flood for so long; returns how long each of the patients' answers took."""
    web = assistant.pids()["web"]
    before = memory([web])
    flood = subprocess.Popen(
        [sys.executable, "-m", "tests.support.flood", assistant.base_url, str(RATE), str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    most = before
    try:
        until = time.monotonic() + seconds
        patients = [Patient(assistant.base_url, number, until) for number in range(PATIENTS)]
        for patient in patients:
            patient.start()
        while time.monotonic() < until:
            most = max(most, memory([web]))
            time.sleep(0.25)
        for patient in patients:
            patient.join(60)
        output, _ = flood.communicate(timeout=60)
    finally:
        flood.kill()
        flood.wait(10)
    met = json.loads(output)
    took = sorted(second for patient in patients for second in patient.seconds)
    p95 = took[int(len(took) * 0.95)]
    print(
        f"\n{met['offered'] / seconds:.0f} messages/s offered for {seconds:g} s: {met}\n"
        f"patients: {len(took)} answers, p50 {statistics.median(took):.2f} s, p95 {p95:.2f} s, "
        f"longest {took[-1]:.2f} s\n"
        f"memory of web: {before / 1e6:.0f} MB before, {most / 1e6:.0f} MB at most"
    )
    kinds = [kind for patient in patients for kind in patient.kinds]
    assert len(took) >= PATIENTS
    assert "refused" not in kinds
    assert kinds.count("error") <= len(kinds) // 10, kinds  # none on a machine that does nothing else
    assert met.get("500", 0) == 0
    assert met["429"] > 0
    assert met["offered"] >= RATE * seconds * 0.95
    assert most - before < MORE_MEMORY
    assert httpx.get(f"{assistant.base_url}/readyz", timeout=30).status_code == 200
    return took


def test_many_requests_for_one_number_in_the_chat(guarded: Assistant) -> None:
    """The form's sixth would be refused; so is the chat's, which says why and names the phone number."""
    asked = {"name": "Jo Park", "phone": "310 555 0199", "best_time": "noon"}
    with httpx.Client(base_url=guarded.base_url, timeout=30) as http:
        for topic in ("cost", "pain", "washing", "sun", "exercise"):
            key = {"Idempotency-Key": f"key-of-jo-{topic}"}
            assert http.post("/api/callbacks", json={**asked, "topic": topic}, headers=key).status_code == 201
        headers = {"Authorization": f"Bearer {http.post('/api/chat/sessions').json()['session']}"}

        def say(**body: str) -> dict[str, Any]:
            answer = http.post("/api/chat/messages", json=body, headers=headers)
            last: dict[str, Any] = answer.json()["messages"][-1]
            return last

        said = [say(text=text)["step"] for text in ("please call me", "Jo Park", "310 555 0199", "noon")]
        assert said[-1] == "confirm"
        refused = say(choice="confirm:yes")
        assert refused["step"] == "cancelled"
        assert "already has several requests" in refused["text"]
        assert refused["actions"][0]["href"].startswith("tel:")
    assert len(json.loads(guarded.command("desk", "export"))) == 5


def test_patients_are_answered_beside_a_flood(guarded: Assistant) -> None:
    withstand(guarded, 5)


@pytest.mark.long
def test_patients_are_answered_beside_a_long_flood(guarded: Assistant) -> None:
    took = withstand(guarded, 30)
    assert took[int(len(took) * 0.95)] <= 20  # ten times the target; docs/security.md has what was measured


def open_many(assistant: Assistant, count: int) -> None:
    """Open `count` conversations and say something in each tenth; memory and answers stay as they were."""
    web = assistant.pids()["web"]
    with httpx.Client(base_url=assistant.base_url, timeout=30) as http:
        for _ in range(50):
            http.post("/api/chat/sessions")
        before, begin = memory([web]), time.monotonic()
        for number in range(count):
            opened = http.post("/api/chat/sessions")
            assert opened.status_code == 201
            if number % 100 == 0:
                headers = {"Authorization": f"Bearer {opened.json()['session']}"}
                said = http.post("/api/chat/messages", json={"text": QUESTIONS[0]}, headers=headers)
                assert said.json()["messages"][0]["kind"] == "answer"
        after = memory([web])
        database = Path(assistant.home / "prp-guide.db").stat().st_size
    print(
        f"\n{count} conversations in {time.monotonic() - begin:.0f} s: web {before / 1e6:.0f} MB before, "
        f"{after / 1e6:.0f} MB after; database {database / 1e6:.0f} MB"
    )
    assert after - before < MORE_MEMORY


def test_a_thousand_conversations(assistant: Assistant) -> None:
    open_many(assistant, 1_000)


@pytest.mark.long
def test_ten_thousand_conversations(assistant: Assistant) -> None:
    open_many(assistant, 10_000)
