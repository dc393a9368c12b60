"""What the widget does for the patient, each point with its opposite."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.widget.conftest import Chat


def test_first_view(chat: Chat) -> None:
    chat.open()
    expect(chat.starters).to_have_count(4)
