"""The owner's answers: the list of topics, the page on which one is edited, its history. Works without JavaScript.

With it, the rules and the real widget answer while one types.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide import clock
from prp_guide.content import Library
from prp_guide.content.models import LANGUAGES, Approval, Topic
from prp_guide.editor import Draft, Editor, Opened
from prp_guide.editor.apart import Checker
from prp_guide.editor.differences import Difference, differences
from prp_guide.editor.editor import FEWEST_PHRASES, approvals
from prp_guide.editor.phrase_file import read_lines
from prp_guide.editor.versions import Version
from prp_guide.errors import ChangedMeanwhile, DataError, EditError, EditRefused
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.insight.page import day_words
from prp_guide.replies import Envelope, Replies
from prp_guide.tied import tied
from prp_guide.web import desk_insight, desk_preview, desk_publishing, desk_session
from prp_guide.web.desk_acts import Fields, Handler, formed
from prp_guide.web.desk_pages import NOT_KEPT, message, page, redirect, signed_out
from prp_guide.web.desk_session import services

SHOWN = {
    "": "All",
    "answer": "Answers",
    "staff": "Front desk",
    "pending": "Not approved",
    "review": "To look at again",
    "doubt": "Page changed",
}
STATUS_WORDS = {
    "pending": "not approved",
    "approved": "approved",
    "review_soon": "look at it again soon",
    "overdue": "overdue",
}
KIND_WORDS = {"answer": "Answered from your page", "staff": "Handed to the front desk"}
DAYS = 28  # of the figures in the list
MOST_NEXT = 3
SAID = {
    "saved": "Saved. It is in the chat with the next message.",
    "same": "Nothing was changed.",
    "approved": "Approved. It is in the chat with the next message.",
    "undone": "What was before is back.",
    "made": "Saved. Patients who type about it find it once its phrases are published.",
    "phrases": "Saved. The phrases count once they are published.",
    "fact": "The fact is added. Choose it below.",
    "retired": "Retired. You can bring it back below.",
}


@dataclass(frozen=True)
class Row:
    """A topic in the list."""

    topic: Topic
    statuses: Mapping[str, str]  # by language
    held: bool
    asked: int
    helpful: int
    votes: int

    @property
    def approval(self) -> Approval | None:
        return self.topic.approved("en")


def answers(request: Request) -> Response:
    """GET /desk/answers: every topic, how its approval stands, how often it was asked."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    if not session.owner:
        return owners_only(request)
    library = _library(request)
    every, wanted = _rows(request, library), request.query_params.get("show", "")
    wanted = wanted if wanted in SHOWN else ""
    chosen = {show: [row for row in every if _belongs(row, show)] for show in SHOWN}
    return page(
        request,
        "desk_answers.html",
        **_common(request, session),
        rows=chosen[wanted],
        counts={show: len(rows) for show, rows in chosen.items()},
        show=wanted,
        shown=SHOWN,
        status_words=STATUS_WORDS,
        days=DAYS,
        retired=editor_of(request).retired(),
        publishing=desk_publishing.view(request),
    )


def answer(request: Request) -> Response:
    """GET /desk/answers/TOPIC: the page on which it is edited."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    if not session.owner:
        return owners_only(request)
    name = request.path_params["topic"]
    try:
        opened = editor_of(request).open(name)
    except EditError as fault:
        return message(request, 404, "Not found", str(fault), "/desk/answers")
    return _editing(request, session, name, opened, opened.draft, opened.seen)


def new(request: Request) -> Response:
    """GET /desk/new-answer: the same page for a topic that is not there yet."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    if not session.owner:
        return owners_only(request)
    return _editing(request, session, "", None, Draft(), "")


def history(request: Request) -> Response:
    """GET /desk/answers/TOPIC/history: every version, with what it changed."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    if not session.owner:
        return owners_only(request)
    name = request.path_params["topic"]
    versions = editor_of(request).versions.every(name)
    pairs: list[tuple[Version, list[Difference]]] = []
    for place, version in enumerate(versions):
        before = versions[place + 1] if place + 1 < len(versions) else None
        pairs.append((version, differences(before, version) if before else []))
    topic = _library(request).topics.get(name)
    return page(
        request,
        "desk_history.html",
        **_common(request, session),
        name=name,
        topic=topic,
        versions=pairs,
        zone=services(request).clinic.zone,
    )


def phrases(request: Request) -> Response:
    """GET /desk/answers/TOPIC/phrases: what patients say, one phrase a line."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    if not session.owner:
        return owners_only(request)
    try:
        opened = editor_of(request).open(request.path_params["topic"])
    except EditError as fault:
        return message(request, 404, "Not found", str(fault), "/desk/answers")
    return _phrases(request, session, opened, {lang: "\n".join(opened.phrases[lang]) for lang in LANGUAGES})


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


def facts(request: Request) -> Response:
    """GET /desk/facts: add what your page says."""
    session = desk_session.current(request)
    if session is None:
        return signed_out(request)
    return _facts(request, session, {}) if session.owner else owners_only(request)


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


