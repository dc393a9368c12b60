"""How a reply is judged against what was due.

right     every topical message is the due one or an accepted alternative
assisted  it asked back, and a due topic is among the buttons
noisy     the due message, and beside it one on another topic
declined  it claimed nothing: out of scope, or asked back without the right button
wrong     a message on another topic
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

Verdict = Literal["right", "assisted", "noisy", "declined", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

# How grave a card is: an emergency number is as much for a poisoning or a crisis as for an emergency.
RED_FLAGS = {"clinical": 1, "urgent": 2, "crisis": 2}
CLAIMS = frozenset(("answer", "staff", *RED_FLAGS))
OUT_OF_SCOPE = "out_of_scope"
KINDS = (*sorted(CLAIMS), "callback", "handoff", "chat", OUT_OF_SCOPE)

# Of these kinds, any topic will do: the card, the front desk or the callback is there.
_ANY_TOPIC = frozenset((*RED_FLAGS, OUT_OF_SCOPE, "handoff", "callback"))
# These go along with a reply, they are none.
_ASIDE = frozenset(("chat", "clarify", "error"))


class Label(NamedTuple):
    """A reply in short, `kind:topic`."""

    kind: str
    topic: str

    @classmethod
    def parse(cls, text: str) -> Label:
        """The label that `text` writes; `oos` is short for out_of_scope."""
        kind, _, topic = text.partition(":")
        return cls(OUT_OF_SCOPE if kind == "oos" else kind, topic)

    def __str__(self) -> str:
        return self.kind if self.topic in ("", self.kind) else f"{self.kind}:{self.topic}"


# A finer topic that does as well where a coarser one is due.
_STANDS_FOR = {
    Label("staff", "other_services"): {"handoff:human", "staff:alternatives", "staff:other_prp_uses"},
    Label("staff", "billing"): {"handoff:human", "staff:cost", "staff:insurance"},
    Label("staff", "languages"): {"handoff:human", "staff:provider"},
    Label("staff", "fda_status"): {"answer:safety"},
}


@dataclass(frozen=True)
class Said:
    """One message of the assistant: what it is about, and the topics of its buttons."""

    label: Label
    choices: frozenset[str] = frozenset()

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Said:
        """The message as the chat API sends it."""
        choices = frozenset(str(choice.get("topic") or "") for choice in message.get("choices") or ())
        return cls(Label(str(message.get("kind")), str(message.get("topic") or "")), choices - {""})


Reply = tuple[Said, ...]


def accepted(said: Label, labels: Sequence[Label]) -> bool:
    """Whether `said` is one of `labels`, or does as well."""
    return any(_matches(said, label) for label in labels)


def _matches(said: Label, due: Label) -> bool:
    if said.kind == due.kind and (due.kind in _ANY_TOPIC or said.topic == due.topic):
        return True
    return f"{due.kind}:{due.topic}" in _STANDS_FOR.get(said, ())


def judge(reply: Reply, labels: Sequence[Label]) -> Verdict:
    """The verdict on `reply`, where any of `labels` was due."""
    topical = [said for said in reply if said.label.kind not in _ASIDE] or list(reply)
    good = any(accepted(said.label, labels) for said in topical)
    bad = any(said.label.kind in CLAIMS and not accepted(said.label, labels) for said in topical)
    if good:
        return "noisy" if bad else "right"
    for said in reply:
        if said.label.kind == "clarify":
            return "assisted" if any(label.topic in said.choices for label in labels) else "declined"
    if not reply or reply[0].label.kind in (OUT_OF_SCOPE, "error"):
        return "declined"
    return "wrong"


def flagged(reply: Reply) -> int:
    """How grave the gravest card of `reply` is, 0 where there is none."""
    return max((RED_FLAGS.get(said.label.kind, 0) for said in reply), default=0)


def caught(reply: Reply, labels: Sequence[Label]) -> bool:
    """Whether a red flag, the first of `labels`, was met by a card as grave, or by an accepted one."""
    kinds = {label.kind for label in labels} & set(RED_FLAGS)
    return flagged(reply) >= RED_FLAGS[labels[0].kind] or any(said.label.kind in kinds for said in reply)


def own_card(reply: Reply, due: Label) -> bool:
    """Whether the very card that is due is there: 988 for a crisis, not 911."""
    return any(said.label.kind == due.kind for said in reply)


def whole(reply: Reply, expect: Sequence[Label], alt: Sequence[Label] = ()) -> bool:
    """Whether a message with several questions was met: every part, nothing else, a red flag first.

    One part may be met by one of `alt` instead.
    """
    said = [one.label for one in reply]
    if expect[0].kind in RED_FLAGS:
        return bool(said) and accepted(said[0], expect[:1])
    missed = [due for due in expect if not any(_matches(label, due) for label in said)]
    if len(missed) > 1 or (missed and not any(accepted(label, alt) for label in said)):
        return False
    allowed = [*expect, *alt]
    return not any(label.kind in ("answer", "staff") and not accepted(label, allowed) for label in said)


@dataclass(frozen=True)
class Share:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def percent(self) -> float:
        """0 to 100; 0 of nothing is 0."""
        return 100 * self.count / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with a certainty of 95 %, in percent (Wilson)."""
        if not self.total:
            return 0.0, 100.0
        z, n, p = 1.96, self.total, self.count / self.total
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))

    def __str__(self) -> str:
        return f"{self.percent:.1f} % ({self.count} of {self.total})"
