"""One answer: the page on which it is edited, the rules while one types, its history. Works without JavaScript.

With it, the rules and the real widget answer while one types.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide.content import Library
from prp_guide.content.models import LANGUAGES, Approval, Topic
from prp_guide.editor import Draft, Opened
from prp_guide.editor.differences import Difference, differences
from prp_guide.editor.editor import FEWEST_PHRASES, approvals
from prp_guide.editor.phrase_file import read_lines
from prp_guide.editor.versions import Version
from prp_guide.errors import ChangedMeanwhile, EditError, EditRefused
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.replies import Envelope, Replies
from prp_guide.web.desk import preview
from prp_guide.web.desk.acts import Fields
from prp_guide.web.desk.owner import (
    STATUS_WORDS,
    checker_of,
    common,
    editor_of,
    library_of,
    owned,
    shown,
    statuses,
    today,
)
from prp_guide.web.desk.pages import NOT_KEPT, message, page, redirect
from prp_guide.web.desk.services import services

KIND_WORDS = {"answer": "Answered from your page", "staff": "Handed to the front desk"}
MOST_NEXT = 3


def answer(request: Request, session: DeskSession) -> Response:
    """GET /desk/answers/TOPIC: the page on which it is edited."""
    name = request.path_params["topic"]
    try:
        opened = editor_of(request).open(name)
    except EditError as fault:
        return message(request, 404, "Not found", str(fault), "/desk/answers")
    return _editing(request, session, name, opened, opened.draft, opened.seen)


def new(request: Request, session: DeskSession) -> Response:
    """GET /desk/new-answer: the same page for a topic that is not there yet."""
    return _editing(request, session, "", None, Draft(), "")


def history(request: Request, session: DeskSession) -> Response:
    """GET /desk/answers/TOPIC/history: every version, with what it changed."""
    name = request.path_params["topic"]
    versions = editor_of(request).versions.every(name)
    pairs: list[tuple[Version, list[Difference]]] = []
    for place, version in enumerate(versions):
        before = versions[place + 1] if place + 1 < len(versions) else None
        pairs.append((version, differences(before, version) if before else []))
    topic = library_of(request).topics.get(name)
    return page(
        request,
        "history.html",
        **common(request, session),
        name=name,
        topic=topic,
        versions=pairs,
        zone=services(request).clinic.zone,
    )


def save(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/answers/TOPIC: save, and approve where that is ticked."""
    name, editor = request.path_params["topic"], editor_of(request)
    opened = editor.open(name)
    draft = draft_of(form, opened.draft)
    try:
        approve = _approvals(request, form)
        saved = editor.save(name, draft, seen=form.get("seen", ""), by=session.user, approve=approve)
    except ChangedMeanwhile as fault:
        return _editing(request, session, name, opened, draft, opened.seen, moved=fault, form=form)
    except EditRefused as fault:
        return _editing(request, session, name, opened, draft, form.get("seen", ""), fault=fault, form=form)
    said = "same" if saved is None else "approved" if approve else "saved"
    return redirect(request, f"/desk/answers/{name}?said={said}")


