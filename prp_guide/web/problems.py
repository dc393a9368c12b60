"""Errors as the public sees them: RFC 9457, `application/problem+json`, never a word of what a patient sent.

    {"type": "urn:prp-guide:problem:too-large", "title": "Too large", "status": 413, "detail": "..."}

422 adds `errors`, one `{"field", "message"}` for each refused field; 503 adds `phone`, the clinic's number.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from prp_guide.chat import EntryInvalid
from prp_guide.errors import CallbackInvalid, ConversationGone, KeyReused, PRPGuideError, TooManyRequests

log = logging.getLogger(__name__)


class Problem(PRPGuideError):
    """A request that ends in a problem document. `kind` names the sort of problem in its type."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.status, self.kind, self.detail = status, kind, detail
        self.headers, self.members = dict(headers or {}), members
        super().__init__(detail)

    @property
    def response(self) -> Response:
        document = {
            "type": f"urn:prp-guide:problem:{self.kind}",
            "title": self.kind.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return JSONResponse(document, self.status, self.headers, media_type="application/problem+json")


def malformed(detail: str) -> Problem:
    return Problem(400, "malformed-request", detail)


def session_ended() -> Problem:
    return Problem(
        401,
        "session-ended",
        "There is no such session, or it has ended. Open a new one with POST /api/chat/sessions.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def refused_fields(fields: Mapping[str, str]) -> Problem:
    errors = [{"field": field, "message": sentence} for field, sentence in fields.items()]
    return Problem(422, "refused-fields", " ".join(fields.values()), errors=errors)


def unavailable(phone: str, detail: str = "") -> Problem:
    return Problem(
        503,
        "unavailable",
        detail or f"This does not work at the moment. Please call the clinic: {phone}.",
        headers={"Retry-After": "5"},
        phone=phone,
    )


async def _on_problem(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Problem)
    return fault.response


async def _on_entry_invalid(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, EntryInvalid | CallbackInvalid)
    return refused_fields(fault.fields).response


async def _on_key_reused(_request: Request, _fault: Exception) -> Response:
    detail = "This Idempotency-Key came before with another request. Send a new key with a new request."
    return Problem(422, "key-reused", detail).response


async def _on_too_many(request: Request, _fault: Exception) -> Response:
    phone = request.app.state.services.clinic.phone_text
    detail = f"The front desk already has several requests for this number. If it cannot wait, please call {phone}."
    return Problem(429, "too-many-requests", detail, headers={"Retry-After": "3600"}, phone=phone).response


async def _on_gone(_request: Request, _fault: Exception) -> Response:
    return session_ended().response


async def _on_database(request: Request, fault: Exception) -> Response:
    log.error("The database failed: %s.", type(fault).__name__)
    return unavailable(request.app.state.services.clinic.phone_text).response


async def _on_http(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    phrase = HTTPStatus(fault.status_code).phrase
    kind = phrase.lower().replace(" ", "-").replace("'", "")
    details = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    detail = details.get(fault.status_code, f"{phrase}.")
    return Problem(fault.status_code, kind, detail, headers=fault.headers).response


HANDLERS: dict[Any, Any] = {
    Problem: _on_problem,
    EntryInvalid: _on_entry_invalid,
    CallbackInvalid: _on_entry_invalid,
    KeyReused: _on_key_reused,
    TooManyRequests: _on_too_many,
    ConversationGone: _on_gone,
    SQLAlchemyError: _on_database,
    HTTPException: _on_http,
}


class Guard:
    """The last resort: a fault of ours becomes a problem document and a log entry of places, not values.

    (An exception's message may hold what a patient typed.)
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            log.debug("A client hung up.")
        except Exception as fault:
            if scope["type"] != "http":
                raise
            frames = traceback.extract_tb(fault.__traceback__)
            places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
            log.error("Unexpected %s at %s", type(fault).__qualname__, places)
            if begun:
                raise ConnectionAbortedError("A response broke off.") from None
            detail = "Something went wrong on our side."
            await Problem(500, "internal-error", detail).response(scope, receive, send)
