"""A flood of chat messages, in a process of its own: `python -m tests.support.flood URL RATE SECONDS`.

It prints what it met, and keeps to its rate whatever the server does: a message that finds no free connection counts as
held back by it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter, deque
from collections.abc import Sequence
from time import monotonic

import httpx

ADDRESSES = tuple(f"127.0.1.{number}" for number in range(1, 9))
SESSIONS, CONNECTIONS = 4, 30  # of each address
TICK = 0.005  # seconds
TEXTS = (
    "can i wash my hair tonight",
    "how much is it",
    "does it hurt " * 20,
    "my throat is swelling fast",
)


class Line(asyncio.Protocol):
    """One connection; it takes a message when the last one was answered."""

    def __init__(self, free: deque[Line], met: Counter[str]) -> None:
        self._free, self._met = free, met
        self._transport: asyncio.Transport | None = None
        self._heard = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._free.append(self)

    def send(self, message: bytes) -> bool:
        """Whether it could be sent."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(message)
        return True

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if len(body) >= int(length or 0):
            self._met[head.split()[1].decode()] += 1
            self._heard.clear()
            self._free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._met["cut off"] += 1
        self._transport = None


def open_sessions(url: str, address: str) -> list[str]:
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=url, transport=transport, timeout=30) as http:
        answers = [http.post("/api/chat/sessions") for _ in range(SESSIONS)]
    return [answer.json()["session"] for answer in answers if answer.status_code == 201]


def messages(url: str, tokens: Sequence[str]) -> list[bytes]:
    """Ready to send: one of each text for each session, and one of nobody's."""
    made = []
    for token in (*tokens, "1.forged"):
        for text in TEXTS:
            body = json.dumps({"text": text}).encode()
            head = (
                f"POST /api/chat/messages HTTP/1.1\r\nHost: {httpx.URL(url).netloc.decode()}\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            made.append(head.encode() + body)
    return made


async def flood(url: str, rate: float, seconds: float) -> Counter[str]:
    met: Counter[str] = Counter()
    loop, parts = asyncio.get_running_loop(), httpx.URL(url)
    sources = []
    for address in ADDRESSES:
        free: deque[Line] = deque()
        sources.append((address, free, messages(url, await asyncio.to_thread(open_sessions, url, address))))

    async def connect(address: str, free: deque[Line]) -> None:
        try:
            await loop.create_connection(lambda: Line(free, met), parts.host, parts.port, local_addr=(address, 0))
        except OSError:
            met["not connected"] += 1

    for address, free, _ in sources:
        await asyncio.gather(*(connect(address, free) for _ in range(CONNECTIONS)))
    begin, offered = monotonic(), 0
    while monotonic() - begin < seconds:
        while offered < (monotonic() - begin) * rate:
            address, free, ready = sources[offered % len(sources)]
            message = ready[offered // len(sources) % len(ready)]
            offered += 1
            while free:
                if free.popleft().send(message):
                    met["sent"] += 1
                    break
                loop.create_task(connect(address, free))
            else:
                met["held back"] += 1
        await asyncio.sleep(TICK)
    met["offered"] = offered
    return met


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))))
