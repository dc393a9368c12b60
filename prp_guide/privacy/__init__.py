"""Least data: what is taken out of a text before anything is written down, how long the rest stays, and who saw it."""

from prp_guide.privacy.redaction import redact

__all__ = ["redact"]
