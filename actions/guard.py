"""What stands before the action server: whom it answers, and what its answers and logs may hold.

It is attached when Rasa's SDK loads this package, so it stands there under `rasa run actions` too. With an error the
SDK sends back the whole request, the patient's words among it; that is cut off here.
"""

from __future__ import annotations

import hmac
import logging
from time import perf_counter
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from prp_guide import keys, metrics, request_id
from prp_guide.privacy import json_lines, logs

SDK = "rasa_sdk"  # the name of its Sanic app

log = logging.getLogger(__name__)


def guard(app: Any) -> None:
    """Put our checks before the action server `app`. Raises SetupError for a secret that is too short, a bad port."""
    shared = keys.shared_secret()

    async def admit(request: Request) -> HTTPResponse | None:
        request.ctx.began = perf_counter()
        request_id.begin(request.headers.get(request_id.HEADER))
        refused = why_not(request.ip, request.headers.get("authorization") or "", shared)
        return None if refused is None else _refusal(*refused)

    async def say_nothing(request: Request, response: HTTPResponse) -> HTTPResponse | None:
        if request.path == "/webhook":
            took = perf_counter() - getattr(request.ctx, "began", perf_counter())
            metrics.count("actions", status=str(response.status))
            metrics.observe("action", took)
            json_lines.event(log, "action", status=response.status, seconds=round(took, 4))
        if response.status < 500:
            return None
        return _refusal(response.status, "The action failed.")

    app.register_middleware(admit, "request")
    app.register_middleware(say_nothing, "response")
    logs.keep_clean("actions")
    metrics.serve("actions")


def why_not(address: str, authorization: str, shared: bytes | None) -> tuple[int, str] | None:
    """Why whoever calls from `address` is not answered, as status and words; None when they are."""
    if shared is None:
        return None if keys.is_loopback(address) else (403, "This server answers its own machine only.")
    given = authorization.removeprefix("Bearer ").encode()
    return None if hmac.compare_digest(given, shared) else (401, "This server answers Rasa only.")


def _refusal(status: int, error: str) -> HTTPResponse:
    return json({"error": error}, status=status)


try:
    guard(Sanic.get_app(SDK))
except SanicException:
    log.debug("No action server runs in this process.")
