"""Every envelope that the product can send, in both languages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.content.texts import SMALL_TALK
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.replies import Envelope, Replies
from tests.replies.conftest import MakeReplies

KEYS = {"id", "kind", "topic", "text", "lang", "pinned", "step", "source", "choices", "actions"}
PHONE = "(310) 975-9785"
LANGUAGES = ("en", "es")

Make = Callable[[Replies, str], Envelope]
EVERY: dict[str, Make] = {
    "greeting": lambda r, lang: r.greeting(lang),
    **{f"small_talk {n}": (lambda r, lang, n=n: r.small_talk(n, lang)) for n in SMALL_TALK},
    **{
        f"handoff {n}": (lambda r, lang, n=n: r.handoff(n, lang))
        for n in ("human", "phone", "missed", "callback_status")
    },
    **{
        f"card {n} {open_now}": (lambda r, lang, n=n, o=open_now: r.card(n, lang, open_now=o))
        for n in ("emergency", "self_harm", "poison", "same_day")
        for open_now in (None, True, False)
    },
    "out_of_scope": lambda r, lang: r.out_of_scope(lang),
    "out_of_scope_part": lambda r, lang: r.out_of_scope_part(lang),
    "card_question": lambda r, lang: r.card_question(lang),
    "other_language": lambda r, lang: r.other_language(lang),
    "clarify": lambda r, lang: r.clarify(["washing", "sun", "cost"], lang),
    **{
        f"callback {n}": (lambda r, lang, n=n: r.callback_step(n, lang, error=None if n == "cancelled" else "entry"))
        for n in ("name", "phone", "time", "confirm", "cancelled")
    },
    "callback expired": lambda r, lang: r.callback_step("name", lang, error="expired"),
    "callback book": lambda r, lang: r.callback_step("name", lang, topic="book_appointment"),
    "callback change": lambda r, lang: r.callback_step("name", lang, topic="change_appointment"),
    "unavailable": lambda r, lang: r.unavailable(lang),
    "failed": lambda r, lang: r.failed(lang=lang),
}


def well_formed(envelope: Envelope, lang: str) -> dict[str, Any]:
    """The envelope as a dict, after checking what holds for every message."""
    message = envelope.as_dict()
    assert KEYS <= set(message) <= KEYS | {"error", "form"}
    assert re.fullmatch(r"[0-9a-f]{16}", message["id"])
    assert message["text"].strip() == message["text"] != ""
    assert message["lang"] == lang
    for text in (
        message["text"],
        *(button["label"] for button in (*message["choices"], *message["actions"])),
    ):
        assert not re.search(r"[{}<>]", text), text
    for choice in message["choices"]:
        assert set(choice) == {"id", "label", "topic"}
        assert re.fullmatch(r"(topic|callback|confirm):[a-z_]+", choice["id"])
        assert len(choice["label"]) <= 48
    for action in message["actions"]:
        assert re.match(r"(tel:\+?\d+|sms:988|https://)", action["href"])
    return message


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_every_message_is_well_formed(make: MakeReplies, name: str, lang: str) -> None:
    for said in ({}, {"after_hours_phone": "+13105550100", "booking_url": "https://book.example/1"}):
        message = well_formed(EVERY[name](make(**said), lang), lang)
        most = 4 if name in ("greeting", "clarify") else 3
        assert len(message["choices"]) <= most


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_topic(library: Library, make: MakeReplies, lang: str) -> None:
    known = {"hours": {"mon": "09:00-17:00"}, "address": "1 Main St", "languages": ["English", "Spanish"]}
    for said in ({}, known, {"languages": []}):
        replies = make(**said)
        for topic in library.topics.values():
            message = well_formed(replies.topic(topic.id, lang), lang)
            assert (message["kind"], message["topic"]) == (topic.kind, topic.id)
            assert 1 <= len(message["choices"]) <= 3
            assert not message["pinned"]
            if topic.kind == "staff":
                assert PHONE in message["text"]
                assert message["choices"][0]["id"] == f"callback:{topic.id}"
                assert message["choices"][0]["topic"] == "request_callback"
                assert message["actions"][0]["href"] == "tel:+13109759785"
                assert message["source"] is None
            else:
                assert message["source"]["reviewed"] is None
                assert "#" in message["source"]["url"]
                assert {choice["id"].partition(":")[0] for choice in message["choices"]} == {"topic"}
                assert bool(message["actions"]) is (PHONE in message["text"])


def test_an_answer_carries_source_and_next(make: MakeReplies) -> None:
    message = make(page_url="https://clinic.example/prp#top").topic("washing").as_dict()
    assert "48 hours" in message["text"]
    assert message["source"] == {
        "section": "Post-Treatment and Maintenance",
        "url": "https://clinic.example/prp#post-treatment-and-maintenance",
        "reviewed": None,
    }
    assert {"id": "topic:exercise", "label": "When can I exercise?", "topic": "exercise"} in message["choices"]


def test_a_staff_reply_offers_a_call_about_its_topic(replies: Replies) -> None:
    assert replies.topic("cost").choices[0]["label"] == "Ask for a call about the price"
    assert replies.topic("cost", "es").choices[0]["label"] == "Pedir una llamada sobre el precio"


@pytest.mark.parametrize(
    ("said", "topic", "words", "absent"),
    [
        ({}, "location_hours", "do not have our address or opening hours", "Monday"),
        ({"hours": {"mon": "09:00-17:00"}}, "location_hours", "Monday 9 am to 5 pm", "We are at"),
        ({"address": "1 Main St"}, "location_hours", "We are at 1 Main St.", "Monday"),
        (
            {"address": "1 Main St", "hours": {"mon": "09:00-17:00"}},
            "location_hours",
            "Monday 9 am",
            "does not have",
        ),
        ({"languages": ["English", "Farsi"]}, "languages", "speaks English and Farsi", "not known"),
        ({"languages": []}, "languages", "not known", "speaks and"),
        ({}, "privacy", "after 30 days", "{"),
    ],
)
def test_replies_composed_from_clinic_yml(
    make: MakeReplies, said: dict[str, Any], topic: str, words: str, absent: str
) -> None:
    text = make(**said).topic(topic).text
    assert words in text
    assert absent not in text


def test_a_topic_that_is_gone_goes_to_the_front_desk(replies: Replies, caplog: pytest.LogCaptureFixture) -> None:
    envelope = replies.topic("retired")
    assert (envelope.kind, envelope.topic) == ("handoff", "human")
    assert "retired" in caplog.text


def test_a_language_that_we_lack_gets_english(replies: Replies) -> None:
    assert replies.topic("washing", "fr").lang == "en"
    assert replies.greeting("fr").lang == "en"


@pytest.mark.parametrize(
    ("tier", "kind", "topic", "hrefs"),
    [
        ("emergency", "urgent", "emergency", ["tel:911"]),
        ("self_harm", "crisis", "self_harm", ["tel:988", "sms:988"]),
        ("poison", "urgent", "poison", ["tel:+18002221222"]),
        ("same_day", "clinical", "post_treatment_concern", ["tel:+13109759785"]),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_cards(replies: Replies, tier: str, kind: str, topic: str, hrefs: list[str], lang: str) -> None:
    card = replies.card(tier, lang)
    assert (card.kind, card.topic, card.pinned) == (kind, topic, True)
    assert [action["href"] for action in card.actions] == hrefs
    calls = [choice["id"] for choice in card.choices]
    assert calls == ([f"callback:{topic}"] if tier in ("self_harm", "same_day") else [])


@pytest.mark.parametrize(
    ("said", "open_now", "words", "href"),
    [
        ({}, None, f"Call us today at {PHONE}", "tel:+13109759785"),
        ({}, True, f"Call us today at {PHONE}", "tel:+13109759785"),
        ({}, False, "urgent care", "tel:+13109759785"),
        (
            {"after_hours_phone": "+13105550100"},
            False,
            "after-hours line now at (310) 555-0100",
            "tel:+13105550100",
        ),
        ({"after_hours_phone": "+13105550100"}, True, f"Call us today at {PHONE}", "tel:+13109759785"),
    ],
)
def test_a_same_day_card_knows_the_hours(
    make: MakeReplies, said: dict[str, Any], open_now: bool | None, words: str, href: str
) -> None:
    card = make(**said).card("same_day", open_now=open_now)
    assert words in card.text
    assert "911" in card.text
    assert card.actions[0]["href"] == href


def test_a_card_can_offer_to_go_on_with_the_form(replies: Replies) -> None:
    assert replies.card("emergency", resume=True).choices[-1]["id"] == "callback:resume"


def test_an_unknown_tier_or_step_is_an_error_of_ours(replies: Replies) -> None:
    with pytest.raises(KeyError):
        replies.card("mild")
    with pytest.raises(KeyError):
        replies.callback_step("address")
    with pytest.raises(KeyError):
        replies.small_talk("gossip")


def test_the_greeting_has_four_starters_and_the_notice(replies: Replies) -> None:
    greeting = replies.greeting()
    assert [choice["label"] for choice in greeting.choices] == [
        "Does it work?",
        "What happens at a visit?",
        "Washing and sport after",
        "Price",
    ]
    for words in ("automated assistant, not a person", "general information", "911", "medical details"):
        assert words in greeting.text


@pytest.mark.parametrize(
    ("topics", "ids"),
    [
        (["washing", "sun"], ["topic:washing", "topic:sun", "topic:human"]),
        (["washing", "washing"], ["topic:washing", "topic:human"]),
        (["washing", "sun", "cost", "pain"], ["topic:washing", "topic:sun", "topic:cost", "topic:human"]),
        (["nothing", "book_appointment"], ["topic:book_appointment", "topic:human"]),
    ],
)
def test_clarify(replies: Replies, topics: list[str], ids: list[str]) -> None:
    envelope = replies.clarify(topics)
    assert (envelope.kind, envelope.topic) == ("clarify", None)
    assert [choice["id"] for choice in envelope.choices] == ids
    assert envelope.choices[-1]["label"] == "Something else: ask the front desk"


def test_clarify_without_a_known_topic_hands_over(replies: Replies) -> None:
    assert replies.clarify(["nothing"]).kind == "handoff"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_confirm_step_reads_back_and_asks_consent(library: Library, replies: Replies, lang: str) -> None:
    given = {"name": "Jo {phone}", "phone": "(310) 555-0147", "time": "mornings"}
    step = replies.callback_step("confirm", lang, read_back=given)
    assert "Jo {phone}, (310) 555-0147, mornings" in step.text
    assert library.replies["callback_consent"][lang] in step.text
    assert [choice["id"] for choice in step.choices] == ["confirm:yes", "confirm:no_voicemail", "confirm:no"]
    assert (step.kind, step.topic, step.step) == ("callback", "request_callback", "confirm")


def test_the_confirm_step_can_be_kept_without_the_details(replies: Replies) -> None:
    hidden = replies.callback_step("confirm")
    assert "Please check: [your details]." in hidden.text
    placeholders = dict.fromkeys(("name", "phone", "time"), "[your details]")
    assert replies.callback_step("confirm", read_back=placeholders).text == hidden.text


@pytest.mark.parametrize(
    ("step", "error", "shown"),
    [
        ("phone", None, None),
        ("phone", "entry", "Please enter a phone number with its area code, such as (310) 555-0147."),
        (
            "name",
            "expired",
            "Your details were deleted after 30 minutes, and nothing was sent. Please begin again.",
        ),
        ("phone", "That number is too short.", "That number is too short."),
    ],
)
def test_a_refused_entry_repeats_its_step(replies: Replies, step: str, error: str | None, shown: str | None) -> None:
    message = replies.callback_step(step, error=error).as_dict()
    assert message["step"] == step
    assert message.get("error") == shown


@pytest.mark.parametrize(
    ("said", "topic", "shown", "hrefs"),
    [
        ({}, "request_callback", "request_callback", []),
        ({}, "cost", "request_callback", []),
        ({}, "book_appointment", "book_appointment", []),
        (
            {"booking_url": "https://book.example"},
            "book_appointment",
            "book_appointment",
            ["https://book.example"],
        ),
        ({}, "change_appointment", "change_appointment", ["tel:+13109759785"]),
    ],
)
def test_the_form_begins_by_what_is_wanted(
    make: MakeReplies, said: dict[str, Any], topic: str, shown: str, hrefs: list[str]
) -> None:
    step = make(**said).callback_step("name", topic=topic)
    assert (step.topic, step.step) == (shown, "name")
    assert [action["href"] for action in step.actions] == hrefs


def test_done_says_what_it_is_given(replies: Replies) -> None:
    done = replies.callback_done("Your reference is PRP-7K3M.", "cost")
    assert (done.kind, done.topic, done.step) == ("callback", "request_callback", "done")
    assert done.text == "Your reference is PRP-7K3M."


def test_errors_lead_to_the_phone(replies: Replies) -> None:
    away = replies.unavailable().as_dict()
    assert (away["kind"], away["topic"], away["form"]) == ("error", "unavailable", "callback")
    assert PHONE in away["text"]
    failed = replies.failed("That message was too long.").as_dict()
    assert failed["text"] == "That message was too long."
    assert failed["actions"][0]["href"] == "tel:+13109759785"
    assert "form" not in failed


def test_texts_and_labels_by_id(replies: Replies) -> None:
    assert replies.text("lead_again", "es").startswith("Es todo")
    assert replies.topic_label("washing", "es") == "¿Cuándo puedo lavarme el cabello?"
    assert replies.topic_label("book_appointment") == "I want to book a visit"
    assert replies.topic_label("nothing") is None


APPROVED = "approval: {by: Jo Lee, date: 2026-01-10, review_by: 2026-12-31}\n"


@pytest.mark.parametrize(
    ("approval", "policy", "today", "lang", "kind", "reviewed"),
    [
        ("approval: none\n", "withhold", "2027-01-01", "en", "answer", None),
        (APPROVED, "withhold", "2026-12-31", "en", "answer", "2026-01-10"),
        (APPROVED, "warn", "2027-01-01", "en", "answer", "2026-01-10"),
        (APPROVED, "withhold", "2027-01-02", "en", "staff", None),
        (APPROVED, "withhold", "2027-01-02", "es", "answer", None),  # the Spanish was never approved
    ],
)
def test_an_overdue_answer_gives_way_where_the_clinic_wants_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    approval: str,
    policy: str,
    today: str,
    lang: str,
    kind: str,
    reviewed: str | None,
) -> None:
    shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("phrases"))
    path = tmp_path / "data" / "topics" / "washing.yml"
    path.write_text(path.read_text("utf-8").replace("approval: none\n", approval), "utf-8")
    monkeypatch.setenv("PRP_TODAY", today)
    clinic = Clinic(name="C", phone="+13109759785", time_zone="UTC", overdue=policy)
    library = Library.load(Home(root=tmp_path, state=tmp_path))
    message = Replies(library, clinic).topic("washing", lang).as_dict()
    assert (message["kind"], message["topic"]) == (kind, "washing")
    assert (message["source"] or {}).get("reviewed") == reviewed
    assert ("48" in message["text"]) is (kind == "answer")
    if kind == "staff":
        assert PHONE in message["text"]
