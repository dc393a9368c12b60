"""What patients asked and what became of it: the owner's page, `prp-guide report` and the Monday e-mail.

    insight = gather(engine, library, clinic, Span.last_days(28, clinic.zone))

Counts and topics. Patients' words stand in one place, the content gaps: redacted, and under the rules of `wordings`.
"""

from prp_guide.insight.figures import Insight, gather
from prp_guide.insight.span import Span

__all__ = ["Insight", "Span", "gather"]
