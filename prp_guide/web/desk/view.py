"""What a page of the inbox lists: read from the address, shown in words, and written into addresses again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from prp_guide import clock
from prp_guide.frontdesk.callback import DONE, Callback
from prp_guide.frontdesk.queue import LONGEST_SEARCH, TABS, WAITING, Wanted
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.web.desk.deliveries import banner, make_receiver, make_undelivered
from prp_guide.web.desk.rows import LANGUAGES, counted, headline, make_row, topic_label
from prp_guide.web.desk.services import services

PAGE_SIZE = 50
FILTERS = ("mine", "urgent", "overdue")


def wanted_by(query: Mapping[str, str], user: str) -> Wanted:
    """What the fields of an address or a form ask for; what is no field of ours is left out."""
    tab = query.get("tab", WAITING)
    return Wanted(
        tab=tab if tab in TABS else WAITING,
        search=" ".join(query.get("q", "")[:LONGEST_SEARCH].split()),
        user=user,
        lang=query.get("lang", "") if query.get("lang") in LANGUAGES else "",
        topic=query.get("topic", "")[:40],
        mine=query.get("mine") == "1",
        urgent=query.get("urgent") == "1",
        overdue=query.get("overdue") == "1",
    )


def address(wanted: Wanted, path: str = "/desk", **more: object) -> str:
    """The page at `path` that lists what is `wanted`."""
    fields: dict[str, object] = {}
    if wanted.tab != WAITING:
        fields["tab"] = wanted.tab
    if wanted.search:
        fields["q"] = wanted.search
    fields.update({name: 1 for name in FILTERS if getattr(wanted, name)})
    fields.update({name: getattr(wanted, name) for name in ("lang", "topic") if getattr(wanted, name)})
    fields.update({name: value for name, value in more.items() if value not in (None, "")})
    return f"{path}?{urlencode(fields)}" if fields else path


def view(request: Request, session: DeskSession, wanted: Wanted) -> tuple[dict[str, Any], list[Callback]]:
    """What the list shows, and the requests in it."""
    desk = services(request)
    now, zone = clock.now(), desk.clinic.zone
    counts = desk.inbox.queue.counts(after=_number(request.query_params.get("after")))
    page = max(1, _number(request.query_params.get("page")) or 1)
    found, total = desk.inbox.queue.list(wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    pages = max(1, -(-total // PAGE_SIZE))
    if page > pages:
        page = pages
        found, total = desk.inbox.queue.list(wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    topics = desk.library.fresh().topics
    linked = desk.callbacks.with_phones(one.phone for one in found if one.status != DONE)
    begun = desk.inbox.drafts.begun(session.user, (one.id for one in found))
    rows = [make_row(one, topics, zone, now, session.user, linked, begun=one.id in begun) for one in found]
    receivers = [
        make_receiver(health, zone, now)
        for health in desk.outbox.health([receiver.name for receiver in desk.clinic.deliveries.receivers])
    ]
    held = desk.inbox.queue.held(session.user)
    values = {
        "user": session.user,
        "banner": banner(desk.attendance.banner(), receivers, zone, now),
        "receivers": receivers,
        "undelivered": [make_undelivered(letter, zone, now) for letter in desk.outbox.dead(PAGE_SIZE)],
        "wanted": wanted,
        "tab": wanted.tab,
        "counts": counts,
        "counted": counted,
        "headline": headline(counts),
        # Urgent ones stand in a block of their own, in words: colour alone tells nobody anything.
        "urgent_rows": [row for row in rows if row.urgent] if wanted.tab == WAITING and not wanted.search else [],
        "rows": [row for row in rows if not row.urgent or wanted.tab != WAITING or wanted.search],
        "held": [make_row(one, topics, zone, now, session.user) for one in held],
        "page": page,
        "pages": pages,
        "total": total,
        "first": (page - 1) * PAGE_SIZE + 1 if total else 0,
        "last": (page - 1) * PAGE_SIZE + len(rows),
        "hours_known": desk.hours.known,
        "topics": [(topic, topic_label(topic, topics)) for topic in desk.inbox.queue.topics()],
        "languages": LANGUAGES,
        "address": address,
        "back": address(wanted, "", page=page if page > 1 else None).removeprefix("?"),
        "samples": any(one.sample for one in found),
    }
    return values, list(found)


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 9 and text.isascii() and text.isdigit() else None
