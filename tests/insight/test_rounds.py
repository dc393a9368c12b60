"""The Monday e-mail and the daily look at the page: by the clock, once, through a real mail server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from prp_guide import clock, database
from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.content.doubts import doubts_path, read_doubts
from prp_guide.frontdesk import Attendance, CallbackStore, OpeningHours, Outbox
from prp_guide.frontdesk.senders import Senders
from prp_guide.frontdesk.worker import Worker
from prp_guide.home import Home
from prp_guide.insight.week import last_monday
from prp_guide.replies import Replies
from prp_guide.web.rounds import Rounds
from prp_guide.web.services import Services
from tests.clinic_page.conftest import SOURCE
from tests.clinic_page.test_command import send, served
from tests.insight.conftest import NOW, ago
from tests.support.conversations import Conversations
from tests.support.machine import free_ports

DAY = timedelta(days=1)


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(cast(EmailMessage, BytesParser(policy=default).parsebytes(envelope.content)))
        return "250 taken"


class Time:
    now = NOW


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch, home: Home) -> Time:
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


class Office:
    """The rounds of an installation with one receiver of mail, and a worker that sends when it is told."""

    def __init__(self, home: Home, engine: sa.engine.Engine, clinic: Clinic, library: Library) -> None:
        self.home = home
        services = SimpleNamespace(
            home=home,
            clinic=clinic,
            library=library,
            durable=engine,
            outbox=Outbox(engine),
            attendance=Attendance(engine, clinic),
        )
        self.rounds = Rounds(cast(Services, services))
        store = CallbackStore(engine, OpeningHours(clinic))
        senders = Senders(clinic.deliveries, home.root)
        self._worker = Worker(services.outbox, store, senders, tell=self.rounds.tell)
        self._receiver = clinic.deliveries.receivers[0]

    def go_round(self) -> None:
        """A round, and what it wrote is sent."""
        self.rounds.keep()
        for _ in range(5):
            if not self._worker.deliver(self._receiver):
                break


@pytest.fixture
def deliveries(mailbox: Mailbox) -> Iterator[dict[str, Any]]:
    (port,) = free_ports(1)
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    mail = {"name": "owner", "to": ["owner@clinic.example"], "sender": "chat@clinic.example"}
    mail.update(server=f"127.0.0.1:{port}", security="none", gets=["report", "alerts"])
    yield {"inbox_url": "https://chat.clinic.example", "internal_hosts": ["127.0.0.1"], "emails": [mail]}
    server.stop()


@pytest.fixture
def office(
    home: Home, engine: sa.engine.Engine, clinic: Clinic, library: Library, deliveries: dict[str, Any], time: Time
) -> Office:
    return Office(
        home, engine, Clinic.parse_obj({**clinic.dict(exclude={"deliveries"}), "deliveries": deliveries}), library
    )


def test_the_week_comes_on_monday_morning_and_once(
    office: Office, mailbox: Mailbox, time: Time, said: Conversations, replies: Replies
) -> None:
    for number in range(31):
        words = [(f"what is the price for Rosalind {number}", [replies.topic("cost")])]
        said.converse(ago(days=1 + number % 6), *words, helpful=None)
    said.converse(ago(days=3), ("can i wash", [replies.topic("washing")]), helpful=True)
    said.converse(ago(days=3), ("help", [replies.card("emergency")]))
    said.converse(ago(hours=1), ("today is no day of that week", [replies.topic("pain")]))
    said.request(ago(days=2), called=timedelta(minutes=40))
    said.store()
    time.now = NOW - 3 * DAY  # Friday, when the installation begins
    office.go_round()
    time.now = datetime(2026, 11, 23, 15, 29, tzinfo=clock.UTC)  # 7:29 in Los Angeles
    office.go_round()
    assert mailbox.mails == []
    time.now = datetime(2026, 11, 23, 15, 31, tzinfo=clock.UTC)
    for _ in range(3):
        office.go_round()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "What patients asked last week"
    text = mail.get_content()
    assert "November 16, 2026 to November 22, 2026" in text
    assert "32 questions. Answered from your page: 1. Handed to the front desk: 31." in text
    assert "Found helpful: 1 of 1 votes." in text
    assert "Calls asked for: 1, called: 1, half of those called within 40 min." in text
    assert "Red-flag cards shown: 1." in text
    line = "- What does it cost? 31 asked. Your page does not say. Write the answer: "
    assert f"{line}https://chat.clinic.example/desk/insight#gap-silent-cost" in text
    assert "See it all: https://chat.clinic.example/desk/insight" in text
    assert "Rosalind" not in text
    time.now += 7 * DAY
    office.go_round()
    assert len(mailbox.mails) == 2


def test_a_quiet_week_says_nothing(office: Office, mailbox: Mailbox, time: Time) -> None:
    office.go_round()
    time.now += 7 * DAY
    office.go_round()
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 11, 23, 15, 31, tzinfo=clock.UTC), datetime(2026, 11, 23, 15, 30, tzinfo=clock.UTC)),
        (datetime(2026, 11, 23, 15, 29, tzinfo=clock.UTC), datetime(2026, 11, 16, 15, 30, tzinfo=clock.UTC)),
        (datetime(2026, 11, 22, 23, 0, tzinfo=clock.UTC), datetime(2026, 11, 16, 15, 30, tzinfo=clock.UTC)),
        # Summer time has ended in between: it is half past seven by the clock on the wall.
        (datetime(2026, 11, 2, 16, 0, tzinfo=clock.UTC), datetime(2026, 11, 2, 15, 30, tzinfo=clock.UTC)),
        (datetime(2026, 10, 27, 16, 0, tzinfo=clock.UTC), datetime(2026, 10, 26, 14, 30, tzinfo=clock.UTC)),
    ],
)
def test_mondays(moment: datetime, monday: datetime, clinic: Clinic) -> None:
    assert last_monday(moment, clinic.zone) == monday


@contextlib.contextmanager
def page_that_changes() -> Iterator[tuple[str, list[str]]]:
    """The address of a page; what it says can be put in place of the first item."""
    source = [SOURCE]
    with served(lambda handler: send(source[0])(handler)) as (url, _):
        yield url, source


def test_a_page_that_changes_is_told_the_next_morning(
    home: Home,
    engine: sa.engine.Engine,
    clinic: Clinic,
    library: Library,
    deliveries: dict[str, Any],
    time: Time,
    mailbox: Mailbox,
) -> None:
    with page_that_changes() as (url, source):
        settings = {"url": url, "daily": "06:00", "on_change": "withhold"}
        changes = {"deliveries": deliveries, "page_check": settings}
        fields = clinic.dict(exclude={"deliveries", "page_check"})
        office = Office(home, engine, Clinic.parse_obj({**fields, **changes}), library)
        office.go_round()
        source[0] = SOURCE.replace("48 hours", "24 hours")
        time.now += timedelta(hours=6)
        office.go_round()
        assert not doubts_path(home).exists(), "it is looked at once a day"
        time.now = NOW + DAY
        office.go_round()
        office.go_round()
        (mail,) = [mail for mail in mailbox.mails if "page" in str(mail["Subject"])]
        assert mail["Subject"] == "Your page no longer says what the answers say"
        assert '"48 hours" is now "24 hours". Held back until you approve them anew: aftercare' in mail.get_content()
        assert read_doubts(home)["first_48_hours"].withhold
        time.now += DAY
        office.go_round()
        assert len(mailbox.mails) == 1, "what is known is not told again"
        source[0] = "<p>We are moving house.</p>"
        time.now += DAY
        office.go_round()
        assert set(read_doubts(home)) == {"first_48_hours"}, "another page changes nothing"
        source[0] = SOURCE
        time.now += DAY
        office.go_round()
        assert read_doubts(home) == {}


def test_rounds_are_shared_by_processes(engine: sa.engine.Engine, time: Time) -> None:
    from prp_guide.frontdesk.rounds import take

    assert not take(engine, "a", NOW, NOW)
    assert [take(engine, "a", NOW + DAY, NOW + DAY) for _ in range(3)] == [True, False, False]
    assert [take(engine, "b", NOW, NOW, at_once=True) for _ in range(2)] == [True, False]
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(database.desk_moments)).all()) == 2
