"""Clients that ask without a pause, each in its own conversations, on one connection each.

A small client of our own on asyncio's streams: it shares the processors with the bot that it measures, and httpx takes
as long for a request as a quick bot for its reply.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.speed.bots import Bot

TIMEOUT = 60.0
TURNS = 10  # messages in one conversation, then a new one begins


class Unanswered(Exception):
    """A reply that is not the one that was asked for."""


class Connection:
    """A keep-alive connection to a bot on loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_fault: object) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = self._reader = None

    async def post(self, path: str, body: Any, *, token: str = "", expect: int = 200) -> Any:
        """The JSON that `path` answers to `body`. Raises Unanswered for another status than `expect`."""
        return await asyncio.wait_for(self._post(path, body, token, expect), TIMEOUT)

    async def _post(self, path: str, body: Any, token: str, expect: int) -> Any:
        if self._writer is None or self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        content = json.dumps(body).encode()
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"{bearer}Content-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, length = int(answer.split(" ", 2)[1]), int(answer.split("content-length:", 1)[1].split("\r\n", 1)[0])
        received = await self._reader.readexactly(length)
        if "connection: close" in answer:
            await self.__aexit__()
        if status != expect:
            raise Unanswered(f"{path} answered {status}: {received[:200]!r}")
        return json.loads(received)


@dataclass
class Load:
    """What a load run saw: the milliseconds that each reply took, in all so many seconds."""

    clients: int
    seconds: float
    took: list[float] = field(default_factory=list)
    unanswered: int = 0

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds

    def percentile(self, percent: float) -> float:
        return percentile(self.took, percent)

    def figures(self) -> dict[str, float]:
        """What is kept of the run."""
        kept: dict[str, float] = {f"p{percent}": self.percentile(percent) for percent in (50, 95, 99)}
        return {**kept, "per_second": self.per_second, "replies": len(self.took), "unanswered": self.unanswered}


def percentile(values: list[float], percent: float) -> float:
    """The value that `percent` of `values` do not exceed."""
    in_order = sorted(values)
    return in_order[min(len(in_order) - 1, int(len(in_order) * percent / 100))]


def load(bot: Bot, clients: int, seconds: float) -> Load:
    """Ask `bot` with so many clients at once for so long. What is under way at the end is not counted."""
    return asyncio.run(_load(bot, clients, seconds))


async def _load(bot: Bot, clients: int, seconds: float) -> Load:
    run = Load(clients, seconds)
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        said = number * 17
        async with Connection(bot.port) as connection:
            while time.perf_counter() < end:
                conversation = await bot.open(connection)
                for _ in range(TURNS):
                    text = bot.messages[said % len(bot.messages)]
                    said += 1
                    began = time.perf_counter()
                    answered = await bot.say(connection, conversation, text)
                    now = time.perf_counter()
                    if now >= end:
                        return
                    run.took.append((now - began) * 1000)
                    run.unanswered += not answered

    await asyncio.gather(*(client(number) for number in range(clients)))
    return run
