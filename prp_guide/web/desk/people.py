"""One's own password and sessions; for owners, the people of the front desk."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.errors import DeskError
from prp_guide.frontdesk import sign_in
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.frontdesk.users import ROLES, SHORTEST_PASSWORD
from prp_guide.privacy.access_log import PEOPLE
from prp_guide.web.desk import access, cookies
from prp_guide.web.desk.acts import formed
from prp_guide.web.desk.owner import owned
from prp_guide.web.desk.pages import message, page, redirect, signed_out
from prp_guide.web.desk.rows import make_moment
from prp_guide.web.desk.services import services

Fields = dict[str, str]


def people(request: Request) -> Response:
    """GET /desk/people: one's own password and sessions, and for owners everybody."""
    session = cookies.current(request)
    return signed_out(request) if session is None else _people(request, session)


def password(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/people/password: set one's own. All other sessions end."""
    users = services(request).inbox.users
    me = users.require(session.user)
    if me.has_password and users.check(me.name, form.get("old", "")) is None:
        return _people(request, session, fault="The old password is not right.")
    if form.get("new", "") != form.get("again", ""):
        return _people(request, session, fault="The new password was not the same twice.")
    try:
        users.set_password(me.name, form.get("new", ""))
    except DeskError as fault:
        return _people(request, session, fault=str(fault))
    durable = services(request).durable
    sign_in.sign_out_everywhere(durable, me.name)
    access.note(request, me.name, PEOPLE, (), "new password")
    response = redirect(request, "/desk/people?said=password")
    cookies.keep(request, response, sign_in.begin(durable, me.name))
    return response


def add(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/people/add: an owner adds somebody, and gets a link for them."""
    users = services(request).inbox.users
    try:
        made = users.add(form.get("name", ""), form.get("role", ""))
        access.note(request, session.user, PEOPLE, (), f"added: {made.name} ({made.role})")
    except DeskError as fault:
        return _people(request, session, fault=str(fault))
    return _people(request, session, link=(made.name, _link(request, made.name)))


def change(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/people/change: an owner gives somebody a link, signs them out everywhere, or removes them."""
    user = services(request).inbox.users.require(form.get("name", ""))
    if (do := form.get("do")) in ("link", "sign-out", "remove"):
        access.note(request, session.user, PEOPLE, (), f"{do}: {user.name}")
    match form.get("do"):
        case "link":
            return _people(request, session, link=(user.name, _link(request, user.name)))
        case "sign-out":
            sign_in.sign_out_everywhere(services(request).durable, user.name)
        case "remove":
            services(request).inbox.users.remove(user.name)
        case _:
            return message(request, 404, "That did not work", "There is no such button.", "/desk/people")
    return redirect(request, "/desk/people")


def _people(
    request: Request, session: DeskSession, *, fault: str = "", link: tuple[str, str] | None = None
) -> Response:
    desk = services(request)
    users = desk.inbox.users
    sessions = sign_in.count_sessions(desk.durable)
    now, zone = clock.now(), desk.clinic.zone
    return page(
        request,
        "people.html",
        status=422 if fault else 200,
        session=session,
        user=session.user,
        form_token=cookies.form_token(request),
        me=users.require(session.user),
        people=[
            (user, sessions.get(user.name, 0), make_moment(user.created, zone, now))
            for user in (users.every() if session.owner else ())
        ],
        my_sessions=sessions.get(session.user, 0),
        roles=ROLES,
        shortest=SHORTEST_PASSWORD,
        fault=fault,
        said="Your password is set. You are signed out everywhere else."
        if request.query_params.get("said") == "password"
        else "",
        link=link,
    )


def _link(request: Request, name: str) -> str:
    base = f"{cookies.scheme(request)}://{request.url.netloc}"
    return base + sign_in.link_path(sign_in.make_link(services(request).durable, name))


routes = [
    Route("/desk/people", people),
    Route("/desk/people/password", formed(password), methods=["POST"]),
    Route("/desk/people/add", owned(add), methods=["POST"]),
    Route("/desk/people/change", owned(change), methods=["POST"]),
]
