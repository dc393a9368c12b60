"""Asking Rasa over its channel on loopback: one keep-alive client, one time limit for the whole call."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from prp_guide.errors import ConversationGone, RasaUnavailable

TIMEOUT = 8.0  # seconds, from sending a turn to having its reply
READY_TIMEOUT = 3.0

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
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/webhooks/prp/",
            headers={"Authorization": f"Bearer {secret.decode()}"},
            # The pool is wider than what Rasa works on at once: what hangs is ended by the time limit.
            # Rasa closes idle connections after 5 s; we do so earlier and never send into a closing one.
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=32, keepalive_expiry=4.0),
            timeout=httpx.Timeout(timeout, connect=2.0),
            trust_env=False,
        )

    async def turn(
        self, conversation: str, *, text: str | None = None, choice: str | None = None, lang: str = "en"
    ) -> RasaReply:
        """Rasa's reply to one turn. Raises RasaUnavailable (down, slow, nothing said), ConversationGone."""
        body = {"conversation": conversation, "lang": lang}
        body |= {"text": text} if text is not None else {"choice": str(choice)}
        try:
            with anyio.fail_after(self.timeout):
                response = await self._http.post("turns", json=body)
        except TimeoutError:
            raise RasaUnavailable(f"Rasa gave no reply within {self.timeout:g} s.") from None
        except httpx.HTTPError as fault:
            raise RasaUnavailable(f"Rasa cannot be reached: {type(fault).__name__}.") from None
        if response.status_code == 409:
            raise ConversationGone("Rasa says that the conversation is gone.")
        if response.status_code != 200:
            raise RasaUnavailable(f"Rasa answered with status {response.status_code}.")
        return _read(response)

    async def ready(self) -> str | None:
        """The name of the model with which Rasa answers; None while it does not."""
        try:
            with anyio.fail_after(READY_TIMEOUT):
                response = await self._http.get("ready")
            return str(response.json()["model"]) if response.status_code == 200 else None
        except (TimeoutError, httpx.HTTPError, ValueError, KeyError, TypeError):
            return None

    async def close(self) -> None:
        await self._http.aclose()


def _read(response: httpx.Response) -> RasaReply:
    try:
        body = response.json()
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
