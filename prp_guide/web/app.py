"""The application, and the server that runs it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from prp_guide import database, metrics
from prp_guide.chat.rasa_client import TIMEOUT
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.privacy import logs
from prp_guide.web import callback_api, chat_api, health, pages
from prp_guide.web.connections import make_connection
from prp_guide.web.deliveries import deliveries
from prp_guide.web.desk import news
from prp_guide.web.desk import routes as desk
from prp_guide.web.gate import Gate
from prp_guide.web.headers import Cors, SecurityHeaders
from prp_guide.web.observed import Observed
from prp_guide.web.problems import HANDLERS, Guard
from prp_guide.web.proxies import Proxies, UnknownProxy
from prp_guide.web.services import Services
from prp_guide.web.upkeep import upkeep

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", "8080"
BACKLOG = 1024  # connections that wait to be taken


def create_app(home: Home, *, rasa_timeout: float = TIMEOUT) -> Starlette:
    """The application of `home`, whose database is up to date. Raises DataError, SetupError."""
    services = Services.open(home, rasa_timeout=rasa_timeout)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.readiness = health.Readiness(services)
        async with upkeep(services), deliveries(services):
            yield
        await services.close()

    app = Starlette(
        routes=[*chat_api.routes, *callback_api.routes, *health.routes, *desk.routes, *pages.make_routes()],
        middleware=[
            Middleware(Observed, behind_proxy=bool(services.proxies.names)),
            Middleware(Gate, enabled=services.limits.enabled),
            Middleware(UnknownProxy, proxies=services.proxies),
            Middleware(SecurityHeaders),
            Middleware(Cors, origins=services.clinic.allowed_origins),
            Middleware(Guard),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    # A redirect to the same path with a slash would be built from the Host header, which the client chooses.
    app.router.redirect_slashes = False
    app.state.services = services
    return app


def serve(home: Home) -> None:
    """Run the web process on `HOST` and `PORT` until it is told to stop. Raises DataError, SetupError."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logs.keep_clean("web")
    listener = listen(os.environ.get("HOST") or DEFAULT_HOST, os.environ.get("PORT") or DEFAULT_PORT)
    with contextlib.closing(listener):
        database.migrate(home.database_url)
        app = create_app(home)
        services: Services = app.state.services
        metrics.serve("web", watched=services.watched)
        make_server(app, services.proxies, limited=services.limits.enabled).run(sockets=[listener])


def make_server(app: Starlette, proxies: Proxies | None = None, *, limited: bool = True) -> uvicorn.Server:
    """A server for `app`, yet to be run on a socket; `limited` bounds the connections of one address."""
    proxies = proxies or Proxies()
    config = uvicorn.Config(
        app,
        http=make_connection(proxies, limited=limited),
        ws="none",
        backlog=BACKLOG,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies.names),
        forwarded_allow_ips=proxies.names,
        log_config=None,
        timeout_graceful_shutdown=3,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Pages of the inbox listen without end; the server would wait for them until its patience is over.
        app = self.config.app
        if isinstance(app, Starlette):
            await news.news_of(app).close()
        await super().shutdown(sockets)


def listen(host: str, port: str) -> socket.socket:
    """A socket that listens on `host` and `port`. Raises SetupError when that cannot be had."""
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise SetupError(f"PORT={port} is no port; write a number up to 65535, such as PORT=8080.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise SetupError(f"HOST={host} is no address of this machine; write one such as 127.0.0.1.") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise SetupError(_why(fault, host, port)) from None
    return listener


def _why(fault: OSError, host: str, port: str) -> str:
    if fault.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. "
            f"Stop that program, or choose another port: PORT={int(port) + 1} make start"
        )
    if fault.errno == errno.EACCES:
        return f"This account may not listen on port {port}. Choose one from 1024 up: PORT=8080 make start"
    if fault.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host} is no address of this machine; write one such as 127.0.0.1."
    return f"Cannot listen on {host}, port {port}: {fault.strerror}."
