"""The demo page and the files under static/, the built widget among them."""

from __future__ import annotations

from pathlib import Path

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

templates = Jinja2Templates(directory=HERE / "templates")
files = StaticFiles(directory=STATIC)


async def demo(request: Request) -> Response:
    """A sample clinic page with the chat on it."""
    clinic = services_of(request).clinic
    lang = request.query_params.get("lang", "en")
    facts = {"name": clinic.name, "phone": clinic.phone_text, "phone_href": clinic.phone_href}
    context = {"clinic": facts, "lang": lang if lang in LANGUAGES else "en"}
    return templates.TemplateResponse(request, "demo.html", context, headers={"Cache-Control": "no-cache"})


async def static_file(request: Request) -> Response:
    """A file by its name; browsers ask each time whether it has changed, and mostly hear that it has not."""
    response = await files.get_response(request.url.path.removeprefix("/"), request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response


def make_routes() -> list[Route]:
    """A route for the demo page and for each file that is there, the front desk's apart (prp_guide.web.desk).

    The widget's route stands before the widget is built.
    """
    names = {WIDGET, *(file.name for file in STATIC.iterdir() if file.is_file() and not file.stem.startswith("desk"))}
    return [Route("/", demo), *(Route(f"/{name}", static_file) for name in sorted(names))]
