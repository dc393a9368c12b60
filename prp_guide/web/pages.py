"""The demo pages and the files under static/, the built widget among them."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from prp_guide.chat.entry import LANGUAGES
from prp_guide.web.services import services_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
WIDGET = "widget.js"
# Files only: a reply of the API that is compressed beside what a patient typed would tell of it by its length.
SMALLER = [Middleware(GZipMiddleware, minimum_size=500)]

templates = Jinja2Templates(directory=HERE / "templates")
files = StaticFiles(directory=STATIC)


async def demo(request: Request) -> Response:
    """A sample clinic page with the chat on it."""
    return page(request, "demo.html")


async def tour(request: Request) -> Response:
    """What to try in the chat, one tap each."""
    return page(request, "demo_tour.html")


def page(request: Request, template: str) -> Response:
    clinic = services_of(request).clinic
    lang = request.query_params.get("lang", "en")
    facts = {"name": clinic.name, "phone": clinic.phone_text, "phone_href": clinic.phone_href}
    context = {"clinic": facts, "lang": lang if lang in LANGUAGES else "en", "here": request.url.path}
    return templates.TemplateResponse(request, template, context, headers={"Cache-Control": "no-cache"})


async def static_file(request: Request) -> Response:
    """A file by its name; browsers ask each time whether it has changed, and mostly hear that it has not."""
    response = await files.get_response(request.url.path.removeprefix("/"), request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response


def make_routes() -> list[Route]:
    """A route for each demo page and for each file under static/.

    The widget's route stands before the widget is built.
    """
    names = {WIDGET, *(file.name for file in STATIC.iterdir() if file.is_file())}
    return [
        Route("/", demo),
        Route("/tour", tour),
        *(Route(f"/{name}", static_file, middleware=SMALLER) for name in sorted(names)),
    ]
