"""Where things lie: what we ship, the clinic's own files under `root`, what the installation makes under `state`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_IN_WHEEL = Path(__file__).resolve().parent / "shipped"
# A wheel carries what a checkout has at its root; see tool.hatch in pyproject.toml.
IS_CHECKOUT = not _IN_WHEEL.is_dir()
SHIPPED = PROJECT_ROOT if IS_CHECKOUT else _IN_WHEEL


@dataclass(frozen=True)
class Home:
    """Paths of one installation.

    `root` holds clinic.yml, data/ and models/ (`PRP_ROOT`; default: `PRP_HOME` once `prp-guide init` has made
    them there, else the checkout); `state` holds database, keys, logs and the name of the current model (`PRP_HOME`;
    default: the checkout's var/, without a checkout the folder that one is in).
    """

    root: Path
    state: Path

    @classmethod
    def from_env(cls) -> Home:
        root, state = os.environ.get("PRP_ROOT"), os.environ.get("PRP_HOME")
        if not state:
            state = str(Path(root or PROJECT_ROOT) / "var") if root or IS_CHECKOUT else "."
        made = Path(state).resolve()
        if not root:
            return cls(root=PROJECT_ROOT if IS_CHECKOUT and not (made / "clinic.yml").exists() else made, state=made)
        return cls(root=Path(root).resolve(), state=made)

    @property
    def owns_content(self) -> bool:
        """Whether clinic.yml and data/ are the clinic's own copy, apart from what we ship."""
        return self.root == self.state

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
        return self.program_file("models/encoder")

    def program_file(self, name: str) -> Path:
        """A file or folder of the program, such as config.yml: the one under `root`, or as we ship it."""
        own = self.root / name
        return own if own.exists() or not (SHIPPED / name).exists() else SHIPPED / name

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
