"""What a callback request may hold: valid beside invalid."""

from __future__ import annotations

from typing import Any

import pytest

from prp_guide.errors import CallbackInvalid
from prp_guide.frontdesk import CONSENT, CallbackRequest, fields

GOOD: dict[str, Any] = {"name": "Jo Park", "phone": "310 555 0147", "best_time": "after lunch"}


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("name", "  Jo\t Park ", "Jo Park"),
        ("name", "李", "李"),
        ("name", "O'Brien-Núñez, Jr.", "O'Brien-Núñez, Jr."),
        ("name", "Jose\u0301", "José"),
        ("name", "Jo\u202egnp\x00\ud800", "Jognp"),
        ("name", "x" * 80, "x" * 80),
        ("phone", "(310) 555-0147", "+13105550147"),
        ("phone", "1-310-555-0147", "+13105550147"),
        ("phone", "+1 310.555.0147", "+13105550147"),
        ("phone", "+44 20 7946 0018", "+442079460018"),
        ("phone", "310-555-0147 ext 12", "+13105550147"),
        ("best_time", "5pm?", "5pm?"),
        ("note", " one \r\n two ", "one\ntwo"),
        ("note", "  ", None),
        ("note", None, None),
        ("topic", "cost", "cost"),
        ("topic", "", None),
        ("lang", "es", "es"),
        ("voicemail_ok", False, False),
        ("voicemail_ok", None, None),
        ("priority", "urgent", "urgent"),
        ("source", "chat", "chat"),
    ],
)
def test_accepted(field: str, given: Any, kept: Any) -> None:
    assert fields.CHECKS[field](given, "en") == kept


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", ""),
        ("name", " \u200b\u202e "),
        ("name", "12345"),
        ("name", "🙂"),
        ("name", "x" * 81),
        ("name", 7),
        ("name", None),
        ("name", ["Jo"]),
        ("phone", ""),
        ("phone", "911"),
        ("phone", "555 0147"),
        ("phone", "(123) 456-7890"),
        ("phone", "(310) 055-0147"),
        ("phone", "310 555 0147 0147 0147"),
        ("phone", "call me"),
        ("phone", 3105550147),
        ("best_time", "  "),
        ("best_time", "?!"),
        ("best_time", "x" * 201),
        ("note", "x" * 501),
        ("note", 3),
        ("topic", "Robert'); drop table"),
        ("topic", "x" * 41),
        ("topic", 1),
        ("lang", "de"),
        ("lang", None),
        ("voicemail_ok", "yes"),
        ("voicemail_ok", 1),
        ("priority", "high"),
        ("source", "admin"),
        ("consent", "none"),
        ("status", "done"),
    ],
)
def test_refused_with_one_sentence_in_each_language(field: str, given: Any) -> None:
    for lang in ("en", "es"):
        with pytest.raises(CallbackInvalid) as refusal:
            CallbackRequest.checked(**{**GOOD, "lang": lang, field: given})
        assert list(refusal.value.fields) == [field]
        assert refusal.value.fields[field].endswith(".")


def test_the_language_of_the_sentences() -> None:
    assert "nombre" in fields.sentence("name_missing", "es")
    assert fields.sentence("name_missing", "de") == fields.sentence("name_missing")
    assert all(set(texts) == {"en", "es"} for texts in fields.SENTENCES.values())


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(CallbackInvalid) as refusal:
        CallbackRequest.checked(phone="12", note="x" * 501)
    assert set(refusal.value.fields) == {"name", "phone", "best_time", "note"}


def test_a_request_keeps_the_consent_that_was_shown() -> None:
    assert CallbackRequest.checked(**GOOD).consent == CONSENT.version


def test_an_extension_goes_into_the_note() -> None:
    request = CallbackRequest.checked(**{**GOOD, "phone": "310 555 0147 x12", "note": "Ask for Jo"})
    assert request.phone == "+13105550147"
    assert request.note == "Extension 12.\nAsk for Jo"


def test_the_public_cannot_choose_priority_or_source() -> None:
    assert CallbackRequest.from_public(GOOD).priority == "normal"
    assert CallbackRequest.from_public(GOOD).source == "form"
    for field, value in (("priority", "urgent"), ("source", "chat"), ("status", "done")):
        with pytest.raises(CallbackInvalid) as refusal:
            CallbackRequest.from_public({**GOOD, field: value})
        assert list(refusal.value.fields) == [field]
