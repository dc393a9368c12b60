"""What goes into the meaning of a message, and what comes out: where the conversation stands, and the parts to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from prp_guide.language.decision import Decision
from prp_guide.language.details import Detail


@dataclass(frozen=True)
class Context:
    """Where the conversation stands."""

    step: str | None = None  # of the callback form, when it waits for an answer: name, phone, time, confirm
    topic: str | None = None  # the last one that was spoken of
    before: str | None = None  # the topic before that
    offered: str | None = None  # the choice that a bare "yes" would take
    choices: tuple[str, ...] = ()  # the intents of the last buttons, in their order
    asked_back: bool = False  # the last reply was "Which of these do you mean?"
    unclear: str = ""  # the patient's words that led to it
    card: str | None = None  # the intent of the red flag whose card was the last reply


@dataclass(frozen=True)
class Part:
    """One part of the reply: `intent` to reply on, `intents` to ask back between, or neither of both.

    Then it is out of scope, or, when asking back did not help, a case for the front desk: never a third guess.
    `leave` is for questions beyond those that one reply can hold: they become buttons.
    """

    act: Literal["reply", "ask_back", "decline", "hand_over", "leave"]
    intents: tuple[str, ...] = ()
    confidence: float = 1.0
    unsure: bool = False  # a worrying symptom, perhaps a graver one: the card asks

    @classmethod
    def of(cls, decision: Decision) -> Part:
        """The part that `decision` leads to."""
        return cls(decision.action, decision.intents, decision.confidence)

    @property
    def intent(self) -> str | None:
        return self.intents[0] if self.act == "reply" else None


@dataclass(frozen=True)
class Meaning:
    """The parts in the order to be said, red flags first; `details` for the callback form."""

    parts: tuple[Part, ...]
    details: tuple[Detail, ...] = field(default=())
