"""Replies of the last minute that differ from what may be stored, such as a read-back of the patient's details.

So a message that is sent again gets the reply that its first run had.
"""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from prp_guide.chat.turns import Message


class Recent:
    """In memory, and bounded."""

    SIZE, SECONDS = 1000, 60.0

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, list[Message]]] = OrderedDict()

    def put(self, session: str, client_id: str, messages: list[Message]) -> None:
        """Keep the reply to the session's message `client_id` for a minute."""
        self._drop_old()
        self._kept[session, client_id] = (monotonic() + self.SECONDS, messages)
        while len(self._kept) > self.SIZE:
            self._kept.popitem(last=False)

    def get(self, session: str, client_id: str) -> list[Message] | None:
        """That reply, or None when there was none or the minute is over."""
        self._drop_old()
        found = self._kept.get((session, client_id))
        return None if found is None else found[1]

    def forget(self, session: str) -> None:
        """Let go of all replies to an erased session."""
        for key in [key for key in self._kept if key[0] == session]:
            del self._kept[key]

    def _drop_old(self) -> None:
        while self._kept and next(iter(self._kept.values()))[0] < monotonic():
            self._kept.popitem(last=False)
