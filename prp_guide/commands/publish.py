"""`prp-guide publish` and `prp-guide rollback`: new phrases to a model in use, and back."""

from __future__ import annotations

from prp_guide.home import Home
from prp_guide.supervisor import shown


def publish(home: Home, *, by: str, background: bool) -> int:
    """Train, hold against the gates, put into use. Raises GateFailed, PublishError, SetupError, DataError."""
    from prp_guide.publishing import publish as run

    run(home, by=by, tell=shown, background=background)
    return 0


def rollback(home: Home, *, by: str) -> int:
    """Bring back the model before. Raises PublishError when none is kept."""
    from prp_guide.publishing import rollback as run

    run(home, by=by, tell=shown)
    return 0
