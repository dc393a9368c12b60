"""What patients asked, for owners: the figures as a page, and as tables for a spreadsheet."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from time import monotonic

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from prp_guide.errors import PRPGuideError
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.insight import Insight, Span, gather
from prp_guide.insight.apart import find_wordings_apart
from prp_guide.insight.gaps import Gap, Wording, foremost, with_wordings
from prp_guide.insight.page import STYLE, TABLE_WORDS, body
from prp_guide.insight.tables import TABLES, table
from prp_guide.tied import tied
from prp_guide.web.desk import cookies
from prp_guide.web.desk.owner import shown
from prp_guide.web.desk.pages import NOT_KEPT, message, page
from prp_guide.web.desk.services import DeskServices, services

SPANS = (7, 28)
FRESH = 60.0  # seconds for which the figures serve all who ask
GROUPED = 900.0  # and the grouping, which takes seconds of a processor
PATIENCE = 8.0  # how long a page waits for the grouping

log = logging.getLogger(__name__)
Wordings = dict[str, tuple[Wording, ...]]


@dataclass
class Figures:
    """The last figures of each span, so that a page that is loaded again costs nothing."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[int, tuple[float, Insight]] = field(default_factory=dict)
    grouped: dict[int, tuple[float, Future[Wordings]]] = field(default_factory=dict)

    def get(self, desk: DeskServices, days: int, patience: float = 0.0) -> tuple[Insight, bool]:
        """The figures of the last `days` days, and whether patients' words in them are still being grouped.

        Waits for the grouping as long as `patience` says, seconds.
        """
        with self.lock:
            insight = self._gathered(desk, days)
            begun, grouping = self.grouped.get(days, (float("-inf"), None))
            if grouping is None or monotonic() - begun > GROUPED:
                grouping = _begin(desk, insight)
                self.grouped[days] = (monotonic(), grouping)
        pending, wordings = False, {}
        try:
            wordings = grouping.result(patience)
        except NotYet:
            pending = True
        except PRPGuideError as fault:
            log.warning("%s", fault)
        return insight.with_gaps(with_wordings(insight.gaps, wordings)), pending

    def gathered(self, desk: DeskServices, days: int) -> Insight:
        """The figures of the last `days` days, without patients' words."""
        with self.lock:
            return self._gathered(desk, days)

    def _gathered(self, desk: DeskServices, days: int) -> Insight:
        made, insight = self.made.get(days, (float("-inf"), None))
        if insight is None or monotonic() - made > FRESH:
            insight = gather(desk.durable, desk.library, desk.clinic, Span.last_days(days, desk.clinic.zone))
            self.made[days] = (monotonic(), insight)
        return insight


def _begin(desk: DeskServices, insight: Insight) -> Future[Wordings]:
    """The grouping, begun in a thread that holds up nobody: neither the page nor the end of the process."""
    grouping: Future[Wordings] = Future()

    def work() -> None:
        try:
            grouping.set_result(find_wordings_apart(desk.home, foremost(insight.gaps), tied))
        except BaseException as fault:
            grouping.set_exception(fault)

    threading.Thread(target=work, name="insight", daemon=True).start()
    return grouping


def insight(request: Request, session: DeskSession) -> Response:
    """GET /desk/insight?days=28: the figures as a page."""
    days = _days(request)
    found, pending = figures_of(request).get(services(request), days, PATIENCE)
    return page(
        request,
        "insight.html",
        session=session,
        user=session.user,
        form_token=cookies.form_token(request),
        insight=found,
        days=days,
        spans=SPANS,
        body=body(found, write=_write, downloads=f"/desk/insight/NAME.csv?days={days}", pending=pending),
    )


def download(request: Request, _session: DeskSession) -> Response:
    """GET /desk/insight/NAME.csv: one of the tables."""
    name = request.path_params["name"]
    if name not in TABLES:
        known = ", ".join(TABLE_WORDS)
        return message(request, 404, "Not found", f"There is no such table. There are: {known}.", "/desk/insight")
    found, _ = figures_of(request).get(services(request), _days(request))
    file = f"prp-{name}-{found.span.last.isoformat()}.csv"
    headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{file}"'}
    return Response(table(found, name), media_type="text/csv; charset=utf-8", headers=headers)


def style(_request: Request) -> Response:
    """GET /desk/insight.css"""
    return FileResponse(STYLE, headers={"Cache-Control": "no-cache"})


def figures_of(request: Request) -> Figures:
    """The figures of the application; made with the first look."""
    state = request.app.state
    if not hasattr(state, "figures"):
        state.figures = Figures()
    found: Figures = state.figures
    return found


def _days(request: Request) -> int:
    asked = request.query_params.get("days", "")
    return int(asked) if asked in map(str, SPANS) else SPANS[-1]


def _write(gap: Gap) -> str:
    """Where the answer of a gap is written."""
    return f"/desk/answers/{gap.topic}" if gap.topic else "/desk/new-answer"


routes = [
    Route("/desk/insight", shown(insight)),
    Route("/desk/insight.css", style),
    Route("/desk/insight/{name}.csv", shown(download)),
]
