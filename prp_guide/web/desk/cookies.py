"""Cookies and forms of the front desk: who is asking, and did the form come from our own page."""

from __future__ import annotations

import re
import secrets
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from prp_guide import keys
from prp_guide.errors import PRPGuideError
from prp_guide.frontdesk import sign_in
from prp_guide.web.desk.services import services

# Set on what a page asks for by itself: that keeps no session awake.
BY_ITSELF = "x-prp-by-itself"
SESSION, FORM = "prp-desk", "prp-desk-form"
FORM_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")  # what else comes is not sent back
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
LONGEST_FORM = 65_536  # a long note, each character escaped
LONGEST_FIRST_FORM = 4096  # of whom nobody knows yet
MOST_FIELDS = 20
# The owner's forms hold a whole topic, or all its phrases.
LONGEST_OWNERS_FORM, MOST_OWNERS_FIELDS = 1_000_000, 300


class FormError(PRPGuideError):
    """A form cannot be taken; `status` is the answer's, the message is for the person at the page."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


def may_sign_in(request: Request) -> bool:
    """Whether a session cookie may travel: over https; over http only within one machine, the exception."""
    return _is_https(request) or request.url.hostname in LOOPBACK_NAMES


def session_token(request: Request) -> str | None:
    """The session's token that the browser sent, if any."""
    return request.cookies.get(_cookie(request, SESSION)) if may_sign_in(request) else None


def current(request: Request, *, touch: bool = True) -> sign_in.DeskSession | None:
    """Who is signed in, or None. What a page does by itself, and what passes touch=False, keeps nobody signed in."""
    touch = touch and BY_ITSELF not in request.headers
    token = session_token(request)
    session = sign_in.find_session(services(request).durable, token, touch=touch) if token else None
    if session is not None and touch:
        services(request).attendance.seen()
    return session


def writer(request: Request) -> str | None:
    """Who may put down a note that they were writing, or None: see prp_guide.frontdesk.sign_in.find_writer."""
    token = session_token(request)
    return sign_in.find_writer(services(request).durable, token) if token else None


def keep(request: Request, response: Response, token: str) -> None:
    """Let the browser keep the session's `token` until it closes; the server ends the session in any case."""
    _set(request, response, SESSION, token)


def forget(request: Request, response: Response) -> None:
    """Take the session's cookie back."""
    _set(request, response, SESSION, "", max_age=0)


def form_token(request: Request) -> str:
    """The token for the forms of a page that someone signed in sees."""
    return sign_in.form_token(_key(request), session_token(request) or "")


def first_form_token(request: Request, cookie: str) -> str:
    """The token for the sign-in form, bound to the value of a cookie that only this browser has."""
    return sign_in.form_token(_key(request), f"first:{cookie}")


def form_cookie(request: Request) -> str:
    """The value to bind the sign-in form to: the browser's, so that two tabs can sign in, or a new one."""
    kept = request.cookies.get(_cookie(request, FORM), "")
    return kept if FORM_COOKIE.fullmatch(kept) else secrets.token_urlsafe(32)


def keep_form_cookie(request: Request, response: Response, value: str) -> None:
    """Let the browser keep what the sign-in form is bound to."""
    _set(request, response, FORM, value)


async def read_form(request: Request, *, first: bool = False, owners: bool = False) -> dict[str, str]:
    """The fields of a form of ours. Raises FormError when it is too long, no form, or not from our page.

    `first` reads the sign-in form, which has no session yet; `owners` takes the long forms of the answers.
    """
    longest = LONGEST_FIRST_FORM if first else LONGEST_OWNERS_FORM if owners else LONGEST_FORM
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        raise FormError(415, "This page takes its own forms only.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise FormError(413, "This form is too long.")
    try:
        most = MOST_OWNERS_FIELDS if owners else MOST_FIELDS
        fields = {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=most).items()}
    except ValueError:  # not UTF-8, or too many fields
        raise FormError(400, "This form cannot be read.") from None
    bound_to = f"first:{request.cookies.get(_cookie(request, FORM), '')}" if first else session_token(request) or ""
    elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if elsewhere or not sign_in.form_token_fits(_key(request), bound_to, fields.get("form_token", "")):
        raise FormError(403, "This form is no longer good. Go back, load the page again, and repeat it.")
    return fields


def scheme(request: Request) -> str:
    """What the browser's addresses begin with: https behind a proxy too."""
    return "https" if _is_https(request) else "http"


def new_once() -> str:
    """A key for a form's act: the same form sent again acts once."""
    return secrets.token_urlsafe(16)


def _key(request: Request) -> bytes:
    return keys.read_key(services(request).home, keys.DESK)


def _cookie(request: Request, name: str) -> str:
    # By the prefix browsers take the cookie only when it is Secure and this host's own; http cannot have it.
    return f"__Host-{name}" if _is_https(request) else name


def _is_https(request: Request) -> bool:
    # A proxy in front ends the https and says so. Who lies gets a cookie that no browser sends over http.
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").strip().lower())


def _set(request: Request, response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    response.set_cookie(
        _cookie(request, name),
        value,
        max_age=max_age,
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )
