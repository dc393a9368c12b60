"""/healthz: this process runs. /readyz: a patient would be answered. And the API's description."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import anyio
import sqlalchemy as sa
from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide.database import sessions
from prp_guide.web.problems import unavailable
from prp_guide.web.services import Services, services_of
from prp_guide.yaml_file import read_plain

OPENAPI_FILE = Path(__file__).parent / "openapi.yml"
DATABASE_PATIENCE = 3.0  # seconds
FRESH = 1.0  # seconds for which one look serves all who ask: each look is a parse for Rasa


class Readiness:
    """What the last look found, shared by all who ask within a second."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = asyncio.Lock()
        self._found: tuple[str | None, bool] = (None, False)
        self._looked = float("-inf")

    async def look(self) -> tuple[str | None, bool]:
        """The name of the model that answers, or None, and whether the database can be written."""
        async with self._lock:
            if monotonic() - self._looked > FRESH:
                model, writable = await asyncio.gather(self._services.rasa.ready(), self._database_answers())
                self._found, self._looked = (model, writable), monotonic()
            return self._found

    async def _database_answers(self) -> bool:
        try:
            with anyio.fail_after(DATABASE_PATIENCE):
                await run_sync(check_writable, self._services.database, abandon_on_cancel=True)
        except (SQLAlchemyError, TimeoutError):
            return False
        return True


def check_writable(engine: sa.engine.Engine) -> None:
    """Raises SQLAlchemyError unless a row could be written now. Leaves nothing behind."""
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sessions.update().where(sessions.c.id == "").values(last_turn=0))
        transaction.rollback()


async def healthz(_request: Request) -> Response:
    return JSONResponse({"status": "up"}, headers={"Cache-Control": "no-store"})


async def readyz(request: Request) -> Response:
    services = services_of(request)
    model, writable = await request.app.state.readiness.look()
    if model is None or not writable:
        lacking = "The assistant does not answer" if model is None else "The database cannot be written"
        problem = unavailable(services.clinic.phone_text, f"{lacking} at the moment.")
        problem.members.update(rasa=model is not None, database=writable)
        raise problem
    return JSONResponse({"status": "ready", "model": model}, headers={"Cache-Control": "no-store"})


async def openapi(_request: Request) -> Response:
    return JSONResponse(read_openapi(), headers={"Cache-Control": "public, max-age=300"})


@lru_cache(maxsize=1)
def read_openapi() -> dict[str, Any]:
    """The API's description, kept by hand in openapi.yml; a test holds it against the routes."""
    document: dict[str, Any] = read_plain(OPENAPI_FILE)
    return document


routes = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/api/openapi.json", openapi),
]
