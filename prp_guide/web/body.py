"""Reading a request's JSON body: bounded in size, time and depth, and only what says that it is JSON."""

from __future__ import annotations

import json
from typing import Any

import anyio
from starlette.requests import Request

from prp_guide.web.problems import Problem, malformed

LARGEST = 4096  # bytes
SLOWEST = 10.0  # seconds


async def read_object(request: Request, *, optional: bool = False) -> dict[str, Any]:
    """The JSON object in the body; {} for an empty body where it is `optional`.

    Raises Problem: 400 (no UTF-8, no JSON, no object), 408, 413, 415.
    """
    raw = await _read(request)
    if optional and not raw.strip(b" \t\r\n"):
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "unsupported-media-type", "Send the body as application/json.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("The body is not UTF-8.") from None
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # finds escapes such as \ud800, half a character
    except UnicodeEncodeError:
        raise malformed("The body holds half a Unicode character.") from None
    except (ValueError, RecursionError):
        raise malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise malformed("The body must be a JSON object.")
    return value


async def _read(request: Request) -> bytes:
    too_large = Problem(413, "too-large", f"The body may have {LARGEST} bytes at most.")
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > LARGEST:
        raise too_large
    parts = bytearray()
    try:
        with anyio.fail_after(SLOWEST):
            async for part in request.stream():
                parts += part
                if len(parts) > LARGEST:
                    raise too_large
    except TimeoutError:
        raise Problem(408, "request-timeout", "The body did not arrive in time.") from None
    return bytes(parts)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
