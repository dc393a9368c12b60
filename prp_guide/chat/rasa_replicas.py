"""Asking one of several Rasas: a conversation stays with its own, and goes to the next while that one is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from prp_guide import replicas
from prp_guide.chat.rasa_client import RasaClient, RasaReply
from prp_guide.errors import RasaAway, RasaLost, RasaUnavailable

LOOK_AGAIN = 1.0  # seconds until one that was away is asked whether it is back

log = logging.getLogger(__name__)


class RasaReplicas:
    """Speaks to all of `clients`. Who does not answer is left out until it has understood a test message."""

    def __init__(self, clients: Sequence[RasaClient]) -> None:
        self._clients = {client.url: client for client in clients}
        self._away: set[str] = set()
        self._known: set[str] = set()  # those that have answered before: the others are only starting
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def timeout(self) -> float:
        """How long a turn may take, in seconds."""
        return max(client.timeout for client in self._clients.values())

    def __len__(self) -> int:
        return len(self._clients)

    async def turn(self, conversation: str, **said: Any) -> RasaReply:
        """The reply of the conversation's Rasa to what was `said`; see RasaClient.turn, which raises the same.

        The next one is told when the turn may have been heard already: heard twice, a message could fill two fields.
        """
        fault: RasaUnavailable | None = None
        again = False
        for url in self._in_order(conversation):
            try:
                reply = await self._clients[url].turn(conversation, again=again, **said)
                self._known.add(url)
                return reply
            except (RasaAway, RasaLost) as away:
                fault = away
                again = again or isinstance(away, RasaLost)
                self._leave_out(url)
            except (RasaUnavailable, asyncio.CancelledError):  # cancelled: the time for this turn is over
                self._doubt(url)
                raise
        raise fault or RasaUnavailable("There is no Rasa.")

    async def ready(self) -> str | None:
        """The name of the model with which one of them answers; None while none does."""
        models = await asyncio.gather(*map(self._look, self._clients))
        return next((model for model in models if model is not None), None)

    @property
    def answering(self) -> int:
        """How many are not left out."""
        return len(self._clients) - len(self._away)

    async def close(self) -> None:
        self._closed = True
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for client in self._clients.values():
            await client.close()

    def _in_order(self, conversation: str) -> list[str]:
        """Those that are away come last: where all are, one may be back already."""
        return sorted(replicas.order(conversation, self._clients), key=self._away.__contains__)

    async def _look(self, url: str) -> str | None:
        model = await self._clients[url].ready()
        if model is None:
            self._leave_out(url)
        elif url in self._away:
            self._away.discard(url)
            log.info("Rasa at %s answers%s.", url, " again" if url in self._known else "")
        if model is not None:
            self._known.add(url)
        return model

    def _leave_out(self, url: str) -> None:
        if url not in self._away and len(self._clients) > 1:
            self._away.add(url)
            if url in self._known:
                log.warning("Rasa at %s does not answer; others take its conversations.", url)
            else:
                log.info("Rasa at %s does not answer yet.", url)
            self._attend(url, self._await(url))

    def _doubt(self, url: str) -> None:
        """It may be busy, or gone: ask it something short, and leave it out if that is not answered either."""
        if url not in self._away and len(self._clients) > 1:
            self._attend(url, self._look_once(url))

    async def _look_once(self, url: str) -> None:
        await self._look(url)

    async def _await(self, url: str) -> None:
        while url in self._away:
            await asyncio.sleep(LOOK_AGAIN)
            await self._look(url)

    def _attend(self, url: str, work: Coroutine[Any, Any, None]) -> None:
        """One task for each Rasa: to wait for it goes before to doubt it."""
        doing = self._tasks.get(url)
        if self._closed or (doing is not None and not doing.done() and url not in self._away):
            work.close()
            return
        self._tasks[url] = asyncio.create_task(work)
