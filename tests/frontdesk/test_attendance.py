"""Seen or said: nobody at the inbox, no delivery, urgent requests that wait. On both databases."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide.clinic import Clinic
from prp_guide.database import deliveries
from prp_guide.frontdesk import Attendance, CallbackRequest, CallbackStore, Outbox, receipt
from prp_guide.frontdesk.attendance import Absence
from tests.frontdesk.conftest import ON_BOTH, START, Moment, Time, make_clinic, work_of

pytestmark = [ON_BOTH, pytest.mark.usefixtures("time")]

HOOK = {"url": "https://hooks.example/", "secret": {"env": "A"}}


def clinic_with(*gets: str, **changes: Any) -> Clinic:
    """A clinic whose receivers get what is named: requests, alerts or "requests alerts"."""
    hooks = [{"name": f"receiver {number}", "gets": what.split(), **HOOK} for number, what in enumerate(gets)]
    return make_clinic(deliveries={"webhooks": hooks}, **changes)


def ask(store: CallbackStore, **fields: Any) -> str:
    given = {"name": "Jo", "phone": "310 555 0147", "best_time": "noon", **fields}
    return store.create(CallbackRequest.checked(**given), f"key {len(store.every())} {fields}").reference


def told(engine: sa.engine.Engine, event: str) -> list[str]:
    query = sa.select(deliveries.c.target).where(deliveries.c.event == event).order_by(deliveries.c.target)
    with engine.connect() as connection:
        return [row.target for row in connection.execute(query)]


def test_two_working_days_without_anybody(engine: sa.engine.Engine, time: Time, local: Moment) -> None:
    attendance = Attendance(engine, make_clinic())
    assert attendance.promised, "it has not even begun"
    attendance.begin()  # on Monday, 10 am
    for moment, promised in (
        (local(2026, 11, 23, 16), True),
        (local(2026, 11, 25, 16, 59), True),
        (local(2026, 11, 25, 17), False),  # Tuesday and Wednesday are over
        (local(2026, 11, 29, 12), False),
    ):
        time.now = moment
        attendance.begin()  # a new start changes nothing
        assert attendance.promised is promised, moment
    assert attendance.absence() == Absence(START, None)


def test_somebody_comes_back(engine: sa.engine.Engine, time: Time, local: Moment) -> None:
    attendance = Attendance(engine, make_clinic())
    attendance.begin()
    time.now = local(2026, 11, 24, 12)
    attendance.seen()
    seen = time.now
    time.now = local(2026, 11, 26, 16, 59)
    assert attendance.promised
    assert attendance.banner() is None
    time.now = local(2026, 11, 27, 18)
    assert not attendance.promised
    assert attendance.banner() == Absence(seen, None)
    attendance.seen()
    back = time.now
    assert attendance.promised
    for hours, banner in ((0, Absence(seen, back)), (23, Absence(seen, back)), (24, None)):
        time.now = back + timedelta(hours=hours)
        attendance.seen()
        assert attendance.banner() == banner


def test_holidays_and_weekends_do_not_count(engine: sa.engine.Engine, time: Time, local: Moment) -> None:
    attendance = Attendance(engine, make_clinic(holidays=["2026-11-26", "2026-11-27"]))
    time.now = local(2026, 11, 25, 12)
    attendance.begin()
    time.now = local(2026, 12, 1, 16)  # after Monday and most of Tuesday
    assert attendance.promised
    time.now = local(2026, 12, 1, 17)
    assert not attendance.promised


def test_without_hours_monday_to_friday_count(engine: sa.engine.Engine, time: Time, local: Moment) -> None:
    attendance = Attendance(engine, make_clinic(hours=None))
    time.now = local(2026, 11, 27, 12)  # a Friday
    attendance.begin()
    time.now = local(2026, 12, 1, 23, 59)
    assert attendance.promised
    time.now = local(2026, 12, 2, 0)
    assert not attendance.promised


def test_a_delivery_makes_up_for_it_while_it_arrives(engine: sa.engine.Engine, time: Time) -> None:
    clinic = clinic_with("requests")
    attendance, store, box = Attendance(engine, clinic), CallbackStore.of(engine, clinic), Outbox(engine)
    attendance.begin()
    time.now += timedelta(days=20)
    assert attendance.promised
    ask(store)
    held = box.claim("receiver 0")
    assert held is not None
    time.now = held.give_up
    box.failed(held, "no")
    assert not attendance.promised, "it is given up, so nobody has it"
    box.again(held.id, "Ana")
    again = box.claim("receiver 0")
    assert again is not None
    box.sent(again)
    assert attendance.promised
    # One that gets alerts only does not bring the requests to anybody.
    assert not Attendance(engine, clinic_with("alerts")).promised


def test_the_receipt_names_no_time(engine: sa.engine.Engine, time: Time) -> None:
    clinic = make_clinic()
    attendance, store = Attendance(engine, clinic), CallbackStore.of(engine, clinic)
    attendance.begin()
    made = store.find(ask(store))
    assert made is not None
    assert "We aim to call by 5 pm on Tuesday." in receipt(made, clinic, promised=attendance.promised)
    time.now += timedelta(days=7)
    text = receipt(made, clinic, promised=attendance.promised)
    assert "aim" not in text
    assert made.reference in text
    assert "Procuramos" not in receipt(made, clinic, "es", promised=attendance.promised)


def test_the_owner_is_alerted_once_an_absence(
    engine: sa.engine.Engine, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    attendance = Attendance(engine, clinic_with("alerts", "alerts"))
    attendance.begin()
    with caplog.at_level(logging.ERROR):
        attendance.alert()
        assert told(engine, "unattended") == []
        time.now += timedelta(days=7)
        for _ in range(3):
            attendance.alert()
            time.now += timedelta(hours=1)
        assert told(engine, "unattended") == ["receiver 0", "receiver 1"]
        assert caplog.text.count("Nobody has opened the inbox for two working days") == 1
        attendance.seen()
        attendance.alert()
        time.now += timedelta(days=7)
        attendance.alert()
    assert told(engine, "unattended") == ["receiver 0", "receiver 0", "receiver 1", "receiver 1"]


def test_replicas_alert_once(engine: sa.engine.Engine, time: Time) -> None:
    clinic = clinic_with("requests alerts")
    store = CallbackStore.of(engine, clinic)
    Attendance(engine, clinic).begin()
    for number in range(3):
        ask(store, name=f"Jo {number}", priority="urgent")
    time.now += timedelta(minutes=30)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: Attendance(engine, clinic).alert(), range(12)))
    assert told(engine, "waiting") == ["receiver 0"] * 3


def test_an_urgent_request_that_waits_alerts_again(engine: sa.engine.Engine, time: Time) -> None:
    clinic = clinic_with("requests", "alerts")
    attendance, store = Attendance(engine, clinic), CallbackStore.of(engine, clinic)
    attendance.begin()
    urgent = ask(store, priority="urgent")
    ask(store, name="Not urgent")
    done = ask(store, name="Done", priority="urgent")
    work_of(store).done(done, "Ana")
    time.now += timedelta(minutes=29, seconds=59)
    attendance.alert()
    assert told(engine, "waiting") == []
    time.now += timedelta(seconds=1)
    attendance.alert()
    attendance.alert()
    assert told(engine, "waiting") == ["receiver 1"]
    assert [event.event for event in store.history(urgent)] == ["created", "waiting"]


def test_one_that_has_become_urgent_waits_from_then_on(engine: sa.engine.Engine, time: Time) -> None:
    clinic = clinic_with("requests alerts")
    attendance, store = Attendance(engine, clinic), CallbackStore.of(engine, clinic)
    reference = ask(store)
    time.now += timedelta(hours=5)
    assert ask(store, priority="urgent") == reference
    attendance.alert()
    assert told(engine, "waiting") == []
    time.now += timedelta(minutes=30)
    attendance.alert()
    assert told(engine, "waiting") == ["receiver 0"]


def test_without_receivers_of_alerts_nothing_is_noted(engine: sa.engine.Engine, time: Time) -> None:
    clinic = clinic_with("requests")
    store = CallbackStore.of(engine, clinic)
    reference = ask(store, priority="urgent")
    time.now += timedelta(hours=1)
    Attendance(engine, clinic).alert()
    assert [event.event for event in store.history(reference)] == ["created"]
