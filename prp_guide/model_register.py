"""Which models were in use, from when and by whom, and which stay out: PRP_HOME/models.json.

What `rollback` goes back to, and what keeps a restart from taking a model that failed a gate or was taken back.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from prp_guide import clock
from prp_guide.home import Home

MOST_ENTRIES = 100


@dataclass(frozen=True)
class Used:
    """A model that was put into use. `code` is the hash of the program that made it, `phrases` those of its phrases."""

    model: str
    at: str
    by: str
    code: str
    phrases: dict[str, str]

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Refused:
    """A model that stays out, and why."""

    model: str
    at: str
    by: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """The models of one installation, oldest first."""

    used: tuple[Used, ...] = ()
    refused: tuple[Refused, ...] = ()

    @classmethod
    def read(cls, home: Home) -> Register:
        """What is written down; nothing where that is missing or broken: it can be done without."""
        try:
            raw = json.loads((home.state / "models.json").read_text(encoding="utf-8"))
            used = tuple(Used(**entry) for entry in raw["used"])
            refused = tuple(Refused(**{**entry, "reasons": tuple(entry["reasons"])}) for entry in raw["refused"])
        except (OSError, ValueError, KeyError, TypeError):
            return cls()
        return cls(used, refused)

    def of(self, model: str) -> Used | None:
        """The last entry of `model`."""
        return next((entry for entry in reversed(self.used) if entry.model == model), None)

    def why_out(self, model: str) -> Refused | None:
        """Why `model` stays out, if it does."""
        return next((entry for entry in reversed(self.refused) if entry.model == model), None)

    def before(self, model: str) -> Used | None:
        """What was in use before `model`, and was not taken back itself."""
        for entry in reversed(self.used):
            if entry.model != model and self.why_out(entry.model) is None:
                return entry
        return None


def use(home: Home, model: str, *, by: str, code: str, phrases: dict[str, str]) -> None:
    """Write down that `model` is in use from now on."""
    before = Register.read(home)
    last = before.used[-1] if before.used else None
    used = before.used
    if last is None or last.model != model:
        used = (*used, Used(model, clock.now().isoformat(), by, code, phrases))
    _write(home, Register(used, tuple(entry for entry in before.refused if entry.model != model)))


def refuse(home: Home, model: str, *, by: str, reasons: tuple[str, ...]) -> None:
    """Write down that `model` stays out."""
    before = Register.read(home)
    others = tuple(entry for entry in before.refused if entry.model != model)
    _write(home, Register(before.used, (*others, Refused(model, clock.now().isoformat(), by, reasons))))


def _write(home: Home, register: Register) -> None:
    home.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    raw: dict[str, list[Any]] = {
        "used": [asdict(entry) for entry in register.used[-MOST_ENTRIES:]],
        "refused": [asdict(entry) for entry in register.refused[-MOST_ENTRIES:]],
    }
    path = home.state / "models.json"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(raw, indent=1), encoding="utf-8")
    part.replace(path)
