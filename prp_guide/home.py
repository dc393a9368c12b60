"""Where things lie: the project's own files under `root`, what the installation makes under `state`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """Paths of one installation.

    `root` holds clinic.yml, data/, config.yml (`PRP_ROOT`, default the checkout);
    `state` holds database, keys, logs and the name of the current model (`PRP_HOME`, default `<root>/var`).
    """

    root: Path
    state: Path

    @classmethod
    def from_env(cls) -> Home:
        root = Path(os.environ.get("PRP_ROOT") or PROJECT_ROOT).resolve()
        state = Path(os.environ.get("PRP_HOME") or root / "var").resolve()
        return cls(root=root, state=state)

    @property
    def clinic_file(self) -> Path:
        return self.root / "clinic.yml"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def encoder(self) -> Path:
        return self.models / "encoder"

    @property
    def keys(self) -> Path:
        return self.state / "keys"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def current_model_file(self) -> Path:
        return self.state / "current-model"

    @property
    def database_url(self) -> str:
        """`PRP_DATABASE_URL`, or the SQLite file under `state`."""
        return os.environ.get("PRP_DATABASE_URL") or f"sqlite:///{self.state / 'prp-guide.db'}"
