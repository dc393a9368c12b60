"""What the web process does by the clock: alerts of what waits, the daily look at the page, the Monday report."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from prp_guide import clock
from prp_guide.clinic_page.check import look_and_record
from prp_guide.content.doubts import read_doubts
from prp_guide.delivery_settings import ALERTS, REPORT
from prp_guide.errors import PageError
from prp_guide.frontdesk import outbox, rounds
from prp_guide.frontdesk.outbox import HEAD, PAGE, WEEK, Held
from prp_guide.insight import Span, gather, week
from prp_guide.privacy.access_log import AccessLog
from prp_guide.web.services import Services

log = logging.getLogger(__name__)


class Rounds:
    """The rounds of one installation. `keep` makes them, `tell` says what a delivery that they wrote tells of."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def tell(self) -> Mapping[str, Callable[[Held], Sequence[str]]]:
        return {PAGE: self._page_lines, WEEK: self._week_lines, HEAD: self._head_lines}

    def keep(self) -> None:
        """What is due now. One that fails does not keep the others from being done."""
        for act in (self._services.attendance.alert, self._look_at_the_page, self._report):
            try:
                act()
            except Exception as fault:
                log.error("A round failed: %s", type(fault).__name__)

    def _look_at_the_page(self) -> None:
        services, now = self._services, clock.now()
        settings = services.clinic.page_check
        if settings is None or settings.daily is None:
            return
        local = now.astimezone(services.clinic.zone)
        due = datetime.combine(local.date(), settings.daily, services.clinic.zone)
        due = due if due <= local else due - timedelta(days=1)
        if not rounds.take(services.durable, PAGE, due, now, at_once=True):
            return
        library = services.library.fresh()
        before = {name: doubt.words for name, doubt in read_doubts(services.home).items()}
        try:
            withhold = settings.on_change == "withhold"
            seen = look_and_record(services.home, library, settings.url, withhold=withhold, ignore=settings.ignore)
        except PageError as fault:
            log.warning("The daily look at the page: %s", fault)
            return
        news = {name for name, doubt in (seen.doubts or {}).items() if before.get(name) != doubt.words}
        if news:
            log.warning("The clinic's page no longer says: %s.", ", ".join(sorted(news)))
            with services.durable.begin() as connection:
                outbox.write(connection, services.clinic.deliveries.names(ALERTS), PAGE, now)

    def _report(self) -> None:
        services, now = self._services, clock.now()
        receivers = services.clinic.deliveries.names(REPORT)
        if receivers and rounds.take(services.durable, WEEK, week.last_monday(now, services.clinic.zone), now):
            with services.durable.begin() as connection:
                outbox.write(connection, receivers, WEEK, now)

    def _page_lines(self, _held: Held) -> Sequence[str]:
        """The doubts that stand when it is sent; none when the page says again what it said."""
        library = self._services.library.fresh()
        said = []
        # From the file: the library may be a second behind it.
        for doubt in read_doubts(self._services.home).values():
            topics = [topic.id for topic in library.topics.values() if doubt.fact in topic.facts]
            held = "Held back until you approve them anew" if doubt.withhold else "Look at"
            said.append(f"{'; '.join(doubt.words)}. {held}: {', '.join(topics) or 'no answer'}.")
        return said

    def _week_lines(self, held: Held) -> Sequence[str]:
        services = self._services
        span = Span.week_before(held.created, services.clinic.zone)
        insight = gather(services.durable, services.library, services.clinic, span)
        return week.lines(insight, services.clinic.deliveries.inbox_url)

    def _head_lines(self, _held: Held) -> Sequence[str]:
        head = AccessLog.of(self._services.home).head()
        return [] if head is None else [f"Keep this for prp-guide privacy verify-log: {head}"]
