"""Every error that PRP Guide raises on purpose.

    PRPGuideError
    ├── DataError               a data file is not as it must be; says file, line and what to write
    ├── SetupError              something on this machine is missing, taken or not ours
    ├── ConversationError
    │   ├── ConversationGone    the conversation was erased, has expired or never was
    │   └── ConversationMoved   someone else saved the same conversation in between
    ├── RasaUnavailable         Rasa is starting, down, too slow, or answered nothing
    ├── CallbackError
    │   ├── CallbackInvalid     a field of a callback request cannot be accepted, with a sentence per field
    │   ├── KeyReused           an idempotency key came again with another body
    │   └── TooManyRequests     so many requests for one phone number are open that no more is taken
    ├── DeskError               something at the front desk cannot be done as asked
    │   ├── AlreadyTaken        somebody else works on this request
    │   └── TooLate             it can no longer be undone
    ├── AccessLogBroken         the access log is not as it was written; says from which entry on
    ├── PageError               the clinic's page cannot be had, or is not what was asked for
    └── DeliveryError           a receiver did not take a delivery; it is tried again
        └── AddressRefused      a receiver's name stands for an address inside, which nobody allowed

A message is written for the person who has to act on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class PRPGuideError(Exception):
    """The root of the family: catch this to catch all of them."""


class DataError(PRPGuideError):
    """A data file cannot be used.

    `path` and `line` (1-based, None when unknown) say where, `problem` what is wrong, `hint` what to write instead.
    """

    def __init__(self, path: Path | str, line: int | None, problem: str, hint: str = "") -> None:
        self.path, self.line, self.problem, self.hint = Path(path), line, problem, hint
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {problem}" + (f"\n    {hint}" if hint else ""))


class SetupError(PRPGuideError):
    """The machine or the installation is not ready; the message says what to do."""


class ConversationError(PRPGuideError):
    """A conversation cannot go on."""


class ConversationGone(ConversationError):
    """The conversation was erased, has expired or never was."""


class ConversationMoved(ConversationError):
    """The conversation was saved by someone else since it was read; nothing was overwritten."""


class RasaUnavailable(PRPGuideError):
    """Rasa gave no usable reply: starting, down, too slow, or empty."""


class CallbackError(PRPGuideError):
    """A callback request cannot be taken as it is."""


class CallbackInvalid(CallbackError):
    """`fields` maps each refused field to one sentence that says what to enter."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in self.fields.items()))


class KeyReused(CallbackError):
    """The idempotency key was used before, with another request."""


class TooManyRequests(CallbackError):
    """So many requests for one phone number wait already; an urgent one is never refused so."""


class DeskError(PRPGuideError):
    """Something at the front desk cannot be done as asked; the message is for the person at the page."""


class AlreadyTaken(DeskError):
    """Somebody else works on this request; `by` is their name."""

    def __init__(self, by: str, patient: str) -> None:
        self.by = by
        super().__init__(f"{by} has taken {patient}. Nothing was changed.")


class TooLate(DeskError):
    """It happened too long ago, or something else has happened since; nothing was undone."""


class AccessLogBroken(PRPGuideError):
    """The access log is not as it was written."""


class PageError(PRPGuideError):
    """The clinic's page cannot be fetched or read, or what came is another page; the message says what to do."""


class DeliveryError(PRPGuideError):
    """A receiver did not take a delivery. The message is shown in the inbox: it holds no secret and no patient."""


class AddressRefused(DeliveryError):
    """A receiver's name stands for an internal address, and `internal_hosts` does not name it."""
