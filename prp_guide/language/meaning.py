"""What one message means: the parts to reply to, in order, and the callback details in it.

Everything a reply depends on comes together here, apart from Rasa: the verdict on the words, a red flag, the step of
the callback form that waits for an answer, and what was said last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prp_guide.language.classifier import OUT_OF_SCOPE, Verdict
from prp_guide.language.decision import Thresholds, decide
from prp_guide.language.details import Detail
from prp_guide.language.follow_ups import follow_up, pointed_at
from prp_guide.language.form_answers import inside_the_form
from prp_guide.language.intents import ASIDE, CALLBACKS, CARD_INTENTS, CARDS, NO_BUTTON, SAME_DAY
from prp_guide.language.parts import Context, Meaning, Part
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.language.questions import Piece
from prp_guide.red_flags import TAKEN_BACK

_MOST_PARTS = 3
_LITTLE = 2  # words that may mean much: "how long"
_SURE_OF_LITTLE = 0.7
_CARD = 0.4  # how sure the classifier must be, of all red flags together, where the screen's rules saw none
_CARD_BESIDE_AN_ANSWER = 0.8  # ... in a message that gives the callback form what it asked for
_CARD_TAKEN_BACK = 0.8  # ... where they saw words of one, and only to take them back: "no fever, no pus"
_PIECE_CARD = 0.95  # ... in a piece of a message, which says less
_ECHOED_CARD = 0.85  # ... when the whole message sounds of it too
_CARD_ECHO = 0.1
_CLEAR_CARD = 0.7  # below this, the card for a worrying symptom asks whether it is an emergency
_SURELY_GRAVER = 0.6  # how sure the classifier must be of a red flag, to make it graver than the screen's rules do
_GRAVER = 0.4  # of the likeliest red flag's share: from here on a graver one comes first
_QUESTION = 0.5  # how sure a piece must be to be a part of its own, when it asks
_STATEMENT = 0.85  # ... and when it only tells something
_PLAIN = 0.8  # ... to count whatever the whole message sounds like, in a short one
_SHORT = 40  # words
_ECHO = 0.007  # how much the verdict on the whole must think of a piece's intent
_CLEAR_ECHO = 0.01
_OUTSIDE = 0.35  # how sure the whole is out of scope, for its pieces to be mistrusted
_BEYOND = 0.95  # ... and how sure a single one must be to count all the same
_ROUTINE = 0.9  # ... and when a red flag stands beside it
_CLEAR_ALONE = 0.9  # so sure of the words alone that nothing said before matters
_LEANING = 0.35  # how sure one of the buttons must be, in what was said instead of tapping one
_CLEARLY = 2  # ... by this factor surer than the next button
_NOT_OURS = 0.9  # how sure it must be that what was said after asking back is out of scope, not one more miss


def understand(
    verdict: Verdict,
    context: Context,
    *,
    text: str,
    pieces: Sequence[tuple[Piece, Verdict]] = (),
    seen: str | None = None,
    details: Sequence[Detail] = (),
    in_context: Verdict | None = None,
    thresholds: Thresholds,
) -> Meaning:
    """The meaning of `text`, whose verdict is `verdict`.

    `pieces` are its questions with a verdict each, when it holds several; `seen` is the word for what the red-flag
    screen saw (prp_guide.red_flags.Sight); `details` is what find_details found; `in_context` is the verdict on the
    last topic's question and `text` together, for a message that may_follow, or on what was asked back about and
    `text` together.
    """
    if len(text.split()) <= _LITTLE and verdict.best.intent not in NO_BUTTON:
        thresholds = replace(thresholds, sure=max(thresholds.sure, _SURE_OF_LITTLE))
    taken_back = seen == TAKEN_BACK
    card = _CARD_TAKEN_BACK if taken_back else _CARD_BESIDE_AN_ANSWER if context.step and details else _CARD
    whole = _part(verdict, thresholds, card=card)
    echoes = sum(guess.confidence for guess in verdict.guesses if guess.intent in CARDS) >= _CARD_ECHO
    piece_card = _ECHOED_CARD if echoes and not taken_back else _PIECE_CARD
    words = len(text.split())
    parts = _several(whole, verdict, pieces, words, thresholds, piece_card) if len(pieces) > 1 else (whole,)
    cards = [part for part in parts if part.intent in CARDS]
    if seen in CARD_INTENTS:
        ruled = Part("reply", (CARD_INTENTS[seen],))
        graver = [card for card in cards if card.confidence >= _SURELY_GRAVER and _graver(card, ruled)]
        cards = graver or [ruled]
    if cards:
        routine = [part for part in parts if part.act == "reply" and part.intent not in CARDS and len(parts) > 1]
        return Meaning((cards[0], *[part for part in routine if part.confidence >= _ROUTINE][:1]))
    if context.step:
        heard = [(piece, _part(own, thresholds, card=_PIECE_CARD)) for piece, own in pieces]
        return inside_the_form(whole, verdict, heard, context, text, tuple(details))
    if len(parts) == 1 and (pointed := pointed_at(text, parts[0], context)):
        return Meaning((pointed,), tuple(details))
    if in_context and context.topic and not context.asked_back and whole.act != "reply" and parts == (whole,):
        topic = TOPIC_PREFIX + context.topic
        parts = (follow_up(whole, verdict, in_context, topic, lambda both: _part(both, thresholds, card=_PIECE_CARD)),)
    if context.asked_back and len(parts) == 1:
        parts = (_after_asking_back(parts[0], verdict, in_context, context.choices),)
    return Meaning(parts, tuple(details))


def _several(
    whole: Part,
    verdict: Verdict,
    pieces: Sequence[tuple[Piece, Verdict]],
    words: int,
    thresholds: Thresholds,
    card: float,
) -> tuple[Part, ...]:
    """The parts of a message of so many `words` that may hold several questions: `whole`, or those of its pieces.

    A piece taken from a story sounds like many things that the story is not about. So it counts only if the verdict on
    the whole thinks of its intent too, or if it is a plain question in a short message; red flags from `card` on.
    """
    in_whole = {guess.intent: guess.confidence for guess in verdict.guesses}
    thresholds = replace(thresholds, sure=min(thresholds.sure, _QUESTION))  # a piece has its own, below
    found: list[Part] = []
    asking = 0
    besides: tuple[Part, ...] = ()
    for piece, own in pieces:
        part = _part(own, thresholds, card=card)
        if piece.asks and part.act == "decline" and part.confidence >= _BEYOND and words <= _SHORT:
            besides = (Part("decline", (), part.confidence),)  # said in a clause after what is ours
        certain = _QUESTION if piece.asks else _STATEMENT
        if part.act != "reply" or part.intent is None or part.confidence < certain or part.intent in ASIDE:
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
            left = tuple(part.intent for part in found[_MOST_PARTS:] if part.intent not in NO_BUTTON and part.intent)
            return (*found[:_MOST_PARTS], *besides, *((Part("leave", left),) if left else ()))
    if whole.act != "reply" and found:
        best = max(found, key=lambda part: part.confidence)  # the question stands somewhere in a story
        if foreign < _OUTSIDE or (best.confidence >= _BEYOND and in_whole.get(best.intent or "", 0.0) >= _CLEAR_ECHO):
            return (best, *besides)
    return (whole, *besides) if whole.intent and whole.intent in [part.intent for part in found] else (whole,)


def _graver(card: Part, other: Part) -> bool:
    """Whether `card` is graver. An emergency and self-harm are equally grave: neither card may replace the other."""
    equal = ("emergency", "self_harm")
    return other.intent not in equal and (card.intent in equal or (card.intent == "poison" != other.intent))


def _after_asking_back(alone: Part, verdict: Verdict, together: Verdict | None, choices: Sequence[str]) -> Part:
    """What is said instead of tapping one of `choices`: one of them in other words, or a second miss.

    `alone` is what the message means by itself, `together` the verdict on it with the words that led to asking back.
    """
    if together and alone.confidence < _CLEAR_ALONE and (surely := _leaning(together, choices, least=_PLAIN)):
        return surely  # "how long", "the visit"
    if not _missed_again(alone):
        return alone
    leaning = _leaning(verdict, choices) or (_leaning(together, choices) if together else None)
    return leaning or Part("hand_over")


def _leaning(verdict: Verdict, choices: Sequence[str], *, least: float = _LEANING) -> Part | None:
    """The one of `choices` that what was said after "Which of these?" clearly leans to: "forever??"."""
    shares = sorted(
        ((guess.confidence, guess.intent) for guess in verdict.guesses if guess.intent in choices), reverse=True
    )
    if not shares or shares[0][0] < least:
        return None
    second = shares[1][0] if len(shares) > 1 else 0.0
    return Part("reply", (shares[0][1],), shares[0][0]) if shares[0][0] >= _CLEARLY * second else None


def _missed_again(part: Part) -> bool:
    return part.act == "ask_back" or (part.act == "decline" and part.confidence < _NOT_OURS)


def _part(verdict: Verdict, thresholds: Thresholds, *, card: float) -> Part:
    """What `verdict` leads to; red flags count in it only if they have the confidence `card` together.

    The screen's rules catch red flags; the classifier adds what they miss. Which card it is matters less than that one
    is shown, and between two the graver one is.
    """
    flags = {guess.intent: guess.confidence for guess in verdict.guesses if guess.intent in CARDS}
    together = sum(flags.values())
    if together >= card:
        likely = max(flags.values()) * _GRAVER
        gravest = next(intent for intent in CARDS if flags.get(intent, 0.0) >= likely)
        return Part("reply", (gravest,), together, unsure=CARDS[gravest] == SAME_DAY and together < _CLEAR_CARD)
    heard = tuple(guess for guess in verdict.guesses if guess.intent not in CARDS)
    decision = decide(
        Verdict(heard or verdict.guesses, verdict.similarity),
        thresholds,
        can_ask=lambda intent: intent not in NO_BUTTON,
    )
    return Part.of(decision)
