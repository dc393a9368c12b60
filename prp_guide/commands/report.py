"""`prp-guide report`: what patients asked, as one HTML file."""

from __future__ import annotations

from pathlib import Path

from prp_guide.errors import SetupError
from prp_guide.home import Home


def report(home: Home, *, days: int, target: Path) -> int:
    """Write the figures of the last `days` days to the file `target`. Raises DataError, SetupError."""
    from prp_guide.clinic import load_clinic
    from prp_guide.content import Library
    from prp_guide.database import migrate, open_database
    from prp_guide.insight import Span, gather
    from prp_guide.insight.gaps import foremost, with_wordings
    from prp_guide.insight.page import document
    from prp_guide.insight.wordings import find_wordings

    migrate(home.database_url)
    clinic = load_clinic(home.clinic_file)
    insight = gather(open_database(home), Library.load(home), clinic, Span.last_days(days, clinic.zone))
    insight = insight.with_gaps(with_wordings(insight.gaps, find_wordings(home, foremost(insight.gaps), threads=2)))
    part = target.with_name(f"{target.name}.part")
    try:
        # Whoever else uses this machine need not read it.
        part.touch(mode=0o600)
        part.write_text(document(insight, write=lambda _gap: None), encoding="utf-8")
        part.replace(target)
    except OSError as fault:
        raise SetupError(f"{target} cannot be written: {fault.strerror}.") from None
    print(f"{target}: {insight.questions} questions of {days} days, {len(insight.gaps)} gaps.")
    return 0
