"""Every address of the front desk."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from prp_guide.web.desk import (
    acts,
    answer,
    answers,
    facts,
    inbox,
    insight,
    news,
    people,
    phrases,
    preview,
    publishing,
    sign_in,
)
from prp_guide.web.desk.pages import HERE

ASSETS = (
    "desk.css",
    "desk.js",
    "live.js",
    "note.js",
    "answers.css",
    "answers.js",
    "preview.js",
    "publishing.js",
)


def asset(request: Request) -> Response:
    """GET /desk/desk.css, and the scripts."""
    name = request.url.path.rpartition("/")[2]
    return FileResponse(HERE / "static" / name, headers={"Cache-Control": "no-cache"})


routes = [
    *inbox.routes,
    *acts.routes,
    *sign_in.routes,
    *people.routes,
    *news.routes,
    *insight.routes,
    *answers.routes,
    *facts.routes,
    *phrases.routes,
    *answer.routes,  # its last one takes any other word behind a topic
    *preview.routes,
    *publishing.routes,
    *(Route(f"/desk/{name}", asset) for name in ASSETS),
]
