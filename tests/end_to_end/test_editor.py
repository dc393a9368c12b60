"""The owner edits an answer, and publishes phrases, while patients chat: on an assistant with content of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from prp_guide import model
from prp_guide.content import Library
from prp_guide.home import Home
from prp_guide.model_register import Register
from prp_guide.publishing import read_state
from tests.editor.conftest import PARKING
from tests.support.assistant import ROOT, Assistant
from tests.support.patient import Patient
from tests.support.waiting import wait_for

SOONER = (
    "The usual wait before you wash your scalp is 48 hours, and not sooner. Hard exercise and sun on it should wait "
    "just as long. If you want to rinse or wet your hair before that, ask our front desk first at {phone}."
)
DIALOGUES = 20
READING = 3.0  # seconds between two messages of one patient
LONGEST = 540.0  # seconds for a training and the gates, where others want the processors too


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant whose content and models are its own to change; the trained model is taken over."""
    root = tmp_path_factory.mktemp("clinic")
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "clinic.yml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data", root / "data")
    (root / "tests" / "evaluation").mkdir(parents=True)
    (root / "tests" / "evaluation" / "development").symlink_to(ROOT / "tests" / "evaluation" / "development")
    (root / "models").mkdir()
    (root / "models" / "encoder").symlink_to(ROOT / "models" / "encoder")
    home = Home(root=root, state=root / "var")
    current = ROOT / "models" / model.wanted_name(home)
    if current.is_file():
        shutil.copy(current, root / "models" / current.name)
    running = Assistant(home.state, PRP_ROOT=str(root), PYTHONPATH=str(ROOT))
    running.start()
    yield running
    running.stop()


def home_of(assistant: Assistant) -> Home:
    return Home(root=Path(assistant.env["PRP_ROOT"]), state=assistant.home)


def enter(page: Page, assistant: Assistant, path: str) -> None:
    page.set_default_timeout(30_000)
    page.goto(assistant.sign_in_link())
    page.wait_for_url(f"{assistant.base_url}/desk")
    page.goto(assistant.base_url + path)


