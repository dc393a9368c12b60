"""The id of the request that is being served, the same in web, Rasa and actions; it says nothing of who asks."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"
_LETTERS = "bcdfghjkmnpqrstvwxz"  # no digits, which might look like somebody's number, and no words
_FIT = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def begin(given: str | None = None) -> str:
    """From here on, in this task, `given` is the id; a new one where it is missing or could be anything else."""
    made = given if given and _FIT.fullmatch(given) else "".join(secrets.choice(_LETTERS) for _ in range(16))
    _current.set(made)
    return made


def current() -> str:
    """The id of the request that this task serves; empty where it serves none."""
    return _current.get()
