"""The whole road in a browser: a patient on the demo page, the front desk in its inbox."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect

from tests.support.assistant import Assistant
from tests.support.patient import Patient, said
from tests.support.waiting import wait_for


@pytest.fixture
def chat(page: Page, assistant: Assistant) -> Page:
    """The demo page with the chat open."""
    page.goto(assistant.base_url)
    page.get_by_role("button", name="Questions about PRP?").click()
    expect(page.get_by_role("log")).to_be_visible()
    return page


def ask(chat: Page, text: str) -> None:
    chat.get_by_role("textbox").last.fill(text)
    chat.keyboard.press("Enter")


def test_a_patient_asks_and_leaves_a_callback_that_the_inbox_shows(chat: Page, assistant: Assistant) -> None:
    log = chat.get_by_role("log")
    ask(chat, "When can I wash my hair?")
    expect(log).to_contain_text("48 hours")
    expect(log).to_contain_text("Post-Treatment and Maintenance")

    ask(chat, "how much is it")
    expect(log).to_contain_text("Prices are not on our page")
    expect(log).to_contain_text("(310) 975-9785")
    expect(log).to_contain_text("price of one session")

    chat.get_by_role("button", name="Ask for a call", exact=True).click()
    expect(log).to_contain_text(re.compile("What name", re.IGNORECASE))
    for entry, next_words in (
        ("Rosalind", "phone number"),
        ("310 555 0172", "good time"),
        ("weekday mornings", "Please check"),
    ):
        ask(chat, entry)
        expect(log).to_contain_text(next_words)
    chat.get_by_role("button", name=re.compile("^Send it, voicemail")).click()
    expect(log).to_contain_text(re.compile(r"PRP-\w{4}"))

    chat.goto(assistant.sign_in_link())
    chat.get_by_role("link", name="Rosalind", exact=True).click()
    chat.get_by_role("button", name="Take this call").click()
    expect(chat.locator("a[href='tel:+13105550172']")).to_be_visible()
    chat.get_by_role("button", name="Reached").click()
    expect(chat.locator("#just")).to_contain_text("Rosalind: reached, off the list.")


def test_the_conversation_survives_a_page_change(chat: Page, assistant: Assistant) -> None:
    ask(chat, "When can I wash my hair?")
    expect(chat.get_by_role("log")).to_contain_text("48 hours")
    chat.reload()
    launcher = chat.get_by_role("button", name="Questions about PRP?")
    if launcher.is_visible():
        launcher.click()
    expect(chat.get_by_role("log")).to_contain_text("48 hours")


def test_with_rasa_gone_the_page_offers_phone_and_form(chat: Page, assistant: Assistant) -> None:
    os.kill(assistant.pids()["rasa"], signal.SIGKILL)
    ask(chat, "When can I wash my hair?")
    log = chat.get_by_role("log")
    expect(log).to_contain_text("(310) 975-9785", timeout=9_000)
    form = chat.get_by_role("form").or_(chat.locator("form")).last
    form.get_by_label(re.compile("name", re.IGNORECASE)).fill("Hermione")
    form.get_by_label(re.compile("phone", re.IGNORECASE)).fill("310 555 0173")
    form.get_by_label(re.compile("time", re.IGNORECASE)).fill("after 4")
    form.get_by_role("button").last.click()
    expect(log).to_contain_text(re.compile(r"PRP-\w{4}"))
    assert "Hermione" in assistant.command("desk", "export", "--format", "json")

    def answers() -> bool:
        with Patient(assistant.base_url) as patient:
            return said(patient.says("when can i wash my hair")) == ["answer:washing"]

    wait_for(answers, "the assistant to answer again", seconds=120, every=1)
    ask(chat, "is it surgery?")
    expect(log).to_contain_text("surgery")


def test_a_red_flag_is_pinned_and_can_be_called_from(chat: Page) -> None:
    ask(chat, "my throat is swelling")
    alert = chat.get_by_role("alert")
    expect(alert).to_contain_text("911")
    expect(alert.locator("a[href='tel:911']")).to_be_visible()


def test_no_policy_is_violated(page: Page, assistant: Assistant) -> None:
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if "Content Security" in message.text else None)
    page.goto(assistant.base_url)
    page.get_by_role("button", name="Questions about PRP?").click()
    ask(page, "When can I wash my hair?")
    expect(page.get_by_role("log")).to_contain_text("48 hours")
    assert violations == []
