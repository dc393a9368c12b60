"""What is taken out of a text, and what must stay because it only looks alike."""

import time

import pytest

from prp_guide.privacy import redact
from prp_guide.privacy.redaction import passes_luhn


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        # phones
        ("call me at 310-555-0147 please", "call me at [phone] please"),
        ("(310) 975-9785", "[phone]"),
        ("3109759785", "[phone]"),
        ("310.975.9785 or +1 212 555 0199", "[phone] or [phone]"),
        ("+1 (310) 975 9785 ext. 12", "[phone]"),
        ("i cant breathe 310-555-0147", "i cant breathe [phone]"),
        ("555-0147", "[phone]"),
        ("its 555 0147", "its [phone]"),
        ("my cell is 9759785", "my cell is [phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("+52 55 1234 5678 gracias", "[phone] gracias"),
        ("1-800-222-1222", "[phone]"),
        ("555 123 4567", "[phone]"),
        ("three one zero five five five oh one four seven", "[phone]"),
        # e-mails
        ("jo@example.com", "[email]"),
        ("write to jo.smith+prp@mail.example.co.uk!", "write to [email]!"),
        ("jo at gmail dot com", "[email]"),
        ("jo (at) gmail.com", "[email]"),
        # cards
        ("4111 1111 1111 1111", "[card]"),
        ("card 5500-0000-0000-0004 exp soon", "card [card] exp soon"),
        ("378282246310005", "[card]"),
        # social security
        ("123-45-6789", "[ssn]"),
        ("my ssn is 123456789", "my ssn is [ssn]"),
        ("social security number: 123 45 6789", "social security number: [ssn]"),
        # dates of birth
        ("i was born on 3/14/1985", "i was born on [date of birth]"),
        ("dob 03-14-85", "dob [date of birth]"),
        ("D.O.B.: 1985-03-14", "D.O.B.: [date of birth]"),
        ("my birthday is march 14th", "my birthday is [date of birth]"),
        ("Born 14 March, 1985, female", "Born [date of birth], female"),
        ("3/14/1985 is my birthdate", "[date of birth] is my birthdate"),
        ("07/04/1976", "[date of birth]"),
        ("July 4, 1976", "[date of birth]"),
        # several at once, and more than one line
        ("Jo, jo@x.org, 310 975 9785\n4111111111111111", "Jo, [email], [phone]\n[card]"),
    ],
)
def test_personal_values_go(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "wait 48 hours",
        "4-6 weeks apart",
        "3 sessions, 4 to 6 weeks apart",
        "call 9/11? call 911",
        "call 988",
        "is it $1,200-1500 or $800",
        "is it 800-1200 for one",
        "500-1500 dollars",
        "1500-2000",
        "$3000 for 3",
        "i am 45 years old, 5'11, 180 lbs",
        "born in 1985",
        "my last visit was 10/12/2025",
        "my appointment on 11/23",
        "march 14th at 3pm",
        "2 pm - 4:30 pm, 9:00-17:00",
        "minoxidil 5% and finasteride 1mg",
        "24/7",
        "platelets at 150,000 per microliter",
        "0.5 to 1.5 ml",
        "order 1234567890123456",  # sixteen digits, but no card
        "one or two or three sessions",
        "meet me at the clinic.",
        "look at mayo clinic dot",
        "PRP at 3 months, 6 months, 12 months",
        "10 20 30 40",
        "",
        "[phone] [email]",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text


def test_redacting_twice_changes_nothing() -> None:
    once = redact("Jo, dob 3/14/1985, 310 975 9785, jo@x.org, 123-45-6789, 4111 1111 1111 1111")
    assert redact(once) == once
    assert not any(sign.isdigit() for sign in once)


@pytest.mark.parametrize(("number", "valid"), [("4111 1111 1111 1111", True), ("4111 1111 1111 1112", False)])
def test_luhn(number: str, valid: bool) -> None:
    assert passes_luhn(number) is valid


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 1000,
        "1-" * 1000,
        "a." * 1000,
        "a@" * 1000,
        "born " * 400,
        "one " * 500,
        "(" * 2000,
        "at " * 666,
        "9" * 2000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.monotonic()
    redact(text)
    assert time.monotonic() - begun < 3
