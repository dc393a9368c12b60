"""What people do in the inbox: each a form that is posted, and then a page that says how it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.errors import AlreadyTaken, DeskError, TooLate
from prp_guide.frontdesk.outcomes import OUTCOMES
from prp_guide.frontdesk.queue import Wanted
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.frontdesk.work import Note
from prp_guide.privacy.access_log import TOLD
from prp_guide.web.desk import access, cookies
from prp_guide.web.desk.cookies import FormError, read_form
from prp_guide.web.desk.pages import NOT_KEPT, message, redirect, signed_out
from prp_guide.web.desk.services import services
from prp_guide.web.desk.times import read_time
from prp_guide.web.desk.view import address, wanted_by

MOST_AGAIN = 1000
KNOWN = {"new": False, "existing": True, "": None}
# After these one stays at the request; after the others the list comes back.
STAYING = ("claim", "take-over", "note", "known", "undo")
ACTS = frozenset(("claim", "take-over", "release", "done", "reopen", "note", "known", "sleep", "undo", *OUTCOMES))
Fields = dict[str, str]
Handler = Callable[[Request, DeskSession, Fields], Response]


def act(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/callbacks/REFERENCE/ACT"""
    reference, name = request.path_params["reference"], request.path_params["act"]
    work = services(request).inbox.work
    user, once = session.user, form.get("once", "")[:64]
    note = Note(form.get("note", ""), form.get("draft", "")[:40], _number(form.get("version")))
    just: int | None = None
    if name in ACTS:
        access.note(request, user, name, [reference])
    match name:
        case "claim":
            work.claim(reference, user, once=once)
        case "take-over":
            work.take_over(reference, user, once=once)
        case "release":
            just = work.release(reference, user, note=note, once=once)
        case "done":
            just = work.done(reference, user, note=note, once=once)
        case "reopen":
            just = work.reopen(reference, user, once=once)
        case "note":
            work.note(reference, user, note, once=once)
        case "known":
            work.known(reference, user, KNOWN.get(form.get("known", "")), once=once)
        case "sleep":
            zone = services(request).clinic.zone
            until = read_time(form.get("until", ""), form.get("day", ""), form.get("at", ""), clock.now(), zone)
            just = work.sleep(reference, user, until, note=note, once=once)
        case "undo":
            work.undo(reference, _number(form.get("event")), user)
        case outcome if outcome in OUTCOMES:
            just = work.outcome(reference, user, outcome, note=note, once=once)
        case _:
            return message(request, 404, "That did not work", "There is no such button.")
    wanted, page = _back(form, user)
    if name in STAYING:
        return redirect(request, address(wanted, f"/desk/requests/{reference}", page=page))
    return redirect(request, address(wanted, page=page, just=just))


def next_call(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/next: take the next request, and show it."""
    inbox = services(request).inbox
    found = inbox.queue.next_for(session.user, inbox.work)
    wanted, page = _back(form, session.user)
    if found is None:
        return redirect(request, address(wanted, page=page, just="nobody"))
    access.note(request, session.user, "next", [found.reference])
    return redirect(request, address(wanted, f"/desk/requests/{found.reference}", page=page))


def discard(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/callbacks/REFERENCE/discard: remove a draft."""
    services(request).inbox.drafts.discard(form.get("other", ""), session.user)
    wanted, page = _back(form, session.user)
    return redirect(request, address(wanted, f"/desk/requests/{request.path_params['reference']}", page=page))


def send_again(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/deliveries/ID/again: try what was given up for another day; `all` for every one of them."""
    outbox = services(request).outbox
    wanted = request.path_params["delivery"]
    for delivery in [letter.id for letter in outbox.dead(MOST_AGAIN)] if wanted == "all" else [wanted]:
        # Somebody else may have been quicker: then it is on its way, which is what was wanted.
        outbox.again(delivery, session.user)
    return redirect(request, "/desk#deliveries")


async def draft(request: Request) -> Response:
    """POST /desk/callbacks/REFERENCE/draft: keep a note that is being written; the script's own.

    Typing keeps its person signed in; after that time the text is still taken: see `find_writer`.
    """
    await run_in_threadpool(cookies.current, request)
    user = await run_in_threadpool(cookies.writer, request)
    if user is None:
        return JSONResponse({"error": "You are signed out."}, 401, NOT_KEPT)
    try:
        form = await read_form(request)
        kept = await run_in_threadpool(
            services(request).inbox.drafts.save,
            request.path_params["reference"],
            user,
            form.get("note", ""),
            form.get("draft", "")[:40],
            _number(form.get("version")),
        )
    except FormError as fault:
        return JSONResponse({"error": str(fault)}, fault.status, NOT_KEPT)
    except DeskError as fault:
        return JSONResponse({"error": str(fault)}, 422, NOT_KEPT)
    return JSONResponse({"draft": kept.id, "version": kept.version}, headers=NOT_KEPT)


def formed(handler: Handler, *, owners: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """A route's handler that runs `handler` in a thread for whoever is signed in, with the fields of our form.

    `owners` takes the long forms of the answers.
    """

    async def answer(request: Request) -> Response:
        session = await run_in_threadpool(cookies.current, request)
        if session is None:
            return await run_in_threadpool(signed_out, request)
        back = "/desk"
        try:
            form = await read_form(request, owners=owners)
            back = _reading_on(request, form)
            return await run_in_threadpool(handler, request, session, form)
        except FormError as fault:
            return message(request, fault.status, "That did not work", str(fault), back)
        except AlreadyTaken as fault:  # names the patient
            told = request.path_params.get("reference", "")
            await run_in_threadpool(access.note, request, session.user, TOLD, [told])
            return message(request, 409, f"{fault.by} has taken this request", str(fault), back)
        except TooLate as fault:
            return message(request, 409, "Too late to undo", str(fault), back)
        except DeskError as fault:
            return message(request, 404 if "no such" in str(fault) else 422, "That did not work", str(fault), back)

    return answer


def _reading_on(request: Request, form: Fields) -> str:
    reference = request.path_params.get("reference")
    wanted, page = _back(form, "")
    return address(wanted, f"/desk/requests/{reference}" if reference else "/desk", page=page)


def _back(form: Fields, user: str) -> tuple[Wanted, int | None]:
    fields = {name: values[-1] for name, values in parse_qs(form.get("back", "")[:600], max_num_fields=20).items()}
    return wanted_by(fields, user), _number(fields.get("page")) or None


def _number(text: str | None) -> int:
    return int(text) if text and len(text) <= 9 and text.isascii() and text.isdigit() else 0


routes = [
    Route("/desk/next", formed(next_call), methods=["POST"]),
    Route("/desk/callbacks/{reference}/draft", draft, methods=["POST"]),
    Route("/desk/callbacks/{reference}/discard", formed(discard), methods=["POST"]),
    Route("/desk/callbacks/{reference}/{act}", formed(act), methods=["POST"]),
    Route("/desk/deliveries/{delivery}/again", formed(send_again), methods=["POST"]),
]
