"""How far a publishing has come: PRP_HOME/run/publishing.json, for whoever looks at it from another process."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from prp_guide import clock
from prp_guide.errors import PublishError
from prp_guide.home import Home

Outcome = Literal["", "live", "chosen", "out", "failed", "back"]
STEPS = ("Checking the content", "Training", "Holding it against the gates", "Loading it")


@dataclass(frozen=True)
class State:
    """`step` of STEPS is under way, or `outcome` says how it ended: live, chosen (Rasa was down), out (a gate),
    failed, back (an earlier model). `running` is told by the lock, which dies with its process."""

    by: str = ""
    began: str = ""
    ended: str = ""
    step: int = 0
    line: str = ""
    outcome: Outcome = ""
    model: str = ""
    reasons: tuple[str, ...] = ()
    running: bool = False

    @property
    def interrupted(self) -> bool:
        """Whether it ended before it came to anything."""
        return bool(self.began) and not self.running and not self.outcome


class Running:
    """The state of the publishing that this process does."""

    def __init__(self, home: Home, by: str) -> None:
        self._path = home.state / "run" / "publishing.json"
        self.state = State(by=by, began=clock.now().isoformat())
        self.put()

    def put(self, **changes: object) -> None:
        """Write down `changes`."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        part.write_text(json.dumps(asdict(self.state)), encoding="utf-8")
        part.replace(self._path)

    def end(self, outcome: Outcome, reasons: tuple[str, ...] = ()) -> None:
        self.put(outcome=outcome, reasons=reasons, ended=clock.now().isoformat())


@contextlib.contextmanager
def alone(home: Home, by: str) -> Iterator[Running]:
    """Hold the installation's models for this process. Raises PublishError when another one does."""
    path = _lock(home)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PublishError("A model is being published already. Wait until it is done.") from None
        yield Running(home, by)


def read_state(home: Home) -> State:
    """The last publishing of `home`; an empty state where there was none."""
    try:
        raw = json.loads((home.state / "run" / "publishing.json").read_text(encoding="utf-8"))
        state = State(**{**raw, "reasons": tuple(raw["reasons"])})
    except (OSError, ValueError, KeyError, TypeError):
        state = State()
    return replace(state, running=_is_held(_lock(home)))


def _lock(home: Home) -> Path:
    return home.state / "run" / "publishing.lock"


def _is_held(path: Path) -> bool:
    try:
        with path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:  # no such folder yet
        return False
