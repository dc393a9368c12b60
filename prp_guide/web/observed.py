"""Every request gets an id, which stands in the logs of all three processes; how long it took is counted."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prp_guide import metrics, request_id
from prp_guide.privacy import json_lines

log = logging.getLogger(__name__)


class Observed:
    """The outermost layer. An id that comes with the request counts only where a known proxy stands before us."""

    def __init__(self, app: ASGIApp, *, behind_proxy: bool = False) -> None:
        self.app = app
        self._behind_proxy = behind_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(request_id.HEADER) if self._behind_proxy else None
        own, status, began = request_id.begin(given), 500, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[request_id.HEADER] = own
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            took = perf_counter() - began
            # The name of what answers, never the path: that may hold what somebody typed.
            handler = getattr(scope.get("endpoint"), "__name__", "none")
            metrics.count("requests", handler=handler, method=_method(scope), status=str(status))
            metrics.observe("request", took, handler=handler)
            json_lines.event(log, "request", handler=handler, status=status, seconds=round(took, 4))


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS") else "other"
