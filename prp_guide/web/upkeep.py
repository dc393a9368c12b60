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
DONE_DAILY, LAST_HOUR, HELD_SINCE = "daily", "hour", "clock"  # moments of the table desk_moments
LONGEST_REST = timedelta(days=3)  # a server may be off over a weekend
HOLD = timedelta(days=1)

log = logging.getLogger(__name__)


def clear(services: Services) -> None:
    """Remove old conversations, expired drafts of callbacks and notes, and sign-ins that have ended; daily all else."""
    if not _clock_is_trusted(services):
        return
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


def _clock_is_trusted(services: Services) -> bool:
    """Whether old things may be removed now. A clock that has jumped ahead makes everything old at once.

    After a jump, or a long rest that looks like one, nothing is removed for a day, and the log says so.
    """
    now = clock.now()
    with services.durable.begin() as connection:
        hold(connection, "upkeep")
        names = (LAST_HOUR, HELD_SINCE)
        query = sa.select(desk_moments.c.name, desk_moments.c.at).where(desk_moments.c.name.in_(names))
        moments = {row.name: datetime.fromisoformat(row.at) for row in connection.execute(query)}
        last, held = moments.get(LAST_HOUR, now), moments.get(HELD_SINCE)
        if now - last > LONGEST_REST:
            held = now
            put(connection, desk_moments, {"name": HELD_SINCE}, {"at": stamp(now)})
        put(connection, desk_moments, {"name": LAST_HOUR}, {"at": stamp(now)})
    if now - last > LONGEST_REST:
        log.error(
            "The clock is %d days further than when this ran last. If the server was not off so long, the clock is "
            "wrong: put it right. Nothing is removed for a day.",
            (now - last).days,
        )
    elif last - now > timedelta(minutes=5):
        log.error("The clock went back by %s. What waits is sent now, due times may look odd.", last - now)
    return held is None or not timedelta() <= now - held < HOLD


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
