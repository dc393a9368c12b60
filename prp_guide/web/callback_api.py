"""The plain callback form, POST /api/callbacks: no session, no Rasa; what it confirms is on the disk."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide.chat.entry import clean
from prp_guide.frontdesk import CallbackRequest, receipt
from prp_guide.web.body import read_object
from prp_guide.web.limits import ADDRESS_CALLBACKS, address_of
from prp_guide.web.problems import malformed, refused_fields
from prp_guide.web.services import Services, services_of

log = logging.getLogger(__name__)

KEY = re.compile(r"[\x21-\x7e]{8,128}")
SCREENED = ("note", "best_time", "name")
# People do not see this field of the form; what fills in every field there is does.
TRAP = "website"


class CallbacksEndpoint(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        """A callback request, stored once for each key: its reference, by when, and what to tell."""
        services = services_of(request)
        key = request.headers.get("idempotency-key", "")
        if not KEY.fullmatch(key):
            raise malformed("Send the header Idempotency-Key, 8 to 128 visible ASCII characters.")
        body = await read_object(request)
        card = red_flag_card(services, body)
        if card is None:
            # An urgent request is never turned away for its number.
            await services.limits.check((ADDRESS_CALLBACKS, address_of(request)))
        if body.pop(TRAP, None) and card is None:
            # Refused and not swallowed: a browser that fills it in by itself belongs to a patient who waits for a call.
            log.info("A callback request filled in the field that people do not see.")
            raise refused_fields({TRAP: "Please leave this field empty, and send the form again."})
        wanted = CallbackRequest.from_public(body)
        if card is not None:
            wanted = dataclasses.replace(wanted, priority="urgent")
        stored = await run_in_threadpool(services.callbacks.create, wanted, own_key(key))
        promised = await run_in_threadpool(lambda: services.attendance.promised)
        text = receipt(stored, services.clinic, wanted.lang, promised=promised)
        answer = {
            "reference": stored.reference,
            "due": stored.due.isoformat() if stored.due and promised else None,
            "text": text if card is None else f"{card['text']}\n\n{text}",
        }
        return JSONResponse(answer, status_code=201)


def red_flag_card(services: Services, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The card that the patient's words call for, or None."""
    lang = "es" if body.get("lang") == "es" else "en"
    for field in SCREENED:
        if isinstance(text := body.get(field), str) and (card := services.conversation.card(clean(text), lang)):
            return card
    return None


def own_key(key: str) -> str:
    """The form's keys apart from those of the chat, which are made from conversations."""
    return f"form-{hashlib.sha256(key.encode()).hexdigest()}"


routes = [Route("/api/callbacks", CallbacksEndpoint)]
