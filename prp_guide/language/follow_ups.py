"""Messages that mean something only after what was said before: "why?", "the second one", "and yoga?", "it's fine"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from prp_guide.language.classifier import OUT_OF_SCOPE, Guess, Verdict
from prp_guide.language.intents import CARDS, NO_BUTTON, topic_of
from prp_guide.language.parts import Context, Part
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.language.questions import pieces

_LEANS = re.compile(
    r"^\W*(?:and|what about|how about|so|why|but|then|or|also|same|y|qu[eé] tal|por ?qu[eé]|entonces|tambi[eé]n)\b"
    r"|\b(?:that|those|these|them|it|then|ones?|other|eso|esa|ese|esos)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"^\W*(?:(?:no|nope|nah|sorry|oops|oh|wait|actually|not that|perd[oó]n)\W+)*"
    r"(?:i\s+mean(?:t)?|i\s+was\s+asking|me\s+refiero\s+a|quise\s+decir|quer[ií]a\s+decir)\s+"
    r"(?:to\s+(?:say|ask)\s+)?(?:about\s+)?(?P<what>\w.*)$"
    r"|^(?P<this>.*\w)[\s,]+(?:i\s+mean(?:t)?|quise\s+decir)\W*$",
    re.IGNORECASE | re.DOTALL,
)
_FOLLOW_UP_WORDS = 8
_OTHER_WORDS = 16
_CLEAR_ALONE = 0.9
_CLEAR_QUESTION = 0.8  # after a card: "ok can he shower tonight" takes nothing back
_SAME_TOPIC = 0.85
_ANOTHER_TOPIC = 0.3


def pointed_at(text: str, whole: Part, context: Context) -> Part | None:
    """The part that `text` points at in what was said before; None when it points at nothing there.

    `whole` is what the words mean alone.
    """
    words = len(text.split())
    asks = topic_of(whole.intent) is not None and (whole.confidence >= _CLEAR_QUESTION or pieces(text)[-1].asks)
    taken_back = whole.intent in ("affirm", "deny") or (_holds(text, "taken_back") and not asks)
    if context.card and context.choices and context.choices[0] in CARDS and whole.intent == "affirm":
        return Part("reply", (context.choices[0],))  # "is any of this happening?"
    if context.card and words <= _FOLLOW_UP_WORDS and taken_back:
        return Part("reply", (context.card,))
    if context.asked_back and (is_only(text, "none") or is_only(meant(text), "other")):
        return Part("hand_over")
    if chosen := _chosen(text, context.choices):
        return Part("reply", (chosen,))
    if whole.intent == "affirm" and context.offered and not is_only(text, "noted"):
        return Part("reply", (context.offered,))
    named = topic_of(whole.intent) is not None and whole.confidence >= _CLEAR_QUESTION
    if context.before and words <= _OTHER_WORDS and not named and _holds(text, "other"):
        return Part("reply", (TOPIC_PREFIX + context.before,))
    if context.topic and not context.before and is_only(meant(text), "other"):
        return Part("reply", ("capabilities",))  # nothing else was spoken of
    if context.offered and is_only(text, "rest"):
        return Part("reply", (context.offered,))
    for kind in _phrases()["after"].values() if context.topic else ():
        if context.topic in kind["topics"] and _made_of(text, kind["phrases"]):
            return Part("reply", (TOPIC_PREFIX + kind["topics"][context.topic],))
    if whole.act != "reply" and is_only(text, "noted"):
        return Part("reply", ("affirm",))
    if context.topic and is_only(text, "again"):
        return Part("reply", (TOPIC_PREFIX + context.topic,))
    if context.topic and is_only(text, "more"):
        more = context.offered if context.offered and context.offered.startswith(TOPIC_PREFIX) else None
        return Part("reply", (more or TOPIC_PREFIX + context.topic,))
    return None


def meant(text: str) -> str:
    """What `text` says was meant, of "no sorry i meant the price" or "the visit i mean"; else `text` as it is."""
    found = _MEANT.match(text)
    return (found["what"] or found["this"]) if found else text


def may_follow(text: str, verdict: Verdict) -> bool:
    """Whether `text`, whose own verdict is `verdict`, may lean on what was said before: "and yoga?", "why?"."""
    if len(text.split()) > _FOLLOW_UP_WORDS or verdict.best.confidence >= _CLEAR_ALONE:
        return False
    return verdict.best.intent != OUT_OF_SCOPE or bool(_LEANS.search(text))


def follow_up(alone: Part, own: Verdict, verdict: Verdict, before: str, decide: Callable[[Verdict], Part]) -> Part:
    """What a message asks after the topic `before`; `alone`, what it means by itself, when that is unclear.

    `own` is the verdict on the message, `verdict` that on the last topic's question and the message together.

    Half of such a verdict is owed to the last topic itself. What the message may mean by itself stays what it may mean:
    the last topic helps to choose, and says what a message is about that alone means nothing.
    """
    share = _share(verdict, before)
    # Who was just told of a topic, and sounds like another one too, asks about the other one.
    others = alone.intents if alone.act == "decline" else tuple(one for one in alone.intents if one != before)
    besides = (
        len(others) < len(alone.intents) and max((_share(own, one) for one in others), default=0) >= _ANOTHER_TOPIC
    )
    if share >= _SAME_TOPIC and not besides and (alone.act == "decline" or before in alone.intents):
        return Part("reply", (before,), share)
    heard = own if besides else verdict
    rest = tuple(
        Guess(guess.intent, guess.confidence / (1 - _share(heard, before)))
        for guess in heard.guesses
        if guess.intent != before and (alone.act == "decline" or guess.intent in alone.intents)
    )
    part = decide(Verdict(rest, verdict.similarity)) if rest else alone
    return part if part.act == "reply" and part.intent not in NO_BUTTON else alone


def _share(verdict: Verdict, intent: str) -> float:
    return next((guess.confidence for guess in verdict.guesses if guess.intent == intent), 0.0)


def is_only(text: str, name: str) -> bool:
    """Whether `text` is made of the phrases `name` of follow_ups.yml, and of fillers."""
    return _made_of(text, _phrases()[name])


def _chosen(text: str, choices: tuple[str, ...]) -> str | None:
    """The one of `choices` that `text` names by its place: "the second one"."""
    for place, phrases in _phrases()["chosen"].items():
        if len(choices) > max(place, 1) and _made_of(text, phrases):
            return choices[int(place)]
    return None


def _made_of(text: str, phrases: Iterable[Any]) -> bool:
    # Fillers are phrases as well, at times: in a long text there would be too many ways to read it.
    return len(text.split()) <= _OTHER_WORDS and bool(_pattern(tuple(phrases)).fullmatch(_plain(text)))


def _holds(text: str, name: str) -> bool:
    """Whether one of the phrases `name` of follow_ups.yml stands in `text`."""
    return bool(re.search(rf"(?:^| )(?:{_any(_phrases()[name])}) ", _plain(text)))


def _plain(text: str) -> str:
    """The words of `text`, each with a blank behind it."""
    return "".join(f"{word} " for word in re.findall(r"[^\W_](?:[\w'’]*\w)?", text.lower().replace("’", "'")))


@cache
def _pattern(phrases: tuple[Any, ...]) -> re.Pattern[str]:
    fillers = rf"(?:(?:{_any(_phrases()['fillers'])}) )*?"
    return re.compile(rf"{fillers}(?:(?:{_any(phrases)}) {fillers})+")


def _any(phrases: Iterable[Any]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(map(str, phrases), key=len, reverse=True))


@cache
def _phrases() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return lists
