"""Writing down who saw and did what in the inbox. What cannot be written down is not shown and not done."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from time import monotonic

from starlette.requests import Request

from prp_guide import keys
from prp_guide.privacy.access_log import LISTED, AccessLog
from prp_guide.web.desk.services import services

# A list that renews itself every two seconds shows the same people again: that is one look.
ONE_LOOK = 900.0  # seconds
REFERENCE = re.compile(r"PRP-[A-Z0-9]{4,8}")
MOST_REMEMBERED = 50_000


class Looks:
    """Which requests a person was shown in a list of late. In memory, and bounded."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def new(self, user: str, references: Iterable[str]) -> list[str]:
        """Those of `references` that `user` was not shown for a while."""
        now = monotonic()
        with self._lock:
            fresh = [
                one for one in dict.fromkeys(references) if self._seen.get((user, one), -ONE_LOOK) <= now - ONE_LOOK
            ]
            for one in fresh:
                self._seen[user, one] = now
                self._seen.move_to_end((user, one))
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return fresh

    def forget(self, user: str, references: Iterable[str]) -> None:
        """They were not written down after all."""
        with self._lock:
            for one in references:
                self._seen.pop((user, one), None)


def log_of(request: Request) -> AccessLog:
    """The access log of the installation that `request` came to."""
    desk = services(request)
    return AccessLog(desk.durable, keys.read_key(desk.home, keys.ACCESS_LOG))


def note(request: Request, user: str, act: str, references: Iterable[str] = (), detail: str | None = None) -> None:
    """Write down what `user` saw or did."""
    # A reference comes from an address: what is written like none names no request.
    log_of(request).write(user, act, filter(REFERENCE.fullmatch, references), detail)


def note_list(request: Request, user: str, references: Iterable[str]) -> None:
    """Write down which requests `user` is shown in a list, but for those of the last minutes."""
    looks = looks_of(request)
    fresh = looks.new(user, references)
    if not fresh:
        return
    try:
        note(request, user, LISTED, fresh)
    except Exception:
        looks.forget(user, fresh)
        raise


def looks_of(request: Request) -> Looks:
    """The looks at the application's lists; made with the first."""
    state = request.app.state
    if not hasattr(state, "desk_looks"):
        state.desk_looks = Looks()
    found: Looks = state.desk_looks
    return found
