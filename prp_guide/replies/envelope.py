"""One message of the assistant, as the chat API sends it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict

Kind = Literal[
    "answer",
    "staff",
    "callback",
    "handoff",
    "urgent",
    "crisis",
    "clinical",
    "chat",
    "clarify",
    "out_of_scope",
    "error",
]


class Source(TypedDict):
    """Where an answer comes from. `reviewed` is an ISO date, None until a clinic approved the answer."""

    section: str
    url: str
    reviewed: str | None


class Choice(TypedDict):
    """A button that says something for the patient; `topic` is what it leads to."""

    id: str
    label: str
    topic: str | None


class Action(TypedDict):
    """A button that leaves the chat: a call, a text message, a page."""

    label: str
    href: str


PRIVATE = "[your details]"  # stands in what is stored for what a patient entered, or was read back


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass
class Envelope:
    """A message. `text` is plain, never markup; `step` and `error` belong to the callback form.

    `form` names a form to show under the text, for when the assistant cannot ask step by step.
    """

    kind: Kind
    topic: str | None
    text: str
    lang: str = "en"
    pinned: bool = False
    step: str | None = None
    source: Source | None = None
    choices: Sequence[Choice] = ()
    actions: Sequence[Action] = ()
    error: str | None = None
    form: str | None = None
    id: str = field(default_factory=_new_id)

    def without_details(self) -> Envelope:
        """The message as it may be stored: a receipt holds the patient's phone number."""
        return replace(self, text=PRIVATE) if self.step == "done" else self

    def as_dict(self) -> dict[str, Any]:
        """The message as JSON holds it. `error` and `form` are there only when they are set."""
        message: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "topic": self.topic,
            "text": self.text,
            "lang": self.lang,
            "pinned": self.pinned,
            "step": self.step,
            "source": dict(self.source) if self.source else None,
            "choices": [dict(choice) for choice in self.choices],
            "actions": [dict(action) for action in self.actions],
        }
        for name in ("error", "form"):
            value = getattr(self, name)
            if value is not None:
                message[name] = value
        return message
