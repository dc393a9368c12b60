"""What one message means: the parts to reply to, in order, and the callback details in it.

Everything a reply depends on comes together here, apart from Rasa: the verdict on the words, a red flag, the step of
the callback form that waits for an answer, and what was said last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from prp_guide.language.classifier import OUT_OF_SCOPE, Guess, Verdict
from prp_guide.language.decision import Decision, Thresholds, decide
from prp_guide.language.details import Detail
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.language.questions import Piece

# Intents, by what they do to a conversation. data/phrases/conversation has a file for each.
CARDS = {
    "emergency": "emergency",
    "self_harm": "self_harm",
    "poison": "poison",
    "post_treatment_concern": "same_day",
}
CARD_INTENTS = {tier: intent for intent, tier in CARDS.items()}
CALLBACKS = ("request_callback", "book_appointment", "change_appointment")
SMALL_TALK = (
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "bot_challenge",
    "capabilities",
    "insult_or_frustration",
)
CANCEL = "cancel"
_ANSWERS_TO_A_STEP = frozenset(("affirm", "deny", CANCEL, "thanks", "greet"))

# "Which of these?" makes no sense of a greeting, a red flag or a stop.
_NO_BUTTON = frozenset((*SMALL_TALK, *CARDS, CANCEL, "callback_status", "out_of_scope"))
# Beside a question, these are manners.
_ASIDE = frozenset(("greet", "goodbye", "thanks", "affirm", "deny"))

_LEANS = re.compile(
    r"^\W*(?:and|what about|how about|so|why|but|then|or|also|same|y|qu[eé] tal|por ?qu[eé]|entonces|tambi[eé]n)\b"
    r"|\b(?:that|those|these|them|it|then|ones?|other|eso|esa|ese|esos)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"\W*(?:(?:but|and|so|ok|y|pero)\W+)*(?:why|why not|how so|how come|really|for real|are you sure|says who"
    r"|por ?qu[eé]|de verdad|en serio|seguro)\W*$",
    re.IGNORECASE,
)
_MOST_PARTS = 3
_CARD = 0.6  # how sure the classifier must be of a red flag that the screen's rules did not see
_PIECE_CARD = 0.9  # ... in a piece of a message, which says less
_QUESTION = 0.6  # how sure a piece must be to be a part of its own, when it asks
_STATEMENT = 0.85  # ... and when it only tells something
_FOLLOW_UP_WORDS = 8
_CLEAR_ALONE = 0.9
_SAME_TOPIC = 0.85
_PLAIN = 0.9  # ... to count whatever the whole message sounds like, in a short one
_SHORT = 40  # words
_ECHO = 0.003  # how much the verdict on the whole must think of a piece's intent
_CLEAR_ECHO = 0.01
_OUTSIDE = 0.8  # how sure the whole is out of scope, for its pieces to be mistrusted
_BEYOND = 0.95  # ... and how sure a single one must be to count all the same
_LIKELY_ANSWER = 0.15  # ... of an answer, when a yes or no was asked
_ROUTINE = 0.8  # ... and when a red flag stands beside it


@dataclass(frozen=True)
class Context:
    """Where the conversation stands."""

    step: str | None = None  # of the callback form, when it waits for an answer: name, phone, time, confirm
    topic: str | None = None  # the last one that was spoken of
    offered: str | None = None  # the choice that a bare "yes" would take
    asked_back: bool = False  # the last reply was "Which of these do you mean?"


@dataclass(frozen=True)
class Part:
    """One part of the reply: `intent` to reply on, `intents` to ask back between, or neither of both.

    Then it is out of scope, or, when asking back did not help, a case for the front desk: never a third guess.
    """

    act: Literal["reply", "ask_back", "decline", "hand_over"]
    intents: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def intent(self) -> str | None:
        return self.intents[0] if self.act == "reply" else None


@dataclass(frozen=True)
class Meaning:
    """The parts in the order to be said, red flags first; `details` for the callback form."""

    parts: tuple[Part, ...]
    details: tuple[Detail, ...] = field(default=())


def understand(
    verdict: Verdict,
    context: Context,
    *,
    text: str,
    pieces: Sequence[tuple[Piece, Verdict]] = (),
    flag: str | None = None,
    details: Sequence[Detail] = (),
    in_context: Verdict | None = None,
    thresholds: Thresholds,
) -> Meaning:
    """The meaning of `text`, whose verdict is `verdict`.

    `pieces` are its questions with a verdict each, when it holds several; `flag` is the tier that the red-flag screen
    found; `details` is what find_details found; `in_context` is the verdict on the last topic's question and `text`
    together, for a message that may_follow.
    """
    whole = _part(_decide(verdict, thresholds, card=_CARD))
    if in_context and context.topic and whole.act != "reply":
        bare = bool(_BARE.match(text))
        whole = _follow_up(whole, in_context, TOPIC_PREFIX + context.topic, thresholds, bare=bare)
    parts = _several(whole, verdict, pieces, len(text.split()), thresholds) if len(pieces) > 1 else (whole,)
    cards = [part for part in parts if part.intent in CARDS]
    if flag:
        cards = [Part("reply", (CARD_INTENTS[flag],))]
    if cards:
        routine = [part for part in parts if part.act == "reply" and part.intent not in CARDS and len(parts) > 1]
        return Meaning((cards[0], *[part for part in routine if part.confidence >= _ROUTINE][:1]))
    if context.step:
        first = whole if len(parts) == 1 else parts[0]
        if context.step == "confirm" and first.act != "reply":
            first = _yes_or_no(verdict) or first
        return _inside_the_form(first, context.step, text, tuple(details))
    if whole.intent == "affirm" and context.offered and len(parts) == 1:
        return Meaning((Part("reply", (context.offered,)),))
    if context.asked_back and len(parts) == 1 and _missed_again(parts[0]):
        return Meaning((Part("hand_over"),), tuple(details))
    return Meaning(parts, tuple(details))


def _several(
    whole: Part, verdict: Verdict, pieces: Sequence[tuple[Piece, Verdict]], words: int, thresholds: Thresholds
) -> tuple[Part, ...]:
    """The parts of a message of so many `words` that may hold several questions: `whole`, or those of its pieces.

    A piece taken from a story sounds like many things that the story is not about. So it counts only if the verdict on
    the whole thinks of its intent too, or if it is a plain question in a short message.
    """
    in_whole = {guess.intent: guess.confidence for guess in verdict.guesses}
    found: list[Part] = []
    asking = 0
    besides: tuple[Part, ...] = ()
    for piece, own in pieces:
        part = _part(_decide(own, thresholds, card=_PIECE_CARD))
        if piece.asks and part.act == "decline" and part.confidence >= _BEYOND and words <= _SHORT:
            besides = (Part("decline", (), part.confidence),)  # said in a clause after what is ours
        certain = _QUESTION if piece.asks else _STATEMENT
        if part.act != "reply" or part.intent is None or part.confidence < certain or part.intent in _ASIDE:
            continue
        plain = piece.asks and part.confidence >= _PLAIN and words <= _SHORT
        if not plain and in_whole.get(part.intent, 0.0) < _ECHO:
            continue
        if part.intent not in [other.intent for other in found]:
            found.append(part)
            # A statement before a question is mostly its setting: "I take zoloft, does it matter?" is one question.
            asking += piece.asks or part.intent in CARDS or part.intent in CALLBACKS
    foreign = in_whole.get(OUT_OF_SCOPE, 0.0) if whole.act == "decline" else 0.0
    if len(found) > 1:
        clear = all(part.confidence >= _PLAIN for part in found)
        echoed = all(in_whole.get(part.intent or "", 0.0) >= _CLEAR_ECHO for part in found)
        if (clear and (asking > 1 or echoed)) or (asking > 1 and foreign < _OUTSIDE):
            return (*found[:_MOST_PARTS], *besides)
    if whole.act != "reply" and found:
        best = max(found, key=lambda part: part.confidence)  # the question stands somewhere in a story
        if foreign < _OUTSIDE or (best.confidence >= _BEYOND and in_whole.get(best.intent or "", 0.0) >= _CLEAR_ECHO):
            return (best, *besides)
    return (whole, *besides) if whole.intent and whole.intent in [part.intent for part in found] else (whole,)


def _missed_again(part: Part) -> bool:
    return part.act == "ask_back" or (part.act == "decline" and part.confidence < _CLEAR_ALONE)


def may_follow(text: str, verdict: Verdict) -> bool:
    """Whether `text`, whose own verdict is `verdict`, may lean on what was said before: "and yoga?", "why?"."""
    if len(text.split()) > _FOLLOW_UP_WORDS or verdict.best.confidence >= _CLEAR_ALONE:
        return False
    return verdict.best.intent != OUT_OF_SCOPE or bool(_LEANS.search(text))


def _follow_up(alone: Part, verdict: Verdict, before: str, thresholds: Thresholds, *, bare: bool) -> Part:
    """What a message asks after the topic `before`, `verdict` being that on both together; `alone` when unclear.

    Half of such a verdict is owed to the last topic itself. What the message may mean by itself stays what it may mean:
    the last topic helps to choose, and says what a message is about that alone means nothing: `bare`, like "why?".
    """
    share = next((guess.confidence for guess in verdict.guesses if guess.intent == before), 0.0)
    if share >= _SAME_TOPIC and (alone.act == "decline" or bare or before in alone.intents):
        return Part("reply", (before,), share)
    rest = tuple(
        Guess(guess.intent, guess.confidence / (1 - share))
        for guess in verdict.guesses
        if guess.intent != before and (alone.act == "decline" or guess.intent in alone.intents)
    )
    part = _part(_decide(Verdict(rest, verdict.similarity), thresholds, card=_PIECE_CARD)) if rest else alone
    return part if part.act == "reply" and part.intent not in _NO_BUTTON else alone


def _yes_or_no(verdict: Verdict) -> Part | None:
    """What is meant as an answer to "Shall I send it?": there "all good" is a yes, though it may be much else."""
    for guess in verdict.guesses:
        if guess.intent in _ANSWERS_TO_A_STEP and guess.confidence >= _LIKELY_ANSWER:
            return Part("reply", (guess.intent,), guess.confidence)
    return None


def _decide(verdict: Verdict, thresholds: Thresholds, *, card: float) -> Decision:
    """The decision on `verdict`, in which a red flag counts only from the confidence `card` on.

    The screen's rules catch red flags; the classifier adds what they miss, where it is sure.
    """
    heard = tuple(guess for guess in verdict.guesses if guess.intent not in CARDS or guess.confidence >= card)
    return decide(
        Verdict(heard or verdict.guesses, verdict.similarity),
        thresholds,
        can_ask=lambda intent: intent not in _NO_BUTTON,
    )


def _part(decision: Decision) -> Part:
    return Part(decision.action, decision.intents, decision.confidence)


def _inside_the_form(part: Part, step: str, text: str, details: tuple[Detail, ...]) -> Meaning:
    """Inside the callback form a message is first an answer to the step, then perhaps a question as well."""
    if part.intent in _ANSWERS_TO_A_STEP:
        # "Hi, it's Jo", "no, Dan, not Jan": the name is the answer, the rest needs none.
        return Meaning(() if details else (part,), details)
    told = sum(len(detail.of(text).split()) for detail in details)
    rest = len(text.split()) - told
    if details and (rest <= 3 or part.act != "reply" or part.confidence < 0.8):
        return Meaning((), details)
    if part.act == "reply":
        return Meaning((part,), details)
    words = len(text.split())
    if not details and step == "time" and words <= 15 and "?" not in text:
        return Meaning((), (Detail("time", 0, len(text)),))
    if not details and step == "name" and words <= 3 and "?" not in text and text.replace(" ", "").isalpha():
        return Meaning((), (Detail("name", 0, len(text)),))
    # Not understood: the step says again what it needs, a button list would lead away from it.
    return Meaning((part,) if part.act == "decline" and "?" in text else (), details)
