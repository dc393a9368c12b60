"""The chat API: /api/chat/sessions, /api/chat/messages, /api/chat/feedback."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.chat import Entry
from prp_guide.chat.entry import LANGUAGES
from prp_guide.web.body import read_object
from prp_guide.web.limits import (
    ADDRESS_MESSAGES,
    ADDRESS_SESSIONS,
    SESSION_MESSAGES,
    SESSION_READS,
    address_of,
    too_many,
)
from prp_guide.web.problems import refused_fields, session_ended, unavailable
from prp_guide.web.services import Services, services_of

MANY = "Very many people are chatting at the moment. Please call the clinic: {phone}."


class SessionsEndpoint(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        """A new session: its token, the greeting, and what the chat knows of the clinic."""
        services = services_of(request)
        await services.limits.check((ADDRESS_SESSIONS, address_of(request)))
        body = await read_object(request, optional=True)
        lang = body.get("lang", "en")
        if lang not in LANGUAGES:
            raise refused_fields({"lang": f"lang must be one of {', '.join(LANGUAGES)}."})
        if await services.crowd.full():
            raise unavailable(services.clinic.phone_text, MANY.format(phone=services.clinic.phone_text))
        token, messages = await services.conversation.open(lang)
        opened = {"session": token, "messages": messages, "clinic": clinic_facts(services)}
        return JSONResponse(opened, status_code=201)

    async def put(self, request: Request) -> Response:
        """The session lives 30 minutes from now: its patient is still there, and writing."""
        services = services_of(request)
        session_id = bearer(request, services)
        await services.limits.check((SESSION_READS, session_id), (ADDRESS_MESSAGES, address_of(request)))
        await services.conversation.keep(session_id)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """The session is erased everywhere."""
        services = services_of(request)
        session_id = bearer(request, services)
        await services.limits.check((ADDRESS_MESSAGES, address_of(request)))
        await services.conversation.erase(session_id)
        return Response(status_code=204)


class MessagesEndpoint(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        """The replies to what the patient says or chooses."""
        services = services_of(request)
        session_id = bearer(request, services)
        address = address_of(request)
        wait = await services.limits.wait((SESSION_MESSAGES, session_id), (ADDRESS_MESSAGES, address))
        entry = Entry.checked(await read_object(request))
        if not wait:
            messages = await services.conversation.say(session_id, entry, address)
        elif card := services.conversation.card(entry.text):
            # Whoever types fast in an emergency is told what to do all the same.
            messages = [card]
        else:
            raise too_many(wait)
        return JSONResponse({"messages": messages})

    async def get(self, request: Request) -> Response:
        """The conversation so far."""
        services = services_of(request)
        session_id = bearer(request, services)
        await services.limits.check((SESSION_READS, session_id), (ADDRESS_MESSAGES, address_of(request)))
        session = await run_in_threadpool(services.sessions.get, session_id)
        history = await services.conversation.history(session)
        return JSONResponse({"messages": history, "clinic": clinic_facts(services)})


class FeedbackEndpoint(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        """Whether a message helped; the last opinion counts."""
        services = services_of(request)
        session_id = bearer(request, services)
        await services.limits.check((SESSION_READS, session_id), (ADDRESS_MESSAGES, address_of(request)))
        body = await read_object(request)
        message, helpful = body.get("message"), body.get("helpful")
        if not isinstance(message, str):
            raise refused_fields({"message": "message must be the id of a message."})
        if not isinstance(helpful, bool):
            raise refused_fields({"helpful": "helpful must be true or false."})
        session = await run_in_threadpool(services.sessions.get, session_id)
        if not await run_in_threadpool(services.turns.rate, session.id, message, helpful):
            raise refused_fields({"message": "message must be the id of a message of this conversation."})
        return Response(status_code=204)


def bearer(request: Request, services: Services) -> str:
    """The id of the session whose token the request carries. Raises Problem 401, ConversationGone."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise session_ended()
    return services.sessions.session_id(token.strip())


def clinic_facts(services: Services) -> dict[str, Any]:
    """The clinic as the chat's header shows it."""
    now = clock.now()
    next_open = services.hours.next_open(now)
    return {
        "name": services.clinic.name,
        "phone": services.clinic.phone_text,
        "open_now": services.hours.open_at(now),
        "next_open": next_open.isoformat() if next_open else None,
    }


routes = [
    Route("/api/chat/sessions", SessionsEndpoint),
    Route("/api/chat/messages", MessagesEndpoint),
    Route("/api/chat/feedback", FeedbackEndpoint),
]
