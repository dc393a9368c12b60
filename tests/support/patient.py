"""A patient who talks to a running assistant through its chat API."""

from __future__ import annotations

from typing import Any

import httpx


class Patient:
    """One chat session. Each message gives the envelopes of the reply."""

    def __init__(self, base_url: str, *, timeout: float = 20.0) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=timeout)
        opened = self.http.post("/api/chat/sessions", json={})
        assert opened.status_code == 201, opened.text
        self.opening: dict[str, Any] = opened.json()
        self.http.headers["Authorization"] = f"Bearer {self.opening['session']}"

    def says(self, text: str, **more: Any) -> list[dict[str, Any]]:
        """The reply to `text`; `more` goes into the request, such as its `id`."""
        return self._send({"text": text, **more})

    def taps(self, choice: str) -> list[dict[str, Any]]:
        """The reply to a button."""
        return self._send({"choice": choice})

    def history(self) -> list[dict[str, Any]]:
        shown = self.http.get("/api/chat/messages")
        assert shown.status_code == 200, shown.text
        return list(shown.json()["messages"])

    def _send(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        answered = self.http.post("/api/chat/messages", json=body)
        assert answered.status_code == 200, answered.text
        return list(answered.json()["messages"])

    def leaves(self) -> None:
        self.http.close()

    def __enter__(self) -> Patient:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.leaves()


def said(messages: list[dict[str, Any]]) -> list[str]:
    """A reply in short: kind:topic, or callback:step for a step of the callback form."""
    return [f"{m['kind']}:{m['step'] if m['kind'] == 'callback' and m['step'] else m['topic']}" for m in messages]
