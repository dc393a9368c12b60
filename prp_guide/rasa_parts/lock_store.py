"""One message of a conversation at a time: in this process always, among several Rasas by Rasa's own lock in Redis.

Redis may be away: then this process's order stands alone. That is enough as long as the conversation stays with one
Rasa, and where it does not, the tracker store refuses the later of two savings.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, RedisLockStore
from redis.connection import parse_url

from prp_guide import metrics

LIFETIME = 10.0  # seconds: longer than a turn may take, so that what a killed Rasa held is soon free
LONGEST_WAIT = 4.0  # seconds, half of what a patient waits
POLL = 0.1
ANSWER = 0.5  # seconds for Redis
REST = 5.0  # seconds for which a Redis that did not answer is not asked

log = logging.getLogger(__name__)


class ConversationLocks(InMemoryLockStore):
    """Named in endpoints.yml. The Redis is that of PRP_REDIS_URL; without one, locks are this process's alone."""

    def __init__(self, endpoint_config: Any = None) -> None:
        super().__init__()
        url = os.environ.get("PRP_REDIS_URL") or ""
        self._shared = _redis_locks(url) if url else None
        self._rests_until = 0.0

    @contextlib.asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = POLL
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation for as long as the block runs."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            ticket = await self._take(conversation_id)
            try:
                yield held
            finally:
                self._give(conversation_id, ticket)

    async def _take(self, conversation: str) -> int | None:
        """Our ticket in Redis when it is our turn there; None where that cannot be had."""
        if self._shared is None or monotonic() < self._rests_until:
            return None
        try:
            ticket = self._shared.issue_ticket(conversation, LIFETIME)
        except LockError:  # of whatever happened, Redis being away for one
            self._rest()
            return None
        try:
            await asyncio.wait_for(self._shared._acquire_lock(conversation, ticket, POLL), LONGEST_WAIT)
        except asyncio.TimeoutError:
            log.warning("A conversation was held by another process for %g s; going on.", LONGEST_WAIT)
        except redis.RedisError:
            self._rest()
            return None
        except LockError:  # Redis was emptied
            return None
        return ticket

    def _give(self, conversation: str, ticket: int | None) -> None:
        if self._shared is None or ticket is None or monotonic() < self._rests_until:
            return
        try:
            self._shared.cleanup(conversation, ticket)
        except redis.RedisError:
            self._rest()

    def _rest(self) -> None:
        self._rests_until = monotonic() + REST
        metrics.count("redis_away")
        log.warning("Redis does not answer: conversations are locked in this process alone.")


def _redis_locks(url: str) -> RedisLockStore:
    named = parse_url(url)
    return RedisLockStore(
        host=named.get("host", "localhost"),
        port=named.get("port", 6379),
        db=named.get("db", 0),
        username=named.get("username"),
        password=named.get("password"),
        use_ssl=url.startswith("rediss:"),
        key_prefix="prp",
        socket_timeout=ANSWER,
    )