def command(assistant: Assistant, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prp_guide", *arguments],
        cwd=ROOT,
        env=assistant.env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def reply(assistant: Assistant, text: str) -> str:
    with Patient(assistant.base_url) as patient:
        return "\n".join(f"{message['kind']}:{message['topic']} {message['text']}" for message in patient.says(text))


def topics(assistant: Assistant, text: str) -> set[str]:
    """What `text` is answered with, or asked back about."""
    with Patient(assistant.base_url) as patient:
        said = patient.says(text)
    return {str(one["topic"]) for message in said for one in (message, *message["choices"])}


def test_from_typing_to_the_changed_answer_in_the_widget(own: Assistant, page: Page) -> None:
    processes, chosen = own.pids(), model.chosen(home_of(own))
    assert "Wait 48 hours after PRP" in reply(own, "when can i wash my hair")
    enter(page, own, "/desk/answers/washing")
    box = page.locator('[name="reply.en"]')
    box.fill("")
    box.press_sequentially(SOONER)
    expect(page.locator("#summary")).to_have_text("Every rule is kept.")
    page.get_by_label("I approve the English").check()
    page.get_by_label("Name", exact=True).fill("Dr. Ruiz")
    page.get_by_role("button", name="Save", exact=True).click()
    saved = time.monotonic()
    expect(page.get_by_role("status").first).to_contain_text("in the chat with the next message")
    chat = page.context.new_page()
    chat.goto(own.base_url)
    chat.get_by_role("button", name="Questions about PRP?").click()
    log = chat.locator("prp-guide [role=log]")
    for _ in range(5):
        chat.locator("prp-guide textarea, prp-guide input").first.fill("when can i wash my hair")
        chat.keyboard.press("Enter")
        expect(log.locator(".mine").last).to_contain_text("wash")
        expect(log).to_contain_text("48 hours")
        if "The usual wait before you wash your scalp" in log.inner_text():
            break
        time.sleep(0.5)
    expect(log).to_contain_text("The usual wait before you wash your scalp")
    expect(log).to_contain_text("(310) 975-9785")
    print(f"saved and in the widget within {time.monotonic() - saved:.1f} s")
    assert own.pids() == processes
    assert model.chosen(home_of(own)) == chosen
    page.get_by_role("button", name="Undo the last change").click()
    expect(page.get_by_role("status").first).to_contain_text("What was before is back.")
    wait_for(lambda: "Wait 48 hours after PRP" in reply(own, "when can i wash my hair"), "the answer before")


class Talk(threading.Thread):
    """One patient who goes on talking: every answer is held against what was due. `faults` are those that failed."""

    def __init__(self, url: str, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.url, self.number, self.stop = url, number, stop
        self.turns, self.slowest = 0, 0.0
        self.faults: list[str] = []

    def run(self) -> None:
        try:
            with Patient(self.url) as patient:
                while not self.stop.is_set() and self.turns < 2000:
                    self._round(patient)
        except Exception as fault:
            self.faults.append(f"{type(fault).__name__}: {fault}")

    def _round(self, patient: Patient) -> None:
        self._turn(patient, "when can i wash my hair", topic="washing")
        self._turn(patient, "please call me back", step="name")
        self._turn(patient, f"Pat Miller{chr(97 + self.number)}", step="phone")
        self._turn(patient, "310 555 0147", step="time")
        self._turn(patient, "tomorrow morning", step="confirm")
        self._turn(patient, "no, never mind", step="cancelled")
        self._turn(patient, "how much is it", topic="cost")

    def _turn(self, patient: Patient, text: str, *, topic: str | None = None, step: str | None = None) -> None:
        # They read and type: so the form is often in the middle when the model changes under their hands.
        self.stop.wait(READING)
        began = time.monotonic()
        said = patient.says(text)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.turns += 1
        if not any(message["topic"] == topic if topic else message["step"] == step for message in said):
            self.faults.append(f"{text!r} got {[(one['kind'], one['topic'], one['step']) for one in said]}")


def test_publishing_drops_no_dialogue_and_one_click_goes_back(own: Assistant, page: Page) -> None:
    home, processes = home_of(own), own.pids()
    before = model.chosen(home)
    enter(page, own, "/desk/new-answer")
    page.get_by_label("Name of the topic").fill("parking")
    page.get_by_label("Handed to the front desk").check()
    page.locator('[name="reply.en"]').fill(
        "Parking is not described on our page, but our team knows the garages close by. Ask which one is the nearest "
        "and if we can stamp your ticket. Call us at {phone} before you set out, or ask for a call here."
    )
    page.locator('[name="label.en"]').fill("Where can I park?")
    page.locator('[name="about.en"]').fill("parking")
    page.get_by_label("What patients say, English").fill("\n".join(PARKING))
    page.get_by_role("button", name="Make the topic").click()
    expect(page.get_by_role("status").first).to_contain_text("once its phrases are published")
    stop = threading.Event()
    talks = [Talk(own.base_url, number, stop) for number in range(DIALOGUES)]
    for talk in talks:
        talk.start()
    try:
        page.goto(f"{own.base_url}/desk/answers")
        expect(page.locator("#publishing")).to_contain_text("not published yet: parking")
        began = time.monotonic()
        page.get_by_role("button", name="Publish").click()
        expect(page.locator("#publishing progress")).to_be_visible()
        wait_for(lambda: not read_state(home).running, "the publishing to end", seconds=LONGEST, every=1.0)
        took = time.monotonic() - began
        time.sleep(8)  # and they go on with the new model
    finally:
        stop.set()
        for talk in talks:
            talk.join(60)
    state = read_state(home)
    assert state.outcome == "live", state
    turns, slowest = sum(talk.turns for talk in talks), max(talk.slowest for talk in talks)
    print(f"published in {took:.0f} s, {turns} turns of {DIALOGUES} dialogues meanwhile, the slowest {slowest:.1f} s")
    assert [talk.faults for talk in talks if talk.faults] == []
    assert min(talk.turns for talk in talks) >= 7
    assert own.pids() == processes
    assert model.chosen(home) != before
    # Ten phrases, beside 900 of a near topic.
    assert sum("parking" in topics(own, text) for text in PARKING) >= 8
    # One click, and the model before answers again.
    page.goto(f"{own.base_url}/desk/answers")
    page.get_by_role("button", name="Bring the last one back").click()
    expect(page.locator("#publishing")).to_contain_text("The model before is back")
    assert model.chosen(home) == before
    assert not any("parking" in topics(own, text) for text in PARKING)
    assert own.pids() == processes
    # Published anew, it needs no training.
    again = command(own, "publish", "--by", "Ana")
    assert again.returncode == 0, again.stderr
    assert "trained from the same data before" in again.stdout
    assert model.current(home) is not None
    assert [entry.by for entry in Register.read(home).used][-1] == "Ana"


@pytest.mark.long  # it trains; tests/publishing/test_gates.py holds a spoilt model against the gates
def test_a_model_that_fails_a_gate_stays_out(own: Assistant) -> None:
    home = home_of(own)
    before = model.chosen(home)
    folder = home.data / "phrases"
    kept = {name: (folder / name).read_text("utf-8") for name in ("washing.yml", "cost.yml")}
    try:
        # As if somebody had pasted the phrases into the wrong files.
        for name, other in (("washing.yml", "cost.yml"), ("cost.yml", "washing.yml")):
            text = kept[other].replace(f"ask_{other[:-4]}", f"ask_{name[:-4]}")
            (folder / name).write_text(text, "utf-8")
        failed = command(own, "publish", "--by", "Ana")
        assert failed.returncode == 2
        assert "stays out" in failed.stderr
        assert "When can I wash my hair?" in failed.stderr
        print(failed.stderr)
        state = read_state(home)
        assert state.outcome == "out"
        assert any("When can I wash my hair?" in reason for reason in state.reasons)
        assert model.chosen(home) == before
        assert not (home.models / model.wanted_name(home)).exists()
        assert model.why_out(home)
        assert "answer:washing" in reply(own, "when can i wash my hair")
    finally:
        for name, text in kept.items():
            (folder / name).write_text(text, "utf-8")


def test_the_command_line_does_the_same(own: Assistant, tmp_path: Path) -> None:
    assert "washing              answer  en:pending es:pending" in command(own, "topics", "list").stdout
    edited = command(own, "topics", "edit", "washing", "--reply", SOONER, "--by", "Ana")
    assert edited.returncode == 0, edited.stderr
    approved = command(own, "topics", "approve", "washing", "--by", "Dr. Ruiz", "--lang", "en")
    assert "approved by Dr. Ruiz until" in approved.stdout, approved.stderr
    wait_for(lambda: "The usual wait before you wash" in reply(own, "when can i wash my hair"), "the new answer")
    refused = command(own, "topics", "edit", "washing", "--reply", "It is safe.")
    assert refused.returncode == 2
    assert "'safe' must not be said" in refused.stderr
    for _ in range(2):
        assert command(own, "topics", "undo", "washing").returncode == 0
    assert "Wait 48 hours" in Library.load(home_of(own)).topics["washing"].reply.en
    phrases = tmp_path / "phrases.txt"
    phrases.write_text("\n".join(f"{phrase} please" for phrase in PARKING), "utf-8")
    text = (home_of(own).data / "topics" / "hair_styling.yml").read_text("utf-8")
    draft = "\n".join(line for line in text.replace("Hats, dye", "Wigs, dye").splitlines() if line[:2] != "id")
    made = command(own, "topics", "new", "wigs", "--phrases", str(phrases), stdin=draft)
    assert made.returncode == 2, "a reply that reads like another's is refused"
    assert "is the reply of hair_styling" in made.stderr
    assert command(own, "topics", "retire", "cost").returncode == 2
