"""The action servers, one or several: a conversation stays with its own, and goes to the next one when that is away.

Asking a second one is safe, unlike asking a second Rasa: a draft takes the same detail twice, and a request has a key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

from prp_guide import metrics, replicas, request_id

PATIENCE = 3.0  # seconds for one that may hang, where there is another
REST = 5.0  # seconds for which one that did not answer is asked last

log = logging.getLogger(__name__)


class ActionServers(EndpointConfig):
    """What Rasa calls its action endpoint, at each of `urls`. Headers and the rest are those of `given`."""

    def __init__(self, given: EndpointConfig | None, urls: Sequence[str]) -> None:
        headers = given.headers if given else {}
        kwargs = given.kwargs if given else {}
        super().__init__(f"{urls[0]}/webhook", headers=headers, **kwargs)
        self._servers = {url: EndpointConfig(f"{url}/webhook", headers=headers, **kwargs) for url in urls}
        self._rests: dict[str, float] = {}

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """What the conversation's action server answers. Raises what aiohttp raises when none of them does."""
        conversation = str((kwargs.get("json") or {}).get("sender_id"))
        headers = {request_id.HEADER: request_id.current()} if request_id.current() else {}
        fault: Exception | None = None
        for url in self._in_order(conversation):
            try:
                return await self._ask(self._servers[url], *args, headers=headers, **kwargs)
            except (aiohttp.ClientConnectionError, asyncio.TimeoutError) as away:
                if isinstance(away, asyncio.TimeoutError):
                    away = aiohttp.ServerTimeoutError("no answer in time")
                fault = away
                self._rests[url] = monotonic() + REST
                metrics.count("action_servers_away")
                log.warning("The action server at %s does not answer: %s.", url, type(away).__name__)
        assert fault is not None, "there is at least one"
        raise fault

    async def _ask(self, server: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        asking = server.request(*args, **kwargs)
        return await (asyncio.wait_for(asking, PATIENCE) if len(self._servers) > 1 else asking)

    def _in_order(self, conversation: str) -> list[str]:
        now = monotonic()
        return sorted(replicas.order(conversation, self._servers), key=lambda url: self._rests.get(url, 0.0) > now)