def make(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/new-answer: a new topic."""
    draft, name = draft_of(form, Draft()), form.get("id", "").strip()
    try:
        spoken = {lang: read_lines(form.get(f"phrases.{lang}", "")) for lang in LANGUAGES}
        editor_of(request).make(name, draft, spoken, by=session.user)
    except EditRefused as fault:
        return _editing(request, session, "", None, draft, "", fault=fault, form=form)
    return redirect(request, f"/desk/answers/{name}?said=made")


def act(request: Request, session: DeskSession, form: Fields) -> Response:
    """POST /desk/answers/TOPIC/ACT: undo, restore (a version), retire."""
    name, editor = request.path_params["topic"], editor_of(request)
    number = form.get("version", "")
    match request.path_params["act"]:
        case "undo":
            editor.undo(name, by=session.user)
        case "restore" if number.isascii() and number.isdigit() and len(number) <= 6:
            editor.restore(name, int(number), by=session.user)
        case "retire":
            editor.retire(name, by=session.user)
            return redirect(request, "/desk/answers?said=retired")
        case _:
            return message(request, 404, "That did not work", "There is no such button.", "/desk/answers")
    there = name in editor.library().topics
    return redirect(request, f"/desk/answers/{name}?said=undone" if there else "/desk/answers?said=undone")


def check(request: Request, _session: DeskSession, form: Fields) -> Response:
    """POST /desk/answers/TOPIC/check, or /desk/new-answer/check: the rules and the reply, while one types."""
    name = request.path_params.get("topic") or form.get("id", "").strip() or "new"
    desk = services(request)
    library = desk.library.fresh()
    before = library.topics.get(name)
    draft = draft_of(form, Draft.of(before) if before else Draft())
    report = checker_of(request).report(name, draft).as_dict()
    topic, _ = draft.topic(name if re.fullmatch(r"[a-z0-9_]+", name) else "new")
    said: dict[str, Any] = {}
    if topic is not None and set(topic.facts) <= set(library.facts) and set(topic.next) <= {*library.topics, name}:
        if before is not None:
            topic = topic.copy(update={"approval": before.approval, "approval_es": before.approval_es})
        said = {lang: _reply(request, library, topic, lang).as_dict() for lang in topic.reply.languages()}
    return JSONResponse({**report, "said": said}, headers=NOT_KEPT)


def draft_of(form: Fields, before: Draft) -> Draft:
    """The draft in the fields of the page; how many texts there are under `known`, the file says."""

    def words(place: str) -> dict[str, str]:
        return {lang: form.get(f"{place}.{lang}", "") for lang in LANGUAGES}

    kind = form.get("kind", "")
    raw = {
        "kind": kind,
        "label": words("label"),
        "about": words("about"),
        "reply": words("reply"),
        "known": [words(f"known.{place}") for place in range(len(before.known))],
        # Those that were cited keep their order: the first one names the section that patients see.
        "facts": [
            *(fact for fact in before.facts if f"fact.{fact}" in form),
            *(key[5:] for key in form if key.startswith("fact.") and key[5:] not in before.facts),
        ],
        "next": list(dict.fromkeys(filter(None, (form.get(f"next.{place}", "") for place in range(MOST_NEXT))))),
    }
    return Draft.from_dict(raw)


def _editing(
    request: Request,
    session: DeskSession,
    name: str,
    opened: Opened | None,
    draft: Draft,
    seen: str,
    *,
    fault: EditRefused | None = None,
    moved: ChangedMeanwhile | None = None,
    form: Fields | None = None,
) -> Response:
    library = library_of(request)
    form = form or {}
    day = today(request)
    topic = opened.topic if opened else None
    response = page(
        request,
        "answer.html",
        status=409 if moved else 422 if fault else 200,
        **common(request, session),
        name=name,
        topic=topic,
        draft=draft,
        seen=seen,
        fault=fault,
        moved=moved,
        theirs=opened.draft if opened and moved else None,
        form=form,
        sections=_sections(library),
        claims={fact.id: fact.claim for fact in library.facts.values()},
        topics=sorted(library.topics.values(), key=lambda one: one.label.en),
        languages=(("en", "English"), ("es", "Spanish")),
        kind_words=KIND_WORDS,
        statuses=statuses(topic, day) if topic else {},
        status_words=STATUS_WORDS,
        doubts=[library.doubts[fact] for fact in topic.facts if fact in library.doubts] if topic else [],
        next_year=_next_year(day).isoformat(),
        fewest=FEWEST_PHRASES,
        may_undo=bool(name) and len(editor_of(request).versions.every(name)) > 1,
        counts={lang: len(opened.phrases[lang]) for lang in LANGUAGES} if opened else {},
    )
    return preview.framing(response)


def _sections(library: Library) -> list[tuple[str, list[Any]]]:
    found = []
    for section in library.sections.values():
        within = [fact for fact in library.facts.values() if fact.section == section.id]
        if within:
            found.append((section.title, within))
    return found


def _approvals(request: Request, form: Fields) -> dict[str, Approval]:
    ticked = [lang for lang in LANGUAGES if f"approve.{lang}" in form]
    if not ticked:
        return {}
    return approvals(form.get("approve.by", ""), today(request), form.get("approve.until", ""), ticked)


def _reply(request: Request, library: Library, topic: Topic, lang: str) -> Envelope:
    clinic = services(request).clinic
    # As it is once it is saved: what is in doubt, or overdue, is held back until then.
    tried = replace(library.with_topic(topic), doubts={})
    return Replies(tried.with_topic(topic), clinic, clinic.page_url).topic(topic.id, lang)


def _next_year(today: date) -> date:
    return today.replace(year=today.year + 1, day=min(today.day, 28))


routes = [
    Route("/desk/new-answer", shown(new)),
    Route("/desk/new-answer", owned(make), methods=["POST"]),
    Route("/desk/new-answer/check", owned(check), methods=["POST"]),
    Route("/desk/answers/{topic}", shown(answer)),
    Route("/desk/answers/{topic}", owned(save), methods=["POST"]),
    Route("/desk/answers/{topic}/history", shown(history)),
    Route("/desk/answers/{topic}/check", owned(check), methods=["POST"]),
    Route("/desk/answers/{topic}/{act}", owned(act), methods=["POST"]),
]
