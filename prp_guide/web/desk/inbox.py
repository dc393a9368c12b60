"""The front desk's inbox: who waits, and the chosen request. Only signing in by link needs JavaScript.

Handlers are plain functions, which Starlette runs in threads: the database may wait for the disk.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.frontdesk.outcomes import MANY_ATTEMPTS, OUTCOMES, next_call
from prp_guide.frontdesk.work import LONGEST_NOTE
from prp_guide.web.desk import cookies
from prp_guide.web.desk.pages import message, show, signed_out
from prp_guide.web.desk.rows import done_now, lowered, make_line, make_moment, make_row
from prp_guide.web.desk.services import services
from prp_guide.web.desk.times import offers
from prp_guide.web.desk.view import view, wanted_by


def inbox(request: Request) -> Response:
    """GET /desk: the requests that wait, sleep or are done, narrowed down by the fields of the address."""
    session = cookies.current(request)
    if session is None:
        return signed_out(request)
    values, found = view(request, session, wanted_by(request.query_params, session.user))
    return show(request, session, "inbox.html", found, chosen=None, just=_just(request, session.user), **values)


def chosen(request: Request) -> Response:
    """GET /desk/requests/REFERENCE: the same list, and beside it one request with all that there is to do."""
    session = cookies.current(request)
    if session is None:
        return signed_out(request)
    desk = services(request)
    callback = desk.callbacks.find(request.path_params["reference"])
    if callback is None:
        return message(request, 404, "Not found", "There is no such request.")
    values, found = view(request, session, wanted_by(request.query_params, session.user))
    now, zone = clock.now(), desk.clinic.zone
    again = {
        outcome.id: lowered(make_moment(moment, zone, now).text)
        for outcome in OUTCOMES.values()
        if (moment := next_call(outcome, now, callback.urgent, desk.hours)) is not None
    }
    drafts = desk.inbox.drafts.of(callback.id, session.user)
    row = make_row(
        callback,
        desk.library.fresh().topics,
        zone,
        now,
        session.user,
        desk.callbacks.with_phones([callback.phone]),
        begun=bool(drafts),
    )
    return show(
        request,
        session,
        "inbox.html",
        [*found, callback],
        opened=callback,
        chosen=row,
        history=[make_line(event, zone, now) for event in reversed(desk.callbacks.history(callback.reference))],
        outcomes=OUTCOMES.values(),
        again=again,
        tired=callback.attempts >= MANY_ATTEMPTS,
        offers=offers(now, zone, desk.hours),
        today=now.astimezone(zone).date().isoformat(),
        drafts=drafts,
        longest_note=LONGEST_NOTE,
        once=cookies.new_once(),
        just=_just(request, session.user),
        **values,
    )


def _just(request: Request, user: str) -> dict[str, Any] | None:
    """What the person at the page has just done, and may undo; or that nobody is left to call."""
    number = request.query_params.get("just", "")
    if number == "nobody":
        return {"name": "", "words": "No one is left to call now.", "undo": None}
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        return None
    act = services(request).inbox.work.act(int(number), user)
    if act is None:
        return None
    words = done_now(act, services(request).clinic.zone, clock.now())
    seconds = act.undo_left.total_seconds()
    undo = {"reference": act.reference, "number": act.number, "ms": int(seconds * 1000)} if seconds > 0 else None
    return {"name": act.name, "words": words, "undo": undo}


routes = [
    Route("/desk", inbox),
    Route("/desk/requests/{reference}", chosen),
]
