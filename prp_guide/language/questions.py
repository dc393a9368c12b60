"""One message into the questions that it holds: by sentence, by clause, by list.

Only the surface is looked at; whether two pieces really are two questions is for whoever classifies them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOUNS = 4  # words of a question without a verb
_FEWEST = 3  # words of a question that another one runs into
_LONGEST = 12  # pieces; a longer message is a story, and its end holds the question

_SENTENCE = re.compile(
    "|".join(
        (
            r"(?<=[?!])\s*(?=[\w\"'¿(])",
            r"(?<=[^\W\d_]{2}[.;])\s+|(?<=[)\d][.;])\s+",  # not after an initial, nor in "p. r. p."
            r"\n+|\s*(?:…|\.\.+)\s*",
            r"(?:^|(?<=[\s,;:.]))\(?\d[).]\s+",  # (1) ... 2) ...
            r"(?:^|(?<=[\s,;:.]))(?:first|second|third|next|also)\s*[:,]?\s+(?=\w+ (?:i|you|do|does|is|can|it|to)\b)",
        )
    ),
    re.IGNORECASE,
)
_OPENER = (
    r"(?:what|whats|what's|wat|wut|wht|how|hows|hw|when|whens|wen|where|wheres|who|whos|whose|which|why|is|are"
    r"|r|am|do|does|did"
    r"|can|could|cn|should|shud|shld|will|wud|wil|would|may|must|has|have i|have you|any|if i|if it|whether"
    r"|tell me|let me know"
    r"|i need|i want|i'd like|i would like|i also|someone|have someone|cancel|book|please|pls|price|cost|parking"
    r"|what about|how about|also|cu[aá]l(?:es)?|cu[aá]nt[oa]s?|cu[aá]ndo|d[oó]nde|c[oó]mo|por qu[eé]|qu[eé]"
    r"|qui[eé]n|puedo|pueden?"
    r"|duele|sirve|hay|tienen?|aceptan?|hablan?|atienden|necesito|debo|quiero|son|es|el precio|la direcci[oó]n)"
)
# Questions that are run together without a sign between them.
_RUN_ON = re.compile(
    r"(?<=\w)\s+(?=(?:how (?:long|much|many|often|soon|far|does|do|is|bad)|what(?: is|'?s| are| do| does"
    r"| happens)|where (?:do|is|are|can)"
    r"|when (?:can|do|should|will|would)|do (?:i|you|u|they|we)|does (?:it|this|insurance)|can (?:i|you|u|it)"
    r"|should i|shud i"
    r"|will (?:i|it|they)|would (?:i|it)|is (?:it|there|this)|are (?:you|there|they)|who (?:is|does|do|will))\b)",
    re.IGNORECASE,
)
# ... but not after these: "do you know how long", "i wonder if it".
_LEADS_ON = re.compile(
    r"\b(?:know|wonder(?:ing)?|ask(?:ing)?|see|say|says|said|tell|told|sure|understand|idea|clue|about|of|to"
    r"|for|on|if|that|and|or|but"
    r"|so|then|than|as|matter|depend(?:s|ing)?|from|when|while|after|before|until|till|because|cuz|bc|since"
    r"|what|how|where|which|who"
    r"|why|not|n't|i|you|u|they|we|he|she|it|this|there|is|are|was|the|a|an|my|your|plus|also|explain|me"
    r"|curious|question|with|long|much|many|often|soon|far|bad)$",
    re.IGNORECASE,
)
# ... nor inside of one question: "how many sessions is it usually", "what kind of shampoo should i use".
_WITHOUT_VERB = re.compile(
    r"\b(?:how|what|wat|which)\b(?!.*\b(?:is|are|am|was|r|do|does|did|can|could|should|shud|will|would"
    r"|may|must|has|have|cost|costs|cover|takes?|lasts?|works?|hurts?|happens|if|to)\b)",
    re.IGNORECASE,
)
_VERB_FIRST = re.compile(r"(?:do|does|can|should|shud|will|would|is|are)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    rf"\s*(?:[,;:–—]|\s-\s)\s*(?:(?:and|oh|plus|or|but|so|then|y|tambien|también|also|n)\s+)*(?={_OPENER}\b)"
    rf"|\s+(?:and|&|n|plus|or|but|then|y|so)\s+(?:(?:also|oh|then|tambien|también)\s+)?(?={_OPENER}\b)"
    r"|\s+(?:and|but|oh)\s+also\s+|\s+(?=also\b)|\s*\+\s*|\s+&\s+|\s+(?:anyway|meanwhile)[,\s]+",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^(?:(?:ok|okay|so|hi|hey|hello|and|also)[\s,]+)*"
    r"(?P<head>(?:can|could|may|should|will|would|is it (?:ok|okay|fine|safe) (?:to|if)|am i allowed to"
    r"|do i (?:have|need) to)(?:\s+(?:i|we|he|she|they|my \w+|one))?)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+", re.IGNORECASE)
_ASKS = re.compile(
    rf"^\W*(?:(?:and|oh|so|but|ok|okay|plus|or|then|n|y)\s+)*{_OPENER}\b"
    # ... and where the question begins later: "with prp do i get a full head back"
    r"|\b(?:do|does|did|can|could|is|are|am|will|would|should|how|what|when|where|who|why|which|have|has)\s+"
    r"(?:(?:many|much|long|often|soon|far|times|old|bad)\s+(?:\w+\s+(?:do|does|is|are|till|until|will|can)\s+)?)?"
    r"(?:i|it|you|u|they|there|we|he|she|this|that|the|my|your|ur|any|anyone|someone|times)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """A part of a message; `asks` when it has the form of a question or a request."""

    text: str
    asks: bool


def pieces(text: str) -> list[Piece]:
    """The sentences, clauses and list items of `text`, in order; one piece when there is nothing to part."""
    found: list[Piece] = []
    for sentence in _parts(_SENTENCE, text):
        questioned = "?" in sentence
        clauses = [part for clause in _parts(_CLAUSE, sentence) for part in _run_together(clause)]
        for clause in clauses:
            short = len(clause.split()) <= _NOUNS  # "recovery time + side effects?"
            asks = bool(_ASKS.search(clause)) or (questioned and (len(clauses) == 1 or "?" in clause or short))
            items = _items(clause) if asks or questioned else [clause]
            found.extend(Piece(item, asks or len(items) > 1) for item in items)
    return found[-_LONGEST:] or [Piece(text, "?" in text)]


def _run_together(clause: str) -> list[str]:
    """ "can i eat first where do i park" as two questions."""
    found = [clause]
    for gap in reversed(list(_RUN_ON.finditer(clause))):
        before, after = clause[: gap.start()], found[0][gap.end() :]
        apart = len(before.split()) >= _FEWEST and len(after.split()) >= _FEWEST
        one = _VERB_FIRST.match(after) and _WITHOUT_VERB.search(before)
        if apart and _ASKS.search(before) and not _LEADS_ON.search(before) and not one:
            found[:1] = [before, after]
    return found


def _items(clause: str) -> list[str]:
    """ "can i run, swim and drink wine" as three questions, each with its beginning."""
    match = _HEAD.match(clause)
    if not match:
        return [clause]
    items = _parts(_ITEM, match["rest"])
    if len(items) < 2 or any(len(item.split()) > 9 for item in items):
        return [clause]
    return [f"{match['head']} {item}" for item in items]


def _parts(pattern: re.Pattern[str], text: str) -> list[str]:
    cut = [part.strip(" ,;:-") for part in pattern.split(text) if part]
    kept: list[str] = []
    for part in cut:
        if kept and re.fullmatch(r"(?:i|my|we|it|he|she|and|so|but|oh)", kept[-1], re.IGNORECASE):
            kept[-1] = f"{kept[-1]} {part}"  # "I / also don't see why": no question ends with its subject
        elif re.search(r"\w", part):
            kept.append(part)
    return kept
