"""The inbox on a port of its own, under the headers that the web process sends; it can be stopped and started again."""

from __future__ import annotations

import socket
import threading
from types import SimpleNamespace

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware

from prp_guide.clinic import Clinic
from prp_guide.frontdesk import Attendance, CallbackStore, Inbox, OpeningHours, Outbox
from prp_guide.home import Home
from prp_guide.web import pages
from prp_guide.web.app import make_server
from prp_guide.web.desk import routes as desk
from prp_guide.web.headers import SecurityHeaders
from tests.support.waiting import wait_for


class NoTopics:
    topics: dict[str, object] = {}  # noqa: RUF012

    def fresh(self) -> NoTopics:
        return self


class DeskServer:
    """`address` stays the same when it is stopped and started."""

    def __init__(
        self,
        home: Home,
        engine: sa.engine.Engine,
        store: CallbackStore,
        clinic: Clinic,
        library: object = None,
        *,
        widget: bool = False,
    ) -> None:
        """`widget` serves the chat's files too."""
        self._routes = [*desk.routes, *pages.make_routes()] if widget else desk.routes
        hours = OpeningHours(clinic)
        self._services = SimpleNamespace(
            home=home,
            clinic=clinic,
            library=library or NoTopics(),
            durable=engine,
            callbacks=store,
            inbox=Inbox.of(engine, hours),
            hours=hours,
            outbox=Outbox(engine),
            attendance=Attendance(engine, clinic),
        )
        self._port = 0
        self._started = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        app = Starlette(routes=self._routes, middleware=[Middleware(SecurityHeaders)])
        app.state.services = self._services
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self._server = make_server(app)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()
        wait_for(lambda: self._server.started, "the inbox to listen")

    def stop(self) -> None:
        """End it; pages that listen for news do not hold it up."""
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()
