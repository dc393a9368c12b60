"""GET /desk/answers: the owner's list of topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from prp_guide.content import Library
from prp_guide.content.models import Approval, Topic
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.web.desk import insight, publishing
from prp_guide.web.desk.owner import STATUS_WORDS, common, editor_of, library_of, shown, statuses, today
from prp_guide.web.desk.pages import page
from prp_guide.web.desk.services import services

SHOWN = {
    "": "All",
    "answer": "Answers",
    "staff": "Front desk",
    "pending": "Not approved",
    "review": "To look at again",
    "doubt": "Page changed",
}
DAYS = 28  # of the figures in the list


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


def answers(request: Request, session: DeskSession) -> Response:
    """GET /desk/answers: every topic, how its approval stands, how often it was asked."""
    library = library_of(request)
    every, wanted = _rows(request, library), request.query_params.get("show", "")
    wanted = wanted if wanted in SHOWN else ""
    chosen = {show: [row for row in every if _belongs(row, show)] for show in SHOWN}
    return page(
        request,
        "answers.html",
        **common(request, session),
        rows=chosen[wanted],
        counts={show: len(rows) for show, rows in chosen.items()},
        show=wanted,
        shown=SHOWN,
        status_words=STATUS_WORDS,
        days=DAYS,
        retired=editor_of(request).retired(),
        publishing=publishing.view(request),
    )


def _rows(request: Request, library: Library) -> list[Row]:
    asked = {row.topic: row for row in insight.figures_of(request).gathered(services(request), DAYS).topics}
    day, rows = today(request), []
    for topic in sorted(library.topics.values(), key=lambda one: one.label.en.casefold()):
        use = asked.get(topic.id)
        rows.append(
            Row(
                topic=topic,
                statuses=statuses(topic, day),
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


routes = [Route("/desk/answers", shown(answers))]
