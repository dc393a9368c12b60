"""One connection of a client: what uvicorn leaves open is closed here.

uvicorn waits without end for a client that sends its head slowly, or does not read; it takes heads of any size, and
starts work for any number of requests that come in one piece. Here each of these has a limit, and so has the number of
connections, in all and of one address. (The body's size is prp_guide.web.body's business.)
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from prp_guide.web.limits import network_of
from prp_guide.web.proxies import Proxies

HEAD_SECONDS = 10.0  # from a request's first byte to the end of its head
BODY_SECONDS = 30.0  # from there to the end of its body
READ_SECONDS = 20.0  # for a client to take what it was sent
LARGEST_HEAD = 16_384  # bytes
MOST_HEADERS = 64
MOST_CONNECTIONS = 2_000
MOST_OF_ONE_ADDRESS = 64
SPARE_FILES = 300  # for the database, Rasa, logs, static files


class Unfit(Exception):  # a signal to the parser, not an error of the family
    """The head is not one that we take."""


class Connection(HttpToolsProtocol):
    """A client's connection. Make a class of its own for each server with `make_connection`."""

    most: int
    of_one_address: int
    proxies: Proxies
    open_of: Counter[str]

    _timer: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _head = 0
    _unfinished = 0
    _in_head = False
    _address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        self._address = network_of(host)
        self.open_of[self._address] += 1
        if len(self.connections) > self.most or (
            self.open_of[self._address] > self.of_one_address and host not in self.proxies
        ):
            transport.abort()
            return
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_of[self._address] -= 1
        if not self.open_of[self._address]:
            del self.open_of[self._address]
        self._wait(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(HEAD_SECONDS)  # whatever comes between requests must become one
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            # The parser tells of whole lines only, and keeps what it has of an unfinished one.
            self._unfinished += len(data)
            if self._unfinished > LARGEST_HEAD:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            raise Unfit  # the next request before the answer to the last one
        self._head, self._unfinished, self._in_head = 0, 0, True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > LARGEST_HEAD:
            raise Unfit

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > LARGEST_HEAD or len(self.headers) >= MOST_HEADERS:
            raise Unfit
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait(None)
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reading is None:
            self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        # Closing waits for the client to read the rest.
        self._reading = self._reading or self.loop.call_later(READ_SECONDS, self.transport.abort)

    def _wait(self, seconds: float | None) -> None:
        """End the connection in so many seconds, unless something is heard before; None: no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


def make_connection(proxies: Proxies, *, limited: bool = True) -> type[Connection]:
    """The class of one server's connections. With limits off, one address may have them all: a load run is one."""
    most = room_for_connections()
    members: dict[str, Any] = {
        "most": most,
        "of_one_address": MOST_OF_ONE_ADDRESS if limited else most,
        "proxies": proxies,
        "open_of": Counter(),
    }
    return type("Connection", (Connection,), members)


def room_for_connections() -> int:
    """How many connections this process may hold; it asks the system for more open files where it has too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(16, min(MOST_CONNECTIONS, soft - SPARE_FILES))
