"""What a message means in its place: in the callback form, after an offer, with a red flag, with several questions."""

from __future__ import annotations

import pytest

from prp_guide.language.classifier import Guess, Verdict
from prp_guide.language.decision import Thresholds
from prp_guide.language.details import find_details
from prp_guide.language.follow_ups import may_follow
from prp_guide.language.meaning import understand
from prp_guide.language.parts import Context, Meaning, Part
from prp_guide.language.questions import Piece

LIMITS = Thresholds()


def verdict(intent: str, confidence: float = 0.95) -> Verdict:
    return Verdict((Guess(intent, confidence), Guess("out_of_scope", round(1 - confidence, 3))), 0.9)


def meaning(text: str, intent: str, context: Context, *, confidence: float = 0.95, seen: str | None = None) -> Meaning:
    return understand(
        verdict(intent, confidence),
        context,
        text=text,
        seen=seen,
        details=find_details(text, asked=context.step),
        thresholds=LIMITS,
    )


@pytest.mark.parametrize(
    ("text", "intent", "step", "replies", "details"),
    [
        ("Sage", "greet", "name", [], ["name"]),
        ("hi it's jo", "greet", "name", [], ["name"]),
        ("sorry Dan not Jan", "deny", "phone", [], ["name"]),
        ("no, 310 555 0148", "deny", "confirm", [], ["phone"]),
        ("does it hurt?", "ask_pain", "phone", ["ask_pain"], []),
        ("never mind", "cancel", "time", ["cancel"], []),
        ("yes", "affirm", "confirm", ["affirm"], []),
        ("i cant breathe 310-555-0147", "emergency", "phone", ["emergency"], []),
    ],
)
def test_inside_the_form(text: str, intent: str, step: str, replies: list[str], details: list[str]) -> None:
    found = meaning(text, intent, Context(step=step))
    assert [part.intent for part in found.parts] == replies
    assert [detail.kind for detail in found.details] == details


@pytest.mark.parametrize(("text", "step"), [("when my husband is home", "time"), ("Mo", "name")])
def test_an_answer_that_only_the_step_can_explain(text: str, step: str) -> None:
    found = meaning(text, "out_of_scope", Context(step=step))
    assert [(detail.kind, detail.of(text)) for detail in found.details] == [(step, text)]
    assert found.parts == ()


def test_a_yes_in_other_words_counts_where_a_yes_was_asked() -> None:
    unsure = Verdict((Guess("out_of_scope", 0.5), Guess("affirm", 0.3), Guess("ask_pain", 0.1)), 0.9)
    heard = understand(unsure, Context(step="confirm"), text="all good", thresholds=LIMITS)
    assert [part.intent for part in heard.parts] == ["affirm"]
    elsewhere = understand(unsure, Context(step="time"), text="all good", thresholds=LIMITS)
    assert elsewhere.parts == ()


def test_yes_takes_what_was_offered() -> None:
    offered = Context(offered="request_callback")
    assert meaning("yes", "affirm", offered).parts[0].intent == "request_callback"
    assert meaning("yes", "affirm", Context()).parts[0].intent == "affirm"


@pytest.mark.parametrize(
    ("tier", "intent"),
    [
        ("emergency", "emergency"),
        ("self_harm", "self_harm"),
        ("poison", "poison"),
        ("same_day", "post_treatment_concern"),
    ],
)
def test_the_screen_has_the_last_word(tier: str, intent: str) -> None:
    found = meaning("thanks so much", "thanks", Context(step="name"), seen=tier)
    assert [part.intent for part in found.parts] == [intent]


@pytest.mark.parametrize(("confidence", "intent"), [(0.95, "emergency"), (0.3, None)])
def test_the_classifier_adds_a_red_flag_only_when_it_is_sure(confidence: float, intent: str | None) -> None:
    assert meaning("something odd", "emergency", Context(), confidence=confidence).parts[0].intent == intent


@pytest.mark.parametrize(("confidence", "intent"), [(0.85, "emergency"), (0.7, None)])
def test_it_must_be_surer_where_the_rules_saw_a_red_flag_denied(confidence: float, intent: str | None) -> None:
    found = meaning("no fever, no pus", "emergency", Context(), confidence=confidence, seen="taken_back")
    assert found.parts[0].intent == intent


