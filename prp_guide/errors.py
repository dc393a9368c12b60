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
    ├── EditError               an answer cannot be changed as asked
    │   ├── EditRefused         the checks found faults; says which, and where in the answer
    │   └── ChangedMeanwhile    somebody else changed it since it was opened; says who and what
    ├── PublishError            a model cannot go live; the one in use stays
    │   └── GateFailed          it fell short of a gate; says of which
    ├── PageError               the clinic's page cannot be had, or is not what was asked for
    └── DeliveryError           a receiver did not take a delivery; it is tried again
        └── AddressRefused      a receiver's name stands for an address inside, which nobody allowed

A message is written for the person who has to act on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class RasaAway(RasaUnavailable):
    """Nobody heard the turn: no Rasa listens there, or it is loading its model. Another one may be asked."""


class RasaLost(RasaUnavailable):
    """The connection broke in the middle of a turn, which may have been heard."""


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


class EditError(PRPGuideError):
    """An answer cannot be changed as asked; the message is for the person who edits."""


class EditRefused(EditError):
    """The checks found faults. `findings` are (place in the answer, what is wrong, what to write instead)."""

    def __init__(self, findings: Sequence[tuple[str, str, str]]) -> None:
        self.findings = tuple(findings)
        lines = [f"{place or 'all answers'}: {problem}. {hint}".rstrip() for place, problem, hint in findings]
        super().__init__("Nothing was saved.\n" + "\n".join(f"    {line}" for line in lines))


class ChangedMeanwhile(EditError):
    """Somebody else changed the answer since it was opened. `by` is their name, `changes` say what they changed."""

    def __init__(self, by: str, changes: Sequence[str]) -> None:
        self.by, self.changes = by, tuple(changes)
        what = f": {', '.join(changes)}" if changes else ""
        super().__init__(f"{by} changed this while you were writing{what}. Nothing was saved.")


class PublishError(PRPGuideError):
    """A model cannot go live; the message says why. The one in use stays."""


class GateFailed(PublishError):
    """A new model fell short. `reasons` are sentences for the owner."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(
            "The new model stays out, the one in use stays.\n" + "\n".join(f"    {one}" for one in reasons)
        )


class PageError(PRPGuideError):
    """The clinic's page cannot be fetched or read, or what came is another page; the message says what to do."""


class DeliveryError(PRPGuideError):
    """A receiver did not take a delivery. The message is shown in the inbox: it holds no secret and no patient."""


class AddressRefused(DeliveryError):
    """A receiver's name stands for an internal address, and `internal_hosts` does not name it."""
