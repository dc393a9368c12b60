"""Reply, ask back or decline: one row a verdict."""

import pytest

from prp_guide.language.classifier import Guess, Verdict
from prp_guide.language.decision import Thresholds, decide

LIMITS = Thresholds(sure=0.5, lead=0.2, plausible=0.15, familiar=0.4)


def verdict(similarity: float = 0.8, **confidences: float) -> Verdict:
    guesses = sorted((Guess(name, value) for name, value in confidences.items()), key=lambda g: -g.confidence)
    return Verdict(tuple(guesses), similarity)


@pytest.mark.parametrize(
    ("given", "action", "intents"),
    [
        (verdict(ask_washing=0.9, ask_sun=0.05), "reply", ("ask_washing",)),
        (verdict(ask_washing=0.45, ask_aftercare=0.4), "ask_back", ("ask_washing", "ask_aftercare")),
        (verdict(ask_washing=0.55, ask_aftercare=0.4), "ask_back", ("ask_washing", "ask_aftercare")),
        (verdict(out_of_scope=0.8, ask_washing=0.1), "decline", ()),
        (verdict(similarity=0.2, ask_washing=0.6), "decline", ()),
        (verdict(similarity=0.2, ask_washing=0.97), "reply", ("ask_washing",)),
        (verdict(ask_washing=0.1, ask_sun=0.1), "decline", ()),
        (verdict(ask_washing=0.45, greet=0.4), "ask_back", ("ask_washing",)),
        (verdict(ask_washing=0.3, out_of_scope=0.35), "decline", ()),
    ],
)
def test_decision(given: Verdict, action: str, intents: tuple[str, ...]) -> None:
    decision = decide(given, LIMITS, can_ask=lambda intent: intent != "greet")
    assert (decision.action, decision.intents) == (action, intents)
