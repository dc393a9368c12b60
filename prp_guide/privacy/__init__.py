"""Least data: what is taken out of a text before anything is written down. Knows nothing of chats."""

from prp_guide.privacy.redaction import redact

__all__ = ["redact"]
