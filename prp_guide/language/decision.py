"""What to do with a verdict: reply on one intent, ask back between a few, or admit that it is out of scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prp_guide.language.classifier import OUT_OF_SCOPE, Guess, Verdict

_CERTAIN = 0.9  # so sure that it does not matter how unusual the words are
_SURELY_TALK = 0.6  # so sure of small talk that a question in second place does not matter
_LIKELY_QUESTION = 0.25
_LOOKED_AT = 4  # guesses
_MOST_BUTTONS = 3


@dataclass(frozen=True)
class Thresholds:
    """Where certainty ends; values were chosen on the development messages (docs/evaluation.md)."""

    sure: float = 0.5  # the best guess is taken from this confidence on
    lead: float = 0.15  # ... if it leads the second by as much
    plausible: float = 0.12  # a guess worth a button when asking back
    inside: float = 0.5  # ... and "out of scope" by as much
    familiar: float = 0.35  # below this similarity, nothing like the message was ever seen


@dataclass(frozen=True)
class Decision:
    """`reply` on the only intent, `ask_back` between two or three, or `decline`, with none."""

    action: Literal["reply", "ask_back", "decline"]
    intents: tuple[str, ...]
    confidence: float


def decide(verdict: Verdict, thresholds: Thresholds, can_ask: Callable[[str], bool]) -> Decision:
    """The decision for `verdict`; `can_ask` tells which intents make sense as a button."""
    verdict = _question_before_talk(verdict, can_ask)
    best = verdict.best
    unseen = verdict.similarity < thresholds.familiar and best.confidence < _CERTAIN
    if best.intent == OUT_OF_SCOPE or unseen:
        return Decision("decline", (), best.confidence)
    second = verdict.guesses[1].confidence if len(verdict.guesses) > 1 else 0.0
    outside = next((guess.confidence for guess in verdict.guesses if guess.intent == OUT_OF_SCOPE), 0.0)
    # What makes no button is not asked about, and a greeting too many does no harm.
    ours = best.confidence - outside >= thresholds.inside or not can_ask(best.intent)
    if ours and best.confidence >= thresholds.sure and best.confidence - second >= thresholds.lead:
        return Decision("reply", (best.intent,), best.confidence)
    guesses = [guess for guess in verdict.guesses[:_LOOKED_AT] if can_ask(guess.intent)]
    buttons = tuple(guess.intent for guess in guesses if guess.confidence >= thresholds.plausible)
    if ours and len(buttons) < 2 and best.confidence >= thresholds.sure:
        return Decision("reply", (best.intent,), best.confidence)
    if buttons:
        # One button is no choice: the next guess stands beside it.
        chosen = buttons if len(buttons) > 1 else tuple(guess.intent for guess in guesses[:2])
        return Decision("ask_back", chosen[:_MOST_BUTTONS], best.confidence)
    return Decision("decline", (), best.confidence)


def _question_before_talk(verdict: Verdict, can_ask: Callable[[str], bool]) -> Verdict:
    """Between small talk and a question it is the question: "what do you actually do to me"."""
    talk, second = verdict.best, verdict.guesses[1] if len(verdict.guesses) > 1 else None
    if talk.intent == OUT_OF_SCOPE or can_ask(talk.intent) or talk.confidence >= _SURELY_TALK:
        return verdict
    if second is None or not can_ask(second.intent) or second.confidence < _LIKELY_QUESTION:
        return verdict
    rest = 1 - talk.confidence
    return Verdict(
        tuple(Guess(guess.intent, guess.confidence / rest) for guess in verdict.guesses[1:]), verdict.similarity
    )
