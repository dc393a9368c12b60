"""Whether this is an evaluation or a load run: `PRP_LIMITS=off`, which the start refuses where others can come in."""

from __future__ import annotations

import os


def limits_off() -> bool:
    """Whether rate limits are off."""
    return os.environ.get("PRP_LIMITS", "").lower() == "off"
