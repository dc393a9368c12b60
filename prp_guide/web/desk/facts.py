"""/desk/facts: what the clinic's page says, and what of it no answer uses."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide.editor.editor import unused_facts
from prp_guide.errors import EditRefused
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.web.desk.acts import Fields
from prp_guide.web.desk.owner import common, editor_of, library_of, owned, shown
from prp_guide.web.desk.pages import page, redirect


def facts(request: Request, session: DeskSession) -> Response:
    """GET /desk/facts: add what your page says, and take out what no answer uses."""
    return _facts(request, session, {})


def add_fact(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/facts"""
    fact = {
        "id": form.get("id", "").strip(),
        "section": form.get("section", ""),
        "claim": " ".join(form.get("claim", "").split()),
        "values": _lines(form.get("values", "")),
        "evidence": _lines(form.get("evidence", "")),
    }
    try:
        editor_of(request).add_fact(fact, by=session.user)
    except EditRefused as fault:
        return _facts(request, session, form, fault=fault)
    topic = form.get("topic", "")
    known = topic in editor_of(request).library().topics
    return redirect(request, f"/desk/answers/{topic}?said=fact" if known else "/desk/answers?said=fact")


def remove_fact(request: Request, session: DeskSession, _form: Fields) -> Response:
    """POST /desk/facts/FACT/remove"""
    editor_of(request).remove_fact(request.path_params["fact"], by=session.user)
    return redirect(request, "/desk/facts?said=fact_removed")


def _facts(request: Request, session: DeskSession, form: Fields, fault: EditRefused | None = None) -> Response:
    library = library_of(request)
    return page(
        request,
        "facts.html",
        status=422 if fault else 200,
        **common(request, session),
        sections=library.sections.values(),
        unused=unused_facts(library),
        form=form,
        fault=fault,
        topic=form.get("topic") or request.query_params.get("topic", ""),
    )


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


routes = [
    Route("/desk/facts", shown(facts)),
    Route("/desk/facts", owned(add_fact), methods=["POST"]),
    Route("/desk/facts/{fact}/remove", owned(remove_fact), methods=["POST"]),
]
