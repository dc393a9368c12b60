"""The worker that empties the outbox."""

from __future__ import annotations

from prp_guide.frontdesk import outbox


def test_pauses_grow_and_differ() -> None:
    for attempts, longest in ((1, 5), (2, 10), (5, 80), (11, 3600), (500, 3600)):
        pauses = {outbox.delay(attempts).total_seconds() for _ in range(50)}
        assert len(pauses) > 10
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest
