"""/desk/answers/TOPIC/phrases: what patients say of a topic, one phrase a line."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide.content.models import LANGUAGES
from prp_guide.editor import Opened
from prp_guide.editor.phrase_file import read_lines
from prp_guide.errors import ChangedMeanwhile, EditError, EditRefused
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.web.desk.acts import Fields
from prp_guide.web.desk.owner import common, editor_of, owned, shown
from prp_guide.web.desk.pages import message, page, redirect


def phrases(request: Request, session: DeskSession) -> Response:
    """GET /desk/answers/TOPIC/phrases: what patients say, one phrase a line."""
    try:
        opened = editor_of(request).open(request.path_params["topic"])
    except EditError as fault:
        return message(request, 404, "Not found", str(fault), "/desk/answers")
    return _phrases(request, session, opened, {lang: "\n".join(opened.phrases[lang]) for lang in LANGUAGES})


def save_phrases(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/answers/TOPIC/phrases"""
    name, editor = request.path_params["topic"], editor_of(request)
    opened = editor.open(name)
    typed = {lang: form.get(f"phrases.{lang}", "") for lang in LANGUAGES}
    try:
        spoken = {lang: read_lines(typed[lang]) for lang in LANGUAGES}
        saved = editor.save_phrases(name, spoken, seen=form.get("seen", ""), by=session.user)
    except (ChangedMeanwhile, EditRefused) as fault:
        return _phrases(request, session, opened, typed, fault=fault)
    return redirect(request, f"/desk/answers/{name}?said={'phrases' if saved else 'same'}")


def _phrases(
    request: Request, session: DeskSession, opened: Opened, typed: Mapping[str, str], fault: EditError | None = None
) -> Response:
    return page(
        request,
        "phrases.html",
        status=422 if fault else 200,
        **common(request, session),
        opened=opened,
        typed=typed,
        fault=fault,
        seen=opened.phrases_seen,
    )


routes = [
    Route("/desk/answers/{topic}/phrases", shown(phrases)),
    Route("/desk/answers/{topic}/phrases", owned(save_phrases), methods=["POST"]),
]