@pytest.mark.parametrize(
    ("intent", "confidence", "asks"),
    [("post_treatment_concern", 0.5, True), ("post_treatment_concern", 0.9, False), ("emergency", 0.5, False)],
)
def test_an_unclear_report_is_asked_about(intent: str, confidence: float, asks: bool) -> None:
    (part,) = meaning("it feels off", intent, Context(), confidence=confidence).parts
    assert (part.intent, part.unsure) == (intent, asks)


@pytest.mark.parametrize(
    ("seen", "heard", "confidence", "shown"),
    [
        ("same_day", "emergency", 0.8, "emergency"),
        ("same_day", "self_harm", 0.8, "self_harm"),
        ("poison", "emergency", 0.8, "emergency"),
        ("same_day", "emergency", 0.4, "post_treatment_concern"),
        ("emergency", "post_treatment_concern", 0.95, "emergency"),
        ("emergency", "self_harm", 0.95, "emergency"),
        ("self_harm", "emergency", 0.95, "self_harm"),
        ("poison", "post_treatment_concern", 0.95, "poison"),
    ],
)
def test_the_classifier_makes_a_card_graver_and_never_milder(
    seen: str, heard: str, confidence: float, shown: str
) -> None:
    found = meaning("something odd", heard, Context(), confidence=confidence, seen=seen)
    assert [part.intent for part in found.parts] == [shown]


def several(*pieces: tuple[str, bool, str, float]) -> list[str | None]:
    heard = [(Piece(text, asks), verdict(intent, confidence)) for text, asks, intent, confidence in pieces]
    whole = verdict(pieces[-1][2], 0.8)
    found = understand(whole, Context(), text=" ".join(p[0] for p in pieces), pieces=heard, thresholds=LIMITS)
    return [part.intent for part in found.parts]


def test_two_questions_get_two_replies_in_their_order() -> None:
    assert several(("does it hurt", True, "ask_pain", 0.9), ("how many do i need", True, "ask_session_count", 0.9)) == [
        "ask_pain",
        "ask_session_count",
    ]


def test_a_greeting_and_a_setting_are_no_questions() -> None:
    assert several(("hi there", False, "greet", 0.99), ("does it hurt", True, "ask_pain", 0.9)) == ["ask_pain"]
    assert several(
        ("I take zoloft", False, "ask_medications", 0.9), ("is that a problem", True, "ask_safety", 0.7)
    ) == ["ask_safety"]


def test_at_most_three_and_a_button_for_the_rest() -> None:
    names = ["ask_pain", "ask_cost", "ask_sun", "ask_washing"]
    heard = [(Piece(name, asks=True), verdict(name, 0.9)) for name in names]
    found = understand(heard[0][1], Context(), text=" ".join(names), pieces=heard, thresholds=LIMITS)
    assert [part.intent for part in found.parts[:-1]] == names[:3]
    assert found.parts[-1] == Part("leave", ("ask_washing",))


@pytest.mark.parametrize(
    "text", ["no, mejor no, gracias", "no thanks", "nah forget it", "never mind", "changed my mind"]
)
@pytest.mark.parametrize("step", ["name", "phone", "time"])
def test_the_form_is_left_in_few_words(text: str, step: str) -> None:
    heard = verdict("deny", 0.6)
    found = understand(heard, Context(step=step), text=text, thresholds=LIMITS)
    assert [part.intent for part in found.parts] == ["cancel"]


def in_context(*guesses: tuple[str, float]) -> Verdict:
    return Verdict(tuple(Guess(intent, confidence) for intent, confidence in guesses), 0.8)


UNSURE = in_context(("ask_results_duration", 0.3), ("ask_maintenance", 0.25), ("out_of_scope", 0.2))


@pytest.mark.parametrize(
    ("together", "expected"),
    [
        (in_context(("ask_session_count", 0.5), ("ask_maintenance", 0.4), ("ask_cost", 0.1)), "ask_maintenance"),
        (in_context(("ask_session_count", 0.9), ("ask_maintenance", 0.08)), "ask_maintenance"),
    ],
)
def test_a_follow_up_is_heard_with_what_was_said_before(together: Verdict, expected: str) -> None:
    context = Context(topic="session_count")
    heard = understand(UNSURE, context, text="and after those?", in_context=together, thresholds=LIMITS)
    assert [part.intent for part in heard.parts] == [expected]