def owned(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """`formed` for owners alone, with long forms; what cannot be done is said on a page of its own."""

    def answer(request: Request, session: DeskSession, form: Fields) -> Response:
        if not session.owner:
            return owners_only(request)
        try:
            return handler(request, session, form)
        except (EditError, DataError) as fault:
            return message(request, 422, "That did not work", str(fault), "/desk/answers")

    return formed(answer, owners=True)


def owners_only(request: Request) -> Response:
    return message(request, 403, "For owners", "Only an owner of the front desk can change the answers.")


def editor_of(request: Request) -> Editor:
    """The editor of the installation that `request` came to; its rules are asked in a process of their own."""
    return Editor(services(request).home, checker_of(request).findings)


def checker_of(request: Request) -> Checker:
    """The application's checker; made with the first question."""
    state = request.app.state
    if not hasattr(state, "answers_checker"):
        state.answers_checker = Checker(services(request).home, tied)
    found: Checker = state.answers_checker
    return found


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
    library = _library(request)
    form = form or {}
    today = _today(request)
    topic = opened.topic if opened else None
    response = page(
        request,
        "desk_answer.html",
        status=409 if moved else 422 if fault else 200,
        **_common(request, session),
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
        statuses=_statuses(topic, today) if topic else {},
        status_words=STATUS_WORDS,
        doubts=[library.doubts[fact] for fact in topic.facts if fact in library.doubts] if topic else [],
        next_year=_next_year(today).isoformat(),
        fewest=FEWEST_PHRASES,
        may_undo=bool(name) and len(editor_of(request).versions.every(name)) > 1,
        counts={lang: len(opened.phrases[lang]) for lang in LANGUAGES} if opened else {},
    )
    return desk_preview.framing(response)


def _phrases(
    request: Request, session: DeskSession, opened: Opened, typed: Mapping[str, str], fault: EditError | None = None
) -> Response:
    return page(
        request,
        "desk_phrases.html",
        status=422 if fault else 200,
        **_common(request, session),
        opened=opened,
        typed=typed,
        fault=fault,
        seen=opened.phrases_seen,
    )


def _facts(request: Request, session: DeskSession, form: Fields, fault: EditRefused | None = None) -> Response:
    library = _library(request)
    return page(
        request,
        "desk_facts.html",
        status=422 if fault else 200,
        **_common(request, session),
        sections=library.sections.values(),
        form=form,
        fault=fault,
        topic=form.get("topic") or request.query_params.get("topic", ""),
    )


def _common(request: Request, session: DeskSession) -> dict[str, Any]:
    return {
        "session": session,
        "user": session.user,
        "form_token": desk_session.form_token(request),
        "said": SAID.get(request.query_params.get("said", ""), ""),
        "day_words": day_words,
    }


def _library(request: Request) -> Library:
    """What is on disk now, so that a page shows what was saved a moment ago; the last good one where that is broken."""
    try:
        return editor_of(request).library()
    except DataError:
        fresh: Library = services(request).library.fresh()
        return fresh


def _rows(request: Request, library: Library) -> list[Row]:
    asked = {row.topic: row for row in desk_insight.figures_of(request).gathered(services(request), DAYS).topics}
    today, rows = _today(request), []
    for topic in sorted(library.topics.values(), key=lambda one: one.label.en.casefold()):
        use = asked.get(topic.id)
        rows.append(
            Row(
                topic=topic,
                statuses=_statuses(topic, today),
                held=any(library.withheld(topic, lang) for lang in topic.reply.languages()),
                asked=use.asked if use else 0,
                helpful=use.helpful if use else 0,
                votes=use.helpful + use.unhelpful if use else 0,
            )
        )
    return rows


def _belongs(row: Row, show: str) -> bool:
    statuses = set(row.statuses.values())
    match show:
        case "answer" | "staff":
            return row.topic.kind == show
        case "pending":
            return "pending" in statuses
        case "review":
            return bool(statuses & {"review_soon", "overdue"})
        case "doubt":
            return row.held
        case _:
            return True


def _statuses(topic: Topic, today: date) -> dict[str, str]:
    return {lang: topic.status(today, lang) for lang in topic.reply.languages()}


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
    return approvals(form.get("approve.by", ""), _today(request), form.get("approve.until", ""), ticked)


def _reply(request: Request, library: Library, topic: Topic, lang: str) -> Envelope:
    clinic = services(request).clinic
    # As it is once it is saved: what is in doubt, or overdue, is held back until then.
    tried = replace(library.with_topic(topic), doubts={})
    return Replies(tried.with_topic(topic), clinic, clinic.page_url).topic(topic.id, lang)


def _today(request: Request) -> date:
    return clock.now().astimezone(services(request).clinic.zone).date()


def _next_year(today: date) -> date:
    return today.replace(year=today.year + 1, day=min(today.day, 28))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


routes = [
    Route("/desk/answers", answers),
    Route("/desk/new-answer", new),
    Route("/desk/new-answer", owned(make), methods=["POST"]),
    Route("/desk/new-answer/check", owned(check), methods=["POST"]),
    Route("/desk/facts", facts),
    Route("/desk/facts", owned(add_fact), methods=["POST"]),
    Route("/desk/answers/{topic}", answer),
    Route("/desk/answers/{topic}", owned(save), methods=["POST"]),
    Route("/desk/answers/{topic}/history", history),
    Route("/desk/answers/{topic}/phrases", phrases),
    Route("/desk/answers/{topic}/phrases", owned(save_phrases), methods=["POST"]),
    Route("/desk/answers/{topic}/check", owned(check), methods=["POST"]),
    Route("/desk/answers/{topic}/{act}", owned(act), methods=["POST"]),
]
