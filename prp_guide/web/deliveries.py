"""Deliveries go out for as long as the web process runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from prp_guide.frontdesk.senders import Senders
from prp_guide.frontdesk.worker import Worker
from prp_guide.privacy.access_log import MACHINE, SENT, AccessLog
from prp_guide.web.rounds import Rounds
from prp_guide.web.services import Services


@contextlib.asynccontextmanager
async def deliveries(services: Services) -> AsyncIterator[None]:
    """Send what the outbox holds, in threads, until the block ends."""
    senders = Senders(services.clinic.deliveries, services.home.root)
    rounds = Rounds(services)
    access = AccessLog.of(services.home)
    worker = Worker(
        services.outbox,
        services.callbacks,
        senders,
        keep=rounds.keep,
        tell=rounds.tell,
        disclosed=lambda reference, receiver: access.write(MACHINE, SENT, [reference], receiver),
    )
    await asyncio.to_thread(services.attendance.begin)
    worker.start()
    try:
        yield
    finally:
        await asyncio.to_thread(worker.stop)
