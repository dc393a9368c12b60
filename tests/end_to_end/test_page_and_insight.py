"""A page that changes takes its answers out of the chat, without a restart; the owner sees what was asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clinic_page.conftest import SOURCE
from tests.support.assistant import ROOT, Assistant
from tests.support.patient import Patient
from tests.support.waiting import wait_for


def check(assistant: Assistant, folder: Path, source: str) -> int:
    """`prp-guide page check` on a page with this `source`, as the page that counts."""
    page = folder / "page.html"
    page.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "prp_guide", "page", "check", str(page), "--withhold"]
    return subprocess.run(command, cwd=ROOT, env=assistant.env, capture_output=True, timeout=120).returncode


def test_a_changed_fact_is_no_longer_answered(assistant: Assistant, tmp_path: Path) -> None:
    processes = assistant.pids()

    def reply() -> str:
        with Patient(assistant.base_url) as patient:
            (message,) = patient.says("when can i wash my hair")
        return f"{message['kind']}: {message['text']}"

    assert "48 hours" in reply()
    try:
        assert check(assistant, tmp_path, SOURCE.replace("48 hours", "24 hours")) == 2
        held = wait_for(lambda: (said := reply()).startswith("staff: ") and said, "the answer to be held back")
        assert "48" not in held
        assert "We are checking our answer" in held
    finally:
        assert check(assistant, tmp_path, SOURCE) == 0
    wait_for(lambda: "48 hours" in reply(), "the answer to come back")
    assert assistant.pids() == processes


def test_what_a_patient_asks_stands_on_the_owners_page(assistant: Assistant, page: Page) -> None:
    with Patient(assistant.base_url) as patient:
        patient.says("how much is it")
        patient.says("my throat is swelling shut")
    page.goto(assistant.sign_in_link())
    page.wait_for_url(f"{assistant.base_url}/desk")
    page.get_by_role("link", name="What patients asked").click()
    page.set_default_timeout(60_000)
    expect(page.locator("#gap-silent-cost")).to_contain_text("Your page does not say.", timeout=60_000)
    expect(page.get_by_role("row", name="Emergency: call 911")).not_to_contain_text(" 0 0 · 0 · 0 · 0")
