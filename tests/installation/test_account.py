"""A clean machine's account: from the wheel to a chat on the clinic's site, a restart, a backup, another machine."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.installation.conftest import CLINIC, prp_guide, take_trained_model
from tests.support.assistant import Assistant
from tests.widget.site import Site, running_site

ANSWER = (
    "Wait the full 48 hours before you wash your scalp: that is the usual advice. Hard exercise and sun on it should "
    "wait just as long. If you want to rinse or wet your hair before that, ask our front desk first at {phone}."
)
LOADED = "Wait the full 48 hours"


@pytest.fixture
def site() -> Iterator[Site]:
    """The clinic's own pages, at another origin."""
    with running_site() as running:
        yield running


def asked(url: str, key: str, name: str) -> dict[str, Any]:
    body = {"name": name, "phone": "310 555 0147", "best_time": "mornings", "topic": "cost"}
    answer = httpx.post(f"{url}/api/callbacks", json=body, headers={"Idempotency-Key": key}, timeout=30)
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


def test_a_clean_machine(installed: dict[str, str], site: Site, page: Page, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "clinic", tmp_path / "elsewhere"
    home.mkdir()
    made = prp_guide(home, installed, "init", *CLINIC)
    assert made.returncode == 0, made.stderr
    take_trained_model(home)
    assert "fault" not in prp_guide(home, installed, "doctor").stdout

    # The clinic's page, elsewhere, gets what `embed` says.
    told = prp_guide(home, installed, "embed", "--origin", site.url).stdout
    allowed = re.search(r"^ *(allowed_origins: .+)$", told, re.MULTILINE)
    assert allowed
    settings = home / "clinic.yml"
    settings.write_text(settings.read_text("utf-8").replace("allowed_origins: []", allowed[1]), "utf-8")

    running = Assistant(home, PYTHONPATH=installed["PYTHONPATH"])
    running.cwd = home
    try:
        running.start()
        site.source = running.base_url
        page.goto(site.url)
        page.get_by_role("button", name="Questions about PRP?").click()
        log = page.locator("prp-guide [role=log]")
        ask(page, "when can i wash my hair")
        expect(log).to_contain_text("Wait 48 hours after PRP")

        edited = running.command("topics", "edit", "washing", "--reply", ANSWER, "--by", "Ana")
        assert "washing" in edited
        for _ in range(5):  # live with the next message, or the one after
            ask(page, "when can i wash my hair")
            with suppress(AssertionError):
                expect(log).to_contain_text(LOADED, timeout=2_000)
                break
        expect(log).to_contain_text(LOADED)

        restarted_under_way(running)
        page.reload()
        expect(log).to_contain_text(LOADED)  # the conversation outlived the restart
        requests = exported(running)
        assert len(requests) == 9
        backup = tmp_path / "backups" / "monday"
        running.command("backup", str(backup))
        after = asked(running.base_url, "key-after-it", "Too Late")
    finally:
        running.stop()

    restored = prp_guide(tmp_path, {**installed, "PRP_HOME": str(elsewhere)}, "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    take_trained_model(elsewhere)
    again = Assistant(elsewhere, PYTHONPATH=installed["PYTHONPATH"])
    again.cwd = elsewhere
    try:
        again.start()
        assert exported(again) == requests
        assert after["reference"] not in {request["reference"] for request in requests}
        site.source = again.base_url
        page.goto(site.url)
        page.get_by_role("button", name="Questions about PRP?").click()
        ask(page, "when can i wash my hair")
        expect(log).to_contain_text(LOADED)
    finally:
        again.stop()


def ask(page: Page, text: str) -> None:
    page.locator("prp-guide textarea").first.fill(text)
    page.keyboard.press("Enter")


def exported(assistant: Assistant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(assistant.command("desk", "export"))
    return sorted(found, key=lambda request: str(request["reference"]))


def restarted_under_way(running: Assistant) -> None:
    """Eight patients ask for a call while it is told to stop; each tries again with the same key when it is back."""
    names = [f"Pat Miller{letter}" for letter in "abcdefgh"]
    first: dict[str, str] = {}

    def patient(name: str) -> None:
        with suppress(httpx.HTTPError, AssertionError):
            first[name] = asked(running.base_url, f"key-of-{name[-1] * 5}", name)["reference"]

    patients = [threading.Thread(target=patient, args=(name,)) for name in names]
    for one in patients[:4]:
        one.start()
    ending = threading.Thread(target=running.stop, args=(signal.SIGTERM,))
    ending.start()
    for one in patients[4:]:
        one.start()
    for one in (*patients, ending):
        one.join(60)
    running.start()
    kept = asked(running.base_url, "key-of-zzzzz", "Zoe Last")["reference"]
    second = {name: asked(running.base_url, f"key-of-{name[-1] * 5}", name)["reference"] for name in names}
    assert first.items() <= second.items(), "a request that was confirmed is the same one when it is sent again"
    assert len({*second.values(), kept}) == len(names) + 1
