"""Signing in by link or by name and password, and out again."""

from __future__ import annotations

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.frontdesk import sign_in
from prp_guide.privacy.access_log import REFUSED, SIGNED_IN, SIGNED_OUT
from prp_guide.web.buckets import Buckets, Rule
from prp_guide.web.desk import access, cookies
from prp_guide.web.desk.acts import formed
from prp_guide.web.desk.cookies import FormError, read_form
from prp_guide.web.desk.pages import NOT_KEPT, message, page, redirect, signed_out
from prp_guide.web.desk.services import services
from prp_guide.web.limits import address_of

NO_HTTPS = "Signing in needs https, or a browser on the machine that the server runs on."
# Attempts of one address on one name; of one address; on one name, from wherever. A browser that guesses is slowed
# down long before its person is: the last is wide, so that a stranger cannot lock somebody out.
BY_NAME_AND_ADDRESS = Rule("sign-in-name-address", burst=6, rate=1 / 60)
BY_ADDRESS = Rule("sign-in-address", burst=40, rate=1 / 10)
BY_NAME = Rule("sign-in-name", burst=100, rate=1 / 20)
# In this process: whoever could restart it needs no password.
_attempts = Buckets()
# Whoever waits for a check takes none of the threads that the other pages need.
_checking = anyio.CapacityLimiter(2)


def sign_in_page(request: Request) -> Response:
    """GET /desk/sign-in#TOKEN: name and password, or a form that a script fills from the fragment and posts."""
    if not cookies.may_sign_in(request):
        return message(request, 403, "No sign-in over this connection", NO_HTTPS)
    return _form(request)


async def sign_in_post(request: Request) -> Response:
    """POST /desk/sign-in: use the link up, or check the password, and start a session."""
    try:
        if not cookies.may_sign_in(request):
            raise FormError(403, NO_HTTPS)
        form = await read_form(request, first=True)
    except FormError as fault:
        return message(request, fault.status, "You are not signed in", str(fault))
    durable = services(request).durable
    name = form.get("name", "").strip()
    if "link" in form or not name:
        token = await run_in_threadpool(sign_in.redeem, durable, form.get("link", ""))
        if token is None:
            # One answer for every reason: it must not tell which links exist.
            sentence = "A sign-in link is good once, for 15 minutes. Please ask for a new one."
            return message(request, 403, "This link is no longer good", sentence, "/desk/sign-in")
    else:
        wait = _wait(name, address_of(request))
        if wait:
            minutes = max(1, round(wait / 60))
            again = f"Too many attempts. Try again in {minutes} min, or ask for a sign-in link."
            answer = await run_in_threadpool(_form, request, again, name, 429)
            answer.headers["Retry-After"] = str(int(wait) + 1)
            return answer
        check = services(request).inbox.users.check
        user = await anyio.to_thread.run_sync(check, name, form.get("password", ""), limiter=_checking)
        if user is None:
            await run_in_threadpool(_note_refused, request, name)
            return await run_in_threadpool(_form, request, "Name or password is not right.", name, 403)
        token = await run_in_threadpool(sign_in.begin, durable, user.name)
    session = await run_in_threadpool(sign_in.find_session, durable, token)
    if session is not None:
        how = "by link" if "link" in form or not name else "by password"
        await run_in_threadpool(access.note, request, session.user, SIGNED_IN, (), how)
    response = redirect(request, "/desk")
    cookies.keep(request, response, token)
    return response


async def sign_out(request: Request) -> Response:
    """POST /desk/sign-out: end the session; with everywhere=1 all of this person's."""
    try:
        form = await read_form(request)
    except FormError as fault:
        return message(request, fault.status, "That did not work", str(fault))
    session = await run_in_threadpool(cookies.current, request, touch=False)
    token = cookies.session_token(request)
    if session is not None:
        everywhere = "everywhere" if form.get("everywhere") else None
        await run_in_threadpool(access.note, request, session.user, SIGNED_OUT, (), everywhere)
    if session is not None and form.get("everywhere"):
        await run_in_threadpool(sign_in.sign_out_everywhere, services(request).durable, session.user)
    elif token:
        await run_in_threadpool(sign_in.sign_out, services(request).durable, token)
    response = redirect(request, "/desk")
    cookies.forget(request, response)
    return response


def left(request: Request) -> Response:
    """GET /desk/left: for how many seconds one stays signed in if nothing more is done. Keeps nobody awake."""
    session = cookies.current(request, touch=False)
    return _left(request, session)


def awake(request: Request, session: sign_in.DeskSession, form: dict[str, str]) -> Response:
    """POST /desk/awake: somebody is there, though they send nothing else."""
    return _left(request, session)


def _left(request: Request, session: sign_in.DeskSession | None) -> Response:
    if session is None:
        return signed_out(request)
    return JSONResponse({"left": int((session.ends - clock.now()).total_seconds())}, headers=NOT_KEPT)


def _form(request: Request, fault: str = "", name: str = "", status: int = 200) -> Response:
    cookie = cookies.form_cookie(request)
    token = cookies.first_form_token(request, cookie)
    answer = page(request, "sign_in.html", status=status, token=token, fault=fault, name=name)
    cookies.keep_form_cookie(request, answer, cookie)
    return answer


def _note_refused(request: Request, name: str) -> None:
    """A wrong password, for a person that there is: what else stands in the field may be a password itself."""
    known = {user.name.casefold(): user.name for user in services(request).inbox.users.every()}.get(name.casefold())
    if known is not None:
        access.note(request, known, REFUSED, (), "wrong password")


def _wait(name: str, address: str) -> float:
    known = name.casefold()[:80]
    return max(
        _attempts.take(rule, caller)
        for rule, caller in (
            (BY_NAME_AND_ADDRESS, f"{known}\n{address}"),
            (BY_ADDRESS, address),
            (BY_NAME, known),
        )
    )


routes = [
    Route("/desk/sign-in", sign_in_page),
    Route("/desk/sign-in", sign_in_post, methods=["POST"]),
    Route("/desk/sign-out", sign_out, methods=["POST"]),
    Route("/desk/left", left),
    Route("/desk/awake", formed(awake), methods=["POST"]),
]
