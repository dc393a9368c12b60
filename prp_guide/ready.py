"""Find out whether the assistant answers: through the public chat API, with a real question."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from prp_guide.errors import SetupError

QUESTION = "What is PRP?"
_PAUSE = 0.5


def wait_for_answer(url: str, *, timeout: float, check: Callable[[], None]) -> None:
    """Return when a question asked at `url` is answered from the content.

    `check` is called between tries and may raise to end the waiting. Raises SetupError after `timeout`
    seconds, with what came instead of an answer.
    """
    deadline = time.monotonic() + timeout
    last = "nothing"
    while time.monotonic() < deadline:
        check()
        try:
            if _call(url, "GET", "/readyz")[0] == 200:
                kinds = ask(url, QUESTION)
                if "answer" in kinds:
                    return
                last = f"a reply of the kind {' and '.join(kinds) or 'none'}"
            else:
                last = "that it is not ready"
        except (OSError, http.client.HTTPException, ValueError) as fault:
            last = f"{type(fault).__name__} {fault}".strip()
        time.sleep(_PAUSE)
    raise SetupError(f"No answer to {QUESTION!r} at {url} within {timeout:.0f} s; what came was: {last}.")


def ask(url: str, question: str) -> list[str]:
    """The kinds of the messages that answer `question`, in a conversation of its own, erased afterwards.

    Raises OSError or ValueError when the chat API does not answer as it must.
    """
    _, started = _call(url, "POST", "/api/chat/sessions", {}, expect=201)
    token = str(started["session"])
    try:
        _, reply = _call(url, "POST", "/api/chat/messages", {"text": question}, token=token, expect=200)
        return [str(message["kind"]) for message in reply["messages"]]
    finally:
        _call(url, "DELETE", "/api/chat/sessions", token=token)


def _call(
    url: str, method: str, path: str, body: Any = None, *, token: str = "", expect: int | None = None
) -> tuple[int, Any]:
    """The status and the JSON, if any, that `path` answers. Raises ValueError if not of status `expect`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
    try:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        if expect is not None and response.status != expect:
            raise ValueError(f"{method} {path} answered {response.status}")
        is_json = "json" in (response.getheader("Content-Type") or "")
        return response.status, json.loads(content) if is_json and content else None
    finally:
        connection.close()
