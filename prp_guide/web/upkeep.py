"""What is done once an hour: whatever has outlived its time is removed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from prp_guide.frontdesk import sign_in
from prp_guide.privacy import purge_conversations
from prp_guide.web.services import Services

EVERY = 3600.0  # seconds

log = logging.getLogger(__name__)


def clear(services: Services) -> None:
    """Remove old conversations, expired drafts of callbacks and notes, and sign-ins that have ended."""
    removed = purge_conversations(services.database)
    if removed:
        log.info("Removed %d conversations that were kept long enough.", removed)
    services.drafts.purge()
    services.inbox.drafts.purge()
    sign_in.purge(services.durable)


@contextlib.asynccontextmanager
async def upkeep(services: Services, every: float = EVERY) -> AsyncIterator[None]:
    """Clear at once and then once in `every` seconds, for as long as the block runs."""
    task = asyncio.create_task(_repeat(services, every))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _repeat(services: Services, every: float) -> None:
    while True:
        try:
            await asyncio.to_thread(clear, services)
        except Exception as fault:  # the next hour may go better; answering patients goes on
            log.error("Upkeep failed: %s", type(fault).__name__)
        await asyncio.sleep(every)
