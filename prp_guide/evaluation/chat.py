"""Asks a running assistant, as its patients do: through the chat API, each message in a conversation of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from prp_guide.errors import SetupError
from prp_guide.evaluation.verdicts import Label, Reply, Said

AT_ONCE = 4
_TIMEOUT = 60.0


def ask_all(url: str, texts: Sequence[str], *, at_once: int = AT_ONCE) -> list[Reply]:
    """The reply of the assistant at `url` to each of `texts`, `at_once` at a time.

    A message that is refused counts as an error of that status. The conversations are erased again. Raises
    SetupError when nobody answers, or when rate limits are in the way.
    """
    # Threads, and not asyncio: this is called from tests too, where a loop may be running.
    with httpx.Client(base_url=url, timeout=_TIMEOUT) as http, ThreadPoolExecutor(at_once) as workers:
        try:
            return list(workers.map(lambda text: _ask(http, text), texts))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as fault:
            raise SetupError(
                f"No assistant answers at {url} as it must: {type(fault).__name__} {fault}".rstrip()
            ) from None
        finally:
            workers.shutdown(cancel_futures=True)


def _ask(http: httpx.Client, text: str) -> Reply:
    opened = http.post("/api/chat/sessions", json={})
    _check(opened, http)
    opened.raise_for_status()
    session = {"Authorization": f"Bearer {opened.json()['session']}"}
    try:
        answered = http.post("/api/chat/messages", json={"text": text}, headers=session)
    finally:
        http.delete("/api/chat/sessions", headers=session)
    _check(answered, http)
    if answered.status_code != httpx.codes.OK:
        return (Said(Label("error", str(answered.status_code))),)
    return tuple(Said.of(message) for message in answered.json()["messages"])


def _check(response: httpx.Response, http: httpx.Client) -> None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise SetupError(
            f"The assistant at {http.base_url} limits how much one address may ask.\n"
            "    Start one to be measured, on this machine: PRP_LIMITS=off make start"
        )
