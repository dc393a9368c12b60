"""The real widget in a frame of the editor's page, with the reply that is being written. It asks no server."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide.web.desk import cookies
from prp_guide.web.desk.pages import page, signed_out
from prp_guide.web.headers import CONTENT_POLICY

# Our own pages alone may frame it.
FRAMED = {
    "Content-Security-Policy": CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
}


def preview(request: Request) -> Response:
    """GET /desk/preview?lang=es: an empty page with the widget on it. Its script takes the place of the server."""
    session = cookies.current(request)
    if session is None:
        return signed_out(request)
    lang = "es" if request.query_params.get("lang") == "es" else "en"
    response = page(request, "preview.html", lang=lang)
    response.headers.update(FRAMED)
    return response


def framing(response: Response) -> Response:
    """`response`, a page that shows the preview."""
    response.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; frame-src 'self'"
    return response


routes = [Route("/desk/preview", preview)]
