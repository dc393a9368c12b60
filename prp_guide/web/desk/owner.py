"""What the owner's pages share: who may see them, the editor behind them, and what stands on each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from prp_guide import clock
from prp_guide.content import Library
from prp_guide.content.models import Topic
from prp_guide.editor import Editor
from prp_guide.editor.apart import Checker
from prp_guide.errors import DataError, EditError, PublishError
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.insight.page import day_words
from prp_guide.tied import tied
from prp_guide.web.desk import cookies
from prp_guide.web.desk.acts import Fields, Handler, formed
from prp_guide.web.desk.pages import message, signed_out
from prp_guide.web.desk.services import services

STATUS_WORDS = {
    "pending": "not approved",
    "approved": "approved",
    "review_soon": "look at it again soon",
    "overdue": "overdue",
}
SAID = {
    "saved": "Saved. It is in the chat with the next message.",
    "same": "Nothing was changed.",
    "approved": "Approved. It is in the chat with the next message.",
    "undone": "What was before is back.",
    "made": "Saved. Patients who type about it find it once its phrases are published.",
    "phrases": "Saved. The phrases count once they are published.",
    "fact": "The fact is added. Choose it below.",
    "fact_removed": "The fact is taken out.",
    "retired": "Retired. You can bring it back below.",
}


def shown(page: Callable[[Request, DeskSession], Response]) -> Callable[[Request], Response]:
    """`page`, for owners who are signed in; others are told so."""

    def answer(request: Request) -> Response:
        session = cookies.current(request)
        if session is None:
            return signed_out(request)
        return page(request, session) if session.owner else owners_only(request)

    return answer


def owned(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """`formed` for owners alone, with long forms; what cannot be done is said on a page of its own."""

    def answer(request: Request, session: DeskSession, form: Fields) -> Response:
        if not session.owner:
            return owners_only(request)
        try:
            return handler(request, session, form)
        except (EditError, PublishError, DataError) as fault:
            return message(request, 422, "That did not work", str(fault), "/desk/answers")

    return formed(answer, owners=True)


def owners_only(request: Request) -> Response:
    """What whoever is no owner is told."""
    return message(request, 403, "For owners", "Only an owner of the front desk can see or change this.")


def editor_of(request: Request) -> Editor:
    """The editor of the installation that `request` came to; its rules are asked in a process of their own."""
    return Editor(services(request).home, checker_of(request).findings)


def checker_of(request: Request) -> Checker:
    """The application's checker; made with the first question."""
    state = request.app.state
    if not hasattr(state, "answers_checker"):
        state.answers_checker = Checker(services(request).home, tied)
    found: Checker = state.answers_checker
    return found


def library_of(request: Request) -> Library:
    """What is on disk now, so that a page shows what was saved a moment ago; the last good one where that is broken."""
    try:
        return editor_of(request).library()
    except DataError:
        fresh: Library = services(request).library.fresh()
        return fresh


def common(request: Request, session: DeskSession) -> dict[str, Any]:
    """What every page of the owner's is given."""
    return {
        "session": session,
        "user": session.user,
        "form_token": cookies.form_token(request),
        "said": SAID.get(request.query_params.get("said", ""), ""),
        "day_words": day_words,
    }


def today(request: Request) -> date:
    """The day at the clinic."""
    return clock.now().astimezone(services(request).clinic.zone).date()


def statuses(topic: Topic, day: date) -> dict[str, str]:
    """How the approval of each of its languages stands on `day`."""
    return {lang: topic.status(day, lang) for lang in topic.reply.languages()}
