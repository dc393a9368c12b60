"""A wheel, unpacked where there is no checkout: init, start, an answer that is edited. What a user has who ran pip."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.installation.conftest import prp_guide
from tests.support.assistant import Assistant
from tests.support.waiting import wait_for


def test_a_folder_without_a_clinic_says_what_to_do(installed: dict[str, str], tmp_path: Path) -> None:
    said = prp_guide(tmp_path, installed, "start")
    assert said.returncode == 2
    assert f"There is no clinic in {tmp_path}" in said.stderr
    assert "prp-guide init" in said.stderr


def test_init_and_start_without_a_checkout(running: Assistant) -> None:
    with httpx.Client(base_url=running.base_url, timeout=30) as client:
        made = client.post("/api/chat/sessions", json={}).json()
        assert made["clinic"]["name"] == "Bay Dermatology"
        assert made["clinic"]["open_now"] is None, "hours were not given, so none are made up"
        headers = {"Authorization": f"Bearer {made['session']}"}

        def answer() -> str:
            reply = client.post("/api/chat/messages", json={"text": "how much is it?"}, headers=headers).json()
            return str(reply["messages"][0]["text"])

        assert "(310) 555-0100" in answer()
        assert b"customElements" in client.get("/widget.js").content
        # The clinic's own copy of the content is what is read, at once.
        topic = running.home / "data" / "topics" / "cost.yml"
        before = topic.read_text(encoding="utf-8")
        topic.write_text(before.replace("front desk", "reception"), encoding="utf-8")
        wait_for(lambda: "reception" in answer(), "the edited answer", seconds=10, every=0.3)
