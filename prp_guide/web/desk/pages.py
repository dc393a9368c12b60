"""How the front desk's pages are answered: templates, messages, redirects, and where patients' details go out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from prp_guide import clock
from prp_guide.frontdesk.callback import Callback
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.privacy.access_log import OPENED
from prp_guide.web.desk import access, cookies
from prp_guide.web.desk.services import services

HERE = Path(__file__).parent
# Names and numbers must not lie in a cache.
NOT_KEPT = {"Cache-Control": "no-store"}


def show(
    request: Request,
    session: DeskSession,
    template: str,
    callbacks: Iterable[Callback],
    *,
    opened: Callback | None = None,
    **values: Any,
) -> Response:
    """A page with the details of `callbacks`, and all that is known of the one that is `opened`, for who is signed in.

    Every page that shows a patient's details goes out here, once it is written down who saw what.
    """
    access.note_list(request, session.user, [callback.reference for callback in callbacks])
    if opened is not None and cookies.BY_ITSELF not in request.headers:
        access.note(request, session.user, OPENED, [opened.reference])
    return page(
        request,
        template,
        session=session,
        session_left=int((session.ends - clock.now()).total_seconds()),
        form_token=cookies.form_token(request),
        **values,
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page made from `template`, with no patient's details in it."""
    text = _templates().get_template(template).render(clinic=services(request).clinic, **values)
    return HTMLResponse(text, status, NOT_KEPT)


def message(request: Request, status: int, title: str, sentence: str, back: str = "/desk") -> Response:
    """What went wrong, for a person; the script gets the sentence alone."""
    if by_script(request):
        return JSONResponse({"error": sentence}, status, NOT_KEPT)
    return page(request, "message.html", status=status, title=title, sentence=sentence, back=back)


def redirect(request: Request, path: str) -> Response:
    """On to `path`; the script is told where."""
    if by_script(request):
        return JSONResponse({"to": path}, headers=NOT_KEPT)
    return RedirectResponse(path, 303, NOT_KEPT)


def signed_out(request: Request) -> Response:
    """What somebody sees who is not signed in."""
    if by_script(request) or cookies.BY_ITSELF in request.headers:
        return JSONResponse({"error": "You are signed out."}, 401, NOT_KEPT)
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        # A link on another site brings no strict cookie: ask once more, from our own page.
        return page(request, "again.html")
    response = page(request, "signed_out.html", status=401, can_sign_in=cookies.may_sign_in(request))
    if cookies.session_token(request):
        cookies.forget(request, response)
    return response


def by_script(request: Request) -> bool:
    """Whether our script asks, which keeps what was typed until it has heard that all went well."""
    return request.headers.get("accept") == "application/json"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
