"""Least data: what is taken out of a text before anything is written down, and how long the rest stays."""

from prp_guide.privacy.redaction import redact
from prp_guide.privacy.retention import KEPT_DAYS, purge_conversations

__all__ = ["KEPT_DAYS", "purge_conversations", "redact"]
