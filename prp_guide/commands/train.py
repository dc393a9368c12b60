"""`prp-guide train`: have a current model."""

from __future__ import annotations

from prp_guide import model
from prp_guide.home import Home
from prp_guide.supervisor import shown


def train(home: Home, *, force: bool) -> int:
    """Train a model unless the chosen one is current. Raises SetupError with the last words of a failure."""
    found = None if force else model.current(home)
    if found is None:
        model.train(home, shown, force=force)
    else:
        shown(f"{found.name} is current: nothing to train.")
    return 0
