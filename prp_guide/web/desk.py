"""The front desk's inbox: sign in, see who waits, mark done, reopen. Only signing in needs JavaScript.

Handlers are plain functions, which Starlette runs in threads: the database may wait for the disk.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.frontdesk import sign_in
from prp_guide.frontdesk.callback import DONE, OPEN, Callback
from prp_guide.web import desk_session
from prp_guide.web.desk_deliveries import banner, make_receiver, make_undelivered
from prp_guide.web.desk_rows import headline, make_row
from prp_guide.web.desk_session import FormError, read_form, services

HERE = Path(__file__).parent
PAGE_SIZE = 50
MOST_AGAIN = 1000


def inbox(request: Request) -> Response:
    """GET /desk?tab=&page=: the requests that wait, or with tab=done those that are done."""
    session = desk_session.current(request)
    if session is None:
        return _signed_out(request)
    changed = services(request).callbacks.find(request.query_params.get("changed", ""))
    return _page(request, "desk.html", user=session.user, changed=changed, **_queue(request))


def queue(request: Request) -> Response:
    """GET /desk/queue?tab=&page=: the list alone, for the page to refresh itself. Keeps no session awake."""
    if desk_session.current(request, touch=False) is None:
        # With no type, the browser would try to read it as XML, and complain.
        return HTMLResponse("", 401, {"Cache-Control": "no-store"})
    return _page(request, "desk_queue.html", **_queue(request))


async def done(request: Request) -> Response:
    """POST /desk/callbacks/REFERENCE/done: take it off the list."""
    return await _mark(request, DONE)


async def reopen(request: Request) -> Response:
    """POST /desk/callbacks/REFERENCE/reopen: put it back."""
    return await _mark(request, OPEN)


async def send_again(request: Request) -> Response:
    """POST /desk/deliveries/ID/again: try what was given up for another day; `all` for every one of them."""
    session = await run_in_threadpool(desk_session.current, request)
    if session is None:
        return await run_in_threadpool(_signed_out, request)
    try:
        await read_form(request)
    except FormError as fault:
        return _message(request, fault.status, "That did not work", str(fault))
    outbox = services(request).outbox
    wanted = request.path_params["delivery"]
    dead = await run_in_threadpool(outbox.dead, MOST_AGAIN) if wanted == "all" else ()
    for delivery in [letter.id for letter in dead] if wanted == "all" else [wanted]:
        # Somebody else may have been quicker: then it is on its way, which is what was wanted.
        await run_in_threadpool(outbox.again, delivery, session.user)
    return _redirect("/desk#deliveries")


async def _mark(request: Request, status: str) -> Response:
    session = await run_in_threadpool(desk_session.current, request)
    if session is None:
        return await run_in_threadpool(_signed_out, request)
    try:
        form = await read_form(request)
    except FormError as fault:
        return _message(request, fault.status, "That did not work", str(fault))
    reference = request.path_params["reference"]
    store = services(request).callbacks
    changed: Callback | None = await run_in_threadpool(store.mark, reference, status, session.user)
    if changed is None:
        return _message(request, 404, "That did not work", "There is no such request.")
    tab = "tab=done&" if form.get("tab") == "done" else ""
    return _redirect(f"/desk?{tab}changed={changed.reference}")


def sign_in_page(request: Request) -> Response:
    """GET /desk/sign-in#TOKEN: a form that a script fills from the fragment and posts."""
    if not desk_session.may_sign_in(request):
        sentence = "Signing in needs https, or a browser on the machine that the server runs on."
        return _message(request, 403, "No sign-in over this connection", sentence)
    cookie = desk_session.form_cookie(request)
    page = _page(request, "desk_sign_in.html", token=desk_session.first_form_token(request, cookie))
    desk_session.keep_form_cookie(request, page, cookie)
    return page


