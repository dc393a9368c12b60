"""Messages inside the callback form: answers to a step, corrections, questions in between, second thoughts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from prp_guide.language.classifier import Verdict
from prp_guide.language.details import Detail, says_nothing
from prp_guide.language.follow_ups import is_only
from prp_guide.language.intents import ASIDE, CALLBACKS, CANCEL
from prp_guide.language.parts import Context, Meaning, Part
from prp_guide.language.questions import Piece

_ANSWERS = frozenset(("affirm", "deny", CANCEL, "thanks", "greet"))
_LIKELY_ANSWER = 0.15  # how sure an answer must be, when a yes or no was asked
_QUESTION = 0.6  # ... a piece of a message that asks
_CLEAR_QUESTION = 0.8  # ... and words beside a detail
_SECOND_THOUGHTS = 0.7  # ... a wish to stop
_LONGEST_TIME = 15  # words
_MOST_QUESTIONS = 3
_FEW_WORDS = 3  # beside a detail: "it is", "my cell"

# The number is theirs to keep: then the clinic's own is the way on.
_KEEPS_NUMBER = re.compile(
    r"\b(?:rather not|don'?t want to|do not want to|not comfortable|prefer not to|not (?:going to|gonna)|won'?t"
    r"|no way|prefiero no|no quiero)\b"
    r".*\b(?:give|giving|share|sharing|say|phone|number|dar|dejar|n[uú]mero)\b",
    re.IGNORECASE,
)
# A change that is announced before the new value comes.
_CHANGE = re.compile(
    r"\b(?:change|fix|correct\s+(?:it|my|the)|edit|update|wrong|mistake|incorrect|not right|cambiar|corregir"
    r"|equivocad\w+)\b",
    re.IGNORECASE,
)

_YES = re.compile(
    r"\W*(?:(?:ok|okay|so|great|perfect)\W+)*(?:y|yes|yep|yeah|yup|sure|ok|okay|send|correct|s[ií]|claro)\b",
    re.IGNORECASE,
)


def inside_the_form(
    whole: Part,
    verdict: Verdict,
    pieces: Sequence[tuple[Piece, Part]],
    context: Context,
    text: str,
    details: tuple[Detail, ...],
) -> Meaning:
    """A message at `context.step`: `whole` is what it means alone, `pieces` are its clauses with what each means."""
    if context.step == "phone" and not details and _KEEPS_NUMBER.search(text):
        return Meaning((Part("reply", (CANCEL,)),))
    if is_only(text, "stop") and whole.intent != "thanks":
        return Meaning((Part("reply", (CANCEL,)),))
    questions = _questions(whole, pieces, text, details)
    if _stops(whole, pieces) and not any(detail.kind == "phone" for detail in details):
        return Meaning((Part("reply", (CANCEL,)), *questions))
    only_calls = all(part.intent in CALLBACKS for part in questions)
    if context.step == "confirm" and not details and only_calls and _CHANGE.search(text):
        return Meaning((Part("reply", ("deny",)),))
    if context.step == "confirm" and not details and not questions:
        whole = _yes_or_no(verdict) or whole
    if any(detail.kind == "voicemail" for detail in details) and not questions:
        return Meaning((Part("reply", ("affirm",)),) if _YES.match(text) and len(details) == 1 else (), details)
    if questions or details:
        return Meaning(questions, details)
    if whole.intent in _ANSWERS:
        return Meaning((whole,))
    if context.step == "time" and len(text.split()) <= _LONGEST_TIME and "?" not in text and not says_nothing(text):
        return Meaning((), (Detail("time", 0, len(text)),))  # "once the kids are asleep"
    # Not understood: the step says again what it needs, a button list would lead away from it.
    return Meaning((whole,) if whole.act == "reply" or (whole.act == "decline" and "?" in text) else ())


def _questions(
    whole: Part, pieces: Sequence[tuple[Piece, Part]], text: str, details: tuple[Detail, ...]
) -> tuple[Part, ...]:
    """What is asked besides the answer, at most three."""
    if len(pieces) > 1:
        asked = [part for piece, part in pieces if piece.asks and part.confidence >= _QUESTION and _is_question(part)]
        distinct = {part.intents: part for part in reversed(asked)}
        return tuple(reversed(distinct.values()))[:_MOST_QUESTIONS]
    if not _is_question(whole):
        return ()
    told = sum(len(detail.of(text).split()) for detail in details)
    rest = len(text.split()) - told
    if details and (rest <= _FEW_WORDS or whole.confidence < _CLEAR_QUESTION or whole.intent in CALLBACKS):
        return ()
    return (whole,)


def _is_question(part: Part) -> bool:
    return part.act == "reply" and part.intent not in _ANSWERS and part.intent not in ASIDE


def _stops(whole: Part, pieces: Sequence[tuple[Piece, Part]]) -> bool:
    parts = [whole, *(part for _, part in pieces)]
    return any(part.intent == CANCEL and part.confidence >= _SECOND_THOUGHTS for part in parts)


def _yes_or_no(verdict: Verdict) -> Part | None:
    """What is meant as an answer to "Shall I send it?": there "all good" is a yes, though it may be much else."""
    for guess in verdict.guesses:
        if guess.intent in _ANSWERS and guess.confidence >= _LIKELY_ANSWER:
            return Part("reply", (guess.intent,), guess.confidence)
    return None
