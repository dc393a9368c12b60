"""A queue in which nobody is kept waiting by how much somebody else asks.

A few turns at a time are worked on: Rasa has one processor, and SQLite one writer. Whoever has to wait is taken caller
by caller in turn, not in the order of coming: behind a hundred messages of one address, another address' first message
is the next but one.

    async with queue.place(address):
        ...  # a few at a time are here
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import AsyncIterator

AT_ONCE = 4
MOST_OF_ONE, MOST = 100, 1_000  # that wait


class QueueFull(Exception):  # handled where the queue is used
    """So many wait already that nobody would get an answer in time."""


class FairQueue:
    """`at_once` are let in; the others wait, each caller in its own line."""

    def __init__(self, at_once: int = AT_ONCE, *, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._free = at_once
        self._most_of_one, self._most = most_of_one, most
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it as long as the block runs. Raises QueueFull."""
        await self._enter(caller)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, caller: str) -> None:
        if self._free and not self._lines:
            self._free -= 1
            return
        line = self._lines.get(caller)
        if self.waiting >= self._most or (line is not None and len(line) >= self._most_of_one):
            raise QueueFull
        if line is None:
            line = self._lines[caller] = deque()
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(called)
        self.waiting += 1
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self._leave()  # it was called in the moment in which it gave up
            else:
                self._drop(caller, called)
            raise

    def _leave(self) -> None:
        """Give the place to the first of the next line, which then is the last of all lines."""
        while self._lines:
            caller, line = self._lines.popitem(last=False)
            called = line.popleft()
            self.waiting -= 1
            if line:
                self._lines[caller] = line
            if not called.done():
                called.set_result(None)
                return
        self._free += 1

    def _drop(self, caller: str, called: asyncio.Future[None]) -> None:
        line = self._lines.get(caller)
        if line is not None and called in line:
            line.remove(called)
            self.waiting -= 1
            if not line:
                del self._lines[caller]
