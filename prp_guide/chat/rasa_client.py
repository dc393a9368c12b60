"""Asking Rasa over its channel on loopback: one keep-alive client, one time limit for the whole call.

aiohttp, which Rasa brings, reads and writes HTTP in C: the call costs a fourth of what it does through httpx.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
import anyio

from prp_guide import request_id
from prp_guide.errors import ConversationGone, RasaAway, RasaLost, RasaUnavailable

TIMEOUT = 8.0  # seconds, from sending a turn to having its reply
READY_TIMEOUT = 3.0
_CONNECT_TIMEOUT = 2.0
STARTING = 425  # "too early": what the channel answers while nothing can be begun

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RasaReply:
    """What Rasa says to one turn. `kept`: the envelopes as they may be stored; `private`: no word may be."""

    messages: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    private: bool


class RasaClient:
    """Speaks to the channel at `url`; `secret` proves to it that we are the web process."""

    def __init__(self, url: str, secret: bytes, *, timeout: float = TIMEOUT) -> None:
        self.timeout = timeout
        self.url = url
        self._url = f"{url.rstrip('/')}/webhooks/prp"
        self._headers = {"Authorization": f"Bearer {secret.decode()}", "Content-Type": "application/json"}
        self._http: aiohttp.ClientSession | None = None

    async def turn(
        self,
        conversation: str,
        *,
        text: str | None = None,
        choice: str | None = None,
        lang: str = "en",
        seen: str | None = None,
        number: int | None = None,
        again: bool = False,
    ) -> RasaReply:
        """Rasa's reply to one turn; `seen` is the word for what the red-flag screen saw in `text`.

        `again`: another Rasa may have heard the turn with this `number`; if so it is not heard twice.
        Raises RasaUnavailable (slow, nothing said), RasaAway (nobody heard it), RasaLost, ConversationGone.
        """
        body: dict[str, Any] = {"conversation": conversation, "lang": lang, "turn": number}
        body |= {"text": text, "seen": seen} if text is not None else {"choice": str(choice)}
        if again:
            body["again"] = True
        try:
            with anyio.fail_after(self.timeout):
                data, headers = json.dumps(body).encode(), {request_id.HEADER: request_id.current()}
                async with self._session().post(f"{self._url}/turns", data=data, headers=headers) as response:
                    status, content = response.status, await response.read()
        except TimeoutError:
            raise RasaUnavailable(f"Rasa gave no reply within {self.timeout:g} s.") from None
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as fault:  # both while connecting
            raise RasaAway(f"Rasa cannot be reached: {type(fault).__name__}.") from None
        except aiohttp.ClientError as fault:
            raise RasaLost(f"Rasa cannot be reached: {type(fault).__name__}.") from None
        if status == 409:
            raise ConversationGone("Rasa says that the conversation is gone.")
        if status == STARTING:
            raise RasaAway("Rasa is loading its model.")
        if status != 200:
            raise RasaUnavailable(f"Rasa answered with status {status}.")
        return _read(content)

    async def ready(self) -> str | None:
        """The name of the model with which Rasa answers; None while it does not."""
        try:
            with anyio.fail_after(READY_TIMEOUT):
                async with self._session().get(f"{self._url}/ready") as response:
                    return str(json.loads(await response.read())["model"]) if response.status == 200 else None
        except (TimeoutError, aiohttp.ClientError, ValueError, KeyError, TypeError):
            return None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        """The one client, made inside the running loop, to which it belongs."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                headers=self._headers,
                # The pool is wider than what Rasa works on at once: what hangs is ended by the time limit.
                # Rasa closes idle connections after 5 s; we do so earlier and never send into a closing one.
                connector=aiohttp.TCPConnector(limit=256, keepalive_timeout=4.0),
                timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._http


def _read(content: bytes) -> RasaReply:
    try:
        body = json.loads(content)
        messages = body["messages"]
        kept = body.get("kept")
        private = body.get("private") is True
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RasaUnavailable("Rasa's reply is not what its channel promises.") from None
    for envelopes in (messages, [] if kept is None else kept):
        if not isinstance(envelopes, list) or not all(map(_is_envelope, envelopes)):
            raise RasaUnavailable("Rasa's reply holds what is no message.")
    if not messages:
        raise RasaUnavailable("Rasa said nothing.")
    return RasaReply(messages, messages if kept is None else kept, private)


def _is_envelope(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("id", "kind", "text"))
