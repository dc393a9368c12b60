"""Messages that lean on what was said before: what they point at, and what points at nothing."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
import yaml

from prp_guide.language.classifier import Guess, Verdict
from prp_guide.language.decision import Thresholds
from prp_guide.language.follow_ups import meant as said_to_be_meant
from prp_guide.language.meaning import understand
from prp_guide.language.parts import Context, Part

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "prp_guide" / "language" / "follow_ups.yml"
UNCLEAR = Verdict((Guess("out_of_scope", 0.4), Guess("ask_benefits", 0.3), Guess("ask_cost", 0.2)), 0.8)
AFTER_AN_ANSWER = Context(
    topic="exercise", before="cost", offered="ask_washing", choices=("ask_washing", "ask_sun", "request_callback")
)
ASKED_BACK = Context(asked_back=True, choices=("ask_pain", "ask_safety", "human"))
AFTER_A_CARD = Context(card="emergency")


def verdict(intent: str, confidence: float = 0.95) -> Verdict:
    return Verdict((Guess(intent, confidence), Guess("out_of_scope", round(1 - confidence, 3))), 0.9)


def meant(text: str, context: Context, heard: Verdict = UNCLEAR) -> Part:
    (part,) = understand(heard, context, text=text, thresholds=Thresholds()).parts
    return part


@pytest.mark.parametrize(
    ("text", "context", "intent"),
    [
        ("why?", AFTER_AN_ANSWER, "ask_exercise"),
        ("but why tho", AFTER_AN_ANSWER, "ask_exercise"),
        ("really?", AFTER_AN_ANSWER, "ask_exercise"),
        ("¿por qué?", AFTER_AN_ANSWER, "ask_exercise"),
        ("tell me more", AFTER_AN_ANSWER, "ask_washing"),
        ("tell me more", Context(topic="exercise"), "ask_exercise"),
        ("ok and back to the other thing, how long was it again", AFTER_AN_ANSWER, "ask_cost"),
        ("the second one", AFTER_AN_ANSWER, "ask_sun"),
        ("2", AFTER_AN_ANSWER, "ask_sun"),
        ("um the first one please", ASKED_BACK, "ask_pain"),
        ("la segunda", ASKED_BACK, "ask_safety"),
        ("the last one", ASKED_BACK, "human"),
        ("how long does that last", Context(topic="side_effects"), "ask_side_effects"),
        ("how long does that last", Context(topic="effectiveness"), "ask_results_duration"),
        ("and how long?", Context(topic="washing"), "ask_washing"),
        ("how far apart?", Context(topic="session_count"), "ask_session_spacing"),
        ("and after those?", Context(topic="session_spacing"), "ask_maintenance"),
        ("what if i forget and do it anyway", Context(topic="washing"), "ask_washing"),
        ("¿y cuánto tarda en quitarse?", Context(topic="side_effects"), "ask_side_effects"),
        ("and number 4?", Context(offered="ask_location_hours"), "ask_location_hours"),
        ("nah its fine now", AFTER_A_CARD, "emergency"),
        ("false alarm lol", AFTER_A_CARD, "emergency"),
    ],
)
def test_points_at_what_was_said(text: str, context: Context, intent: str) -> None:
    assert meant(text, context).intent == intent


@pytest.mark.parametrize("text", ["none of those", "no", "neither", "something else", "ninguna"])
def test_none_of_the_guesses_hands_over(text: str) -> None:
    assert meant(text, ASKED_BACK).act == "hand_over"


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("why?", Context()),
        ("how long", Context()),
        ("how long does that last", Context(topic="cost")),
        ("and number 4?", Context()),
        ("tell me more", Context()),
        ("the other one on the list", Context(topic="cost")),
        ("the third one", Context(choices=("ask_pain", "ask_sun"))),
        ("two weeks", AFTER_AN_ANSWER),
        ("first of all how much", AFTER_AN_ANSWER),
    ],
)
def test_points_at_nothing(text: str, context: Context) -> None:
    assert meant(text, context).act != "reply"


@pytest.mark.parametrize(
    ("text", "intent"), [("yes", "ask_washing"), ("yes please", "ask_washing"), ("sure", "ask_washing")]
)
def test_a_yes_to_the_question_of_a_card_is_an_emergency(text: str, intent: str) -> None:
    asked = Context(card="post_treatment_concern", choices=("emergency", "post_treatment_concern"))
    assert meant(text, asked, verdict("affirm")).intent == "emergency"
    assert meant("no", asked, verdict("deny")).intent == "post_treatment_concern"


@pytest.mark.parametrize(
    ("text", "intent"), [("yes", "ask_washing"), ("yes please", "ask_washing"), ("sure", "ask_washing")]
)
def test_a_yes_takes_the_offer(text: str, intent: str) -> None:
    assert meant(text, AFTER_AN_ANSWER, verdict("affirm")).intent == intent


@pytest.mark.parametrize("text", ["ok", "Got it!", "cool, makes sense", "vale"])
def test_a_word_that_ends_a_thought_is_no_yes(text: str) -> None:
    assert meant(text, AFTER_AN_ANSWER, verdict("affirm")).intent == "affirm"


def test_a_clear_question_after_a_card_is_answered() -> None:
    assert meant("how much does a session cost", AFTER_A_CARD, verdict("ask_cost")).intent == "ask_cost"


@pytest.mark.parametrize("text", ["ok " * 600, "no " * 600, "why " * 600, "the other " * 200])
def test_a_hostile_message_takes_no_time(text: str) -> None:
    began = perf_counter()
    understand(UNCLEAR, AFTER_AN_ANSWER, text=text + "x", thresholds=Thresholds())
    assert perf_counter() - began < 2


def test_the_table_of_what_comes_after_names_topics() -> None:
    topics = {path.stem for path in (ROOT / "data" / "topics").glob("*.yml")}
    for kind in yaml.safe_load(TABLE.read_text(encoding="utf-8"))["after"].values():
        assert {*kind["topics"], *kind["topics"].values()} <= topics
        assert all(isinstance(phrase, str) and phrase == phrase.lower() for phrase in kind["phrases"])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no i meant what do u charge without insurance", "what do u charge without insurance"),
        ("sorry, I mean the visit", "the visit"),
        ("no, no, i was asking about parking", "parking"),
        ("the appointment i mean", "the appointment"),
        ("me refiero a el precio", "el precio"),
        ("i mean", "i mean"),
        ("i mean it", "it"),
        ("what do you mean", "what do you mean"),
        ("by that i mean nothing", "by that i mean nothing"),
    ],
)
def test_what_was_meant(text: str, what: str) -> None:
    assert said_to_be_meant(text) == what


def test_another_thing_where_only_one_was_spoken_of() -> None:
    assert meant("no i meant the other thing", Context(topic="cost")).intent == "capabilities"
    assert meant("the other thing, washing", AFTER_AN_ANSWER, verdict("ask_washing")).intent == "ask_washing"


def test_the_other_thing_after_asking_back_is_none_of_the_buttons() -> None:
    assert meant("no i meant the other thing", ASKED_BACK).act == "hand_over"
