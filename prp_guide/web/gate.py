"""The gate: an address that floods us is turned away before anything of its requests is read.

Far above what the limits of prp_guide.web.limits allow, where even looking for an emergency in each message would cost
others their answers. The refusal is made once and sent as it is, and late: a connection that waits for it asks for
nothing else, and so a flood comes no quicker than its connections allow, which are counted (prp_guide.web.connections).
"""

from __future__ import annotations

import asyncio
import json

from starlette.types import ASGIApp, Receive, Scope, Send

from prp_guide.web.buckets import Buckets
from prp_guide.web.limits import ADDRESS_REQUESTS, network_of

LATE, RETRY_AFTER = 1.0, 2  # seconds
_BODY = json.dumps(
    {
        "type": "urn:prp-guide:problem:too-many-requests",
        "title": "Too many requests",
        "status": 429,
        "detail": f"Too many requests. Please try again in {RETRY_AFTER} s.",
    }
).encode()
_START = {
    "type": "http.response.start",
    "status": 429,
    "headers": [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(_BODY)).encode()),
        (b"retry-after", str(RETRY_AFTER).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'"),
    ],
}
_REST = {"type": "http.response.body", "body": _BODY}


class Gate:
    """Turns away what is beyond ADDRESS_REQUESTS. Its buckets are this process's own: asking others would cost more."""

    def __init__(self, app: ASGIApp, enabled: bool) -> None:
        self.app = app
        self._enabled = enabled
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._enabled and scope["type"] == "http":
            client = scope.get("client")
            if self._buckets.take(ADDRESS_REQUESTS, network_of(client[0] if client else "")):
                await asyncio.sleep(LATE)
                await send(_START)
                await send(_REST)
                return
        await self.app(scope, receive, send)
