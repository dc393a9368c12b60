"""What is done once an hour, and once a day: what has outlived its time is removed, the access log's head kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import desk_moments, hold, put, stamp
from prp_guide.delivery_settings import LOG
from prp_guide.frontdesk import outbox, sign_in
from prp_guide.frontdesk.dossier import Dossier
from prp_guide.privacy.access_log import HEAD_LINE, AccessLog
from prp_guide.privacy.retention import clear_copies, purge_conversations, wipe_soon
from prp_guide.web.services import Services

EVERY = 3600.0  # seconds
DAILY = timedelta(hours=23, minutes=30)  # from one daily run to the next, looked at once an hour
DONE_DAILY = "daily"  # a moment of the table desk_moments

log = logging.getLogger(__name__)


def clear(services: Services) -> None:
    """Remove old conversations, expired drafts of callbacks and notes, and sign-ins that have ended; daily all else."""
    kept = services.clinic.privacy
    removed = purge_conversations(services.database, kept.conversation_days)
    if removed:
        log.info("Removed %d conversations that were kept long enough.", removed)
    services.drafts.purge()
    services.inbox.drafts.purge()
    sign_in.purge(services.durable)
    clear_copies(services.durable, kept.conversation_days)
    if _is_due(services):
        run_daily(services)
    else:
        wipe_soon(services.durable)


def run_daily(services: Services) -> None:
    """What `prp-guide privacy purge` does beside the hourly clearing; and the access log's head goes out."""
    access = AccessLog.of(services.home)
    requests = Dossier(services.durable, services.drafts, access).purge(services.clinic.privacy.request_days)
    if requests:
        log.info("Removed %d callback requests that were kept long enough.", len(requests))
    wipe_soon(services.durable, whole=True)
    head = access.head()
    if head is not None:
        log.info("%s %s", HEAD_LINE, head)
        with services.durable.begin() as connection:
            outbox.write(connection, services.clinic.deliveries.names(LOG), outbox.HEAD, clock.now())


def _is_due(services: Services) -> bool:
    """Whether the daily run is due, which is then this process's to do."""
    with services.durable.begin() as connection:
        hold(connection, "upkeep")
        last = connection.execute(sa.select(desk_moments.c.at).where(desk_moments.c.name == DONE_DAILY)).scalar()
        if last is not None and clock.now() - datetime.fromisoformat(last) < DAILY:
            return False
        put(connection, desk_moments, {"name": DONE_DAILY}, {"at": stamp()})
    return True


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
