"""Server-sent events: the inbox hears within a second or two that its list has changed, and asks for it again.

An event holds numbers only. One look at the database serves all open pages of this process, and nobody looks while no
page is open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from prp_guide.web.desk import cookies
from prp_guide.web.desk.pages import NOT_KEPT, signed_out
from prp_guide.web.desk.services import services

LOOK_EVERY, CHECK_EVERY = 1.5, 15.0  # seconds; at each check a session that has ended is told so
MOST_LISTENERS = 200

log = logging.getLogger(__name__)


class News:
    """The pulse of the queue, for all who listen."""

    def __init__(self) -> None:
        self.pulse: tuple[int, ...] = ()
        self.closing = False
        self.listeners = 0
        # One event for each change, replaced when it is set. Not a Condition: whoever is cut off while waiting for one
        # with a time limit may take its lock along, and then nobody hears anything any more.
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def listen(self, request: Request) -> AsyncIterator[str]:
        """Events for one page, until it goes, its session ends or the server stops."""
        self.listeners += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(request))
        try:
            yield "retry: 3000\n\n"
            known: tuple[int, ...] | None = None
            while not self.closing:
                if self.pulse and self.pulse != known:
                    known = self.pulse
                    names = ("event", "open", "overdue", "urgent")
                    yield f"event: queue\ndata: {json.dumps(dict(zip(names, known, strict=True)))}\n\n"
                if not await self._wait(known):
                    if await run_in_threadpool(cookies.current, request, touch=False) is None:
                        yield "event: signed-out\ndata: {}\n\n"
                        return
                    yield ": still here\n\n"
        finally:
            self.listeners -= 1

    async def close(self) -> None:
        """End all that listen: the server stops."""
        self.closing = True
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _wait(self, known: tuple[int, ...] | None) -> bool:
        """Whether there is news within CHECK_EVERY seconds."""
        changed = self._changed
        if self.closing or self.pulse != (known or ()):
            return True
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(changed.wait(), CHECK_EVERY)
            return True
        return False

    async def _look(self, request: Request) -> None:
        queue = services(request).inbox.queue
        while self.listeners and not self.closing:
            try:
                pulse = await run_in_threadpool(queue.pulse)
            except Exception as fault:  # the next look may go better
                log.error("Looking for news failed: %s", type(fault).__name__)
            else:
                if pulse != self.pulse:
                    self.pulse = pulse
                    self._tell()
            await asyncio.sleep(LOOK_EVERY)


def news_of(app: Starlette) -> News:
    """The news of the application; made when the first page listens, in its event loop."""
    state = app.state
    if not hasattr(state, "desk_news"):
        state.desk_news = News()
    found: News = state.desk_news
    return found


async def news(request: Request) -> Response:
    """GET /desk/news: the events."""
    if await run_in_threadpool(cookies.current, request, touch=False) is None:
        return await run_in_threadpool(signed_out, request)
    heard = news_of(request.app)
    if heard.closing or heard.listeners >= MOST_LISTENERS:
        return JSONResponse({"error": "Too many pages listen."}, 503, {**NOT_KEPT, "Retry-After": "30"})
    headers = {**NOT_KEPT, "X-Accel-Buffering": "no"}
    return StreamingResponse(heard.listen(request), media_type="text/event-stream", headers=headers)


routes = [Route("/desk/news", news)]