async def sign_in_post(request: Request) -> Response:
    """POST /desk/sign-in: use the link up and start a session."""
    try:
        if not desk_session.may_sign_in(request):
            raise FormError(403, "Signing in needs https, or a browser on the machine that the server runs on.")
        form = await read_form(request, first=True)
    except FormError as fault:
        return _message(request, fault.status, "You are not signed in", str(fault))
    token = await run_in_threadpool(sign_in.redeem, services(request).durable, form.get("link", ""))
    if token is None:
        # One answer for every reason: it must not tell which links exist.
        sentence = "A sign-in link is good once, for 15 minutes. Please ask for a new one."
        return _message(request, 403, "This link is no longer good", sentence)
    response = _redirect("/desk")
    desk_session.keep(request, response, token)
    return response


async def sign_out(request: Request) -> Response:
    """POST /desk/sign-out: end the session."""
    try:
        await read_form(request)
    except FormError as fault:
        return _message(request, fault.status, "That did not work", str(fault))
    token = desk_session.session_token(request)
    if token:
        await run_in_threadpool(sign_in.sign_out, services(request).durable, token)
    response = _redirect("/desk")
    desk_session.forget(request, response)
    return response


def style(_request: Request) -> Response:
    """GET /desk/desk.css"""
    return FileResponse(HERE / "static" / "desk.css", headers={"Cache-Control": "no-cache"})


def script(_request: Request) -> Response:
    """GET /desk/desk.js"""
    return FileResponse(HERE / "static" / "desk.js", headers={"Cache-Control": "no-cache"})


routes = [
    Route("/desk", inbox),
    Route("/desk/queue", queue),
    Route("/desk/sign-in", sign_in_page),
    Route("/desk/sign-in", sign_in_post, methods=["POST"]),
    Route("/desk/sign-out", sign_out, methods=["POST"]),
    Route("/desk/callbacks/{reference}/done", done, methods=["POST"]),
    Route("/desk/callbacks/{reference}/reopen", reopen, methods=["POST"]),
    Route("/desk/deliveries/{delivery}/again", send_again, methods=["POST"]),
    Route("/desk/desk.css", style),
    Route("/desk/desk.js", script),
]


def _queue(request: Request) -> dict[str, Any]:
    """What the list shows."""
    desk = services(request)
    now = clock.now()
    counts = desk.callbacks.counts(now)
    tab = DONE if request.query_params.get("tab") == "done" else OPEN
    total = counts.done if tab == DONE else counts.open
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(_number(request.query_params.get("page")), pages)
    topics = desk.library.fresh().topics
    found = desk.callbacks.list(tab, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, now=now)
    linked = desk.callbacks.with_phones(callback.phone for callback in found) if tab == OPEN else ()
    zone = desk.clinic.zone
    names = [receiver.name for receiver in desk.clinic.deliveries.receivers]
    receivers = [make_receiver(health, zone, now) for health in desk.outbox.health(names)]
    return {
        "banner": banner(desk.attendance.banner(), receivers, zone, now),
        "receivers": receivers,
        "undelivered": [make_undelivered(letter, zone, now) for letter in desk.outbox.dead(PAGE_SIZE)],
        "tab": tab,
        "counts": counts,
        "headline": headline(counts),
        "rows": [make_row(callback, topics, zone, now, linked) for callback in found],
        "page": page,
        "pages": pages,
        "total": total,
        "first": (page - 1) * PAGE_SIZE + 1,
        "hours_known": desk.hours.known,
        "form_token": desk_session.form_token(request),
    }


def _number(text: str | None) -> int:
    return max(1, int(text[:6])) if text and text.isascii() and text.isdigit() else 1


def _signed_out(request: Request) -> Response:
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        # A link on another site brings no strict cookie: ask once more, from our own page.
        return _page(request, "desk_again.html")
    response = _page(request, "desk_signed_out.html", status=401)
    if desk_session.session_token(request):
        desk_session.forget(request, response)
    return response


def _message(request: Request, status: int, title: str, sentence: str) -> Response:
    return _page(request, "desk_message.html", status=status, title=title, sentence=sentence)


def _page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    page = _templates().get_template(template).render(clinic=services(request).clinic, **values)
    # Names and numbers must not lie in a cache.
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _redirect(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
