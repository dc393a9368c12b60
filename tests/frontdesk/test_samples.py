"""`prp-guide demo`: marked samples, once, removed without a trace, and never among what is a patient's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.cli import main
from prp_guide.clinic import Clinic
from prp_guide.clock import UTC
from prp_guide.frontdesk import Attendance, CallbackRequest, CallbackStore, Inbox
from prp_guide.frontdesk.queue import Wanted
from prp_guide.frontdesk.samples import LATE_OF_THEM, URGENT_OF_THEM
from prp_guide.home import PROJECT_ROOT, Home
from tests.frontdesk.conftest import Time, make_clinic


@pytest.fixture
def clinic() -> Clinic:
    webhook = {"name": "practice", "url": "https://hooks.example/", "secret": {"env": "A"}}
    return make_clinic(deliveries={"webhooks": [webhook]})


@pytest.fixture
def home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PRP_HOME", str(home.state))
    return Home(root=PROJECT_ROOT, state=home.state)


def number_of(engine: sa.engine.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


# A Sunday night, a Monday morning, a Monday after closing, a Friday at noon: the samples make sense at any hour.
@pytest.mark.parametrize("hours", [0, 13, 23, 110])
def test_samples_come_once_and_go_together(
    home: Home,
    engine: sa.engine.Engine,
    store: CallbackStore,
    inbox: Inbox,
    time: Time,
    hours: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    time.now = datetime(2026, 11, 23, 4, tzinfo=UTC) + timedelta(hours=hours)
    given = {"name": "Jo Park", "phone": "310 555 0147", "best_time": "noon"}
    real = store.create(CallbackRequest.checked(**given), "real")
    for _ in range(2):
        assert main(["demo", "--only-add"]) == 0
    assert "Added 40 sample requests" in capsys.readouterr().out
    callbacks = store.every()
    assert [callback.reference for callback in callbacks if not callback.sample] == [real.reference]
    assert len(callbacks) == 41
    counts = inbox.queue.counts()
    assert (counts.later, counts.done, counts.urgent) == (4, 14, 2)
    assert counts.open == 23
    assert LATE_OF_THEM <= counts.overdue <= LATE_OF_THEM + URGENT_OF_THEM
    assert number_of(engine, database.turns) > 400
    assert all(phone.startswith("+1310555010") or phone[:9] == "+13105550" for phone in (c.phone for c in callbacks))
    page, _ = inbox.queue.list(Wanted(), limit=50)
    assert sum(one.holder(one.claimed_at) is not None for one in page if one.claimed_at) == 1

    assert main(["demo", "--remove"]) == 0
    assert store.every() == [real]
    for table in (database.sessions, database.turns, database.feedback):
        assert number_of(engine, table) == 0
    assert number_of(engine, database.callback_events) == 1


def test_samples_are_told_to_nobody(home: Home, engine: sa.engine.Engine, clinic: Clinic, time: Time) -> None:
    assert main(["demo", "--only-add"]) == 0
    attendance = Attendance(engine, clinic)
    attendance.begin()
    time.now += timedelta(hours=2)  # the urgent ones have waited for long
    attendance.alert()
    assert number_of(engine, database.deliveries) == 0