@pytest.mark.parametrize(
    ("cost", "expected"),
    [(0.41, "ask_cost"), (0.2, "ask_session_count")],
)
def test_what_sounds_like_another_topic_too_is_about_that_one(cost: float, expected: str) -> None:
    alone = in_context(("ask_session_count", 0.44), ("ask_cost", cost), ("ask_visit_length", 0.05))
    together = in_context(("ask_session_count", 0.87), ("ask_cost", 0.06))
    text = "and how much is one session"
    heard = understand(alone, Context(topic="session_count"), text=text, in_context=together, thresholds=LIMITS)
    assert [part.intent for part in heard.parts] == [expected]


def test_what_means_nothing_alone_is_about_the_last_topic() -> None:
    together = in_context(("ask_session_count", 0.9), ("ask_maintenance", 0.08))
    alone = in_context(("out_of_scope", 0.6), ("ask_cost", 0.2))
    heard = understand(alone, Context(topic="session_count"), text="so those?", in_context=together, thresholds=LIMITS)
    assert [part.intent for part in heard.parts] == ["ask_session_count"]


@pytest.mark.parametrize(
    "together",
    [
        in_context(("ask_session_count", 0.5), ("out_of_scope", 0.45)),
        in_context(("ask_session_count", 0.5), ("ask_cost", 0.18), ("ask_maintenance", 0.16)),
        in_context(("ask_session_count", 0.5), ("emergency", 0.45)),
    ],
)
def test_a_follow_up_that_stays_unclear_is_asked_about(together: Verdict) -> None:
    context = Context(topic="session_count")
    heard = understand(UNSURE, context, text="and that?", in_context=together, thresholds=LIMITS)
    assert [part.act for part in heard.parts] == ["ask_back"]


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ("and yoga?", verdict("ask_exercise", 0.5), True),
        ("and yoga?", verdict("ask_exercise", 0.97), False),
        ("what about those?", verdict("out_of_scope", 0.8), True),
        ("who won the game", verdict("out_of_scope", 0.8), False),
        ("and now a long story that has very little to do with it", verdict("ask_pain", 0.4), False),
    ],
)
def test_may_follow(text: str, own: Verdict, expected: bool) -> None:
    assert may_follow(text, own) is expected


def test_asking_back_once_is_enough() -> None:
    unclear = in_context(("ask_results_duration", 0.3), ("ask_maintenance", 0.25), ("out_of_scope", 0.2))
    first = understand(unclear, Context(), text="how long", thresholds=LIMITS)
    assert [part.act for part in first.parts] == ["ask_back"]
    again = understand(unclear, Context(asked_back=True), text="how long", thresholds=LIMITS)
    assert [part.act for part in again.parts] == ["hand_over"]
    elsewhere = understand(verdict("out_of_scope", 0.97), Context(asked_back=True), text="lol", thresholds=LIMITS)
    assert [part.act for part in elsewhere.parts] == ["decline"]


@pytest.mark.parametrize(
    ("shares", "heard"),
    [
        ({"ask_maintenance": 0.63, "ask_results_duration": 0.29}, "ask_maintenance"),
        ({"ask_maintenance": 0.45, "ask_session_count": 0.35}, None),  # leans to both buttons
        ({"ask_maintenance": 0.3, "out_of_scope": 0.5}, None),
        ({"ask_results_duration": 0.6, "ask_pain": 0.35}, None),  # leans to what was no button
    ],
)
def test_after_asking_back_few_words_may_lean_to_a_button(shares: dict[str, float], heard: str | None) -> None:
    unclear = Verdict(tuple(Guess(*share) for share in shares.items()), 0.9)
    asked = Context(asked_back=True, choices=("ask_maintenance", "ask_session_count"))
    (part,) = understand(unclear, asked, text="forever??", thresholds=LIMITS).parts
    assert (part.intent, part.act) == ((heard, "reply") if heard else (None, "hand_over"))
