"""A clock that is wrong for a while loses nothing, and is said plainly."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from prp_guide import clock
from prp_guide.clinic import load_clinic
from prp_guide.database import deliveries, open_database, sessions, stamp
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours
from prp_guide.frontdesk.outbox import Outbox
from prp_guide.home import Home
from prp_guide.web.services import Services
from prp_guide.web.upkeep import clear


def set_day(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """The clock of this process, so many days from the real one."""
    monkeypatch.delenv("PRP_TODAY", raising=False)
    monkeypatch.setenv("PRP_TODAY", str(clock.now().date() + timedelta(days=days)))


def conversations(services: Services) -> int:
    with services.database.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(sessions)).scalar_one())


def test_a_jump_ahead_removes_nothing_for_a_day(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services = Services.open(home)
    clear(services)
    with services.durable.begin() as connection:
        connection.execute(sessions.insert().values(id="kept", created=stamp(), last_seen=stamp()))
    set_day(monkeypatch, 400)
    with caplog.at_level(logging.ERROR):
        clear(services)
    assert conversations(services) == 1
    assert "400 days further" in caplog.text
    assert "Nothing is removed for a day" in caplog.text
    clear(services)
    assert conversations(services) == 1, "nor an hour later"

    set_day(monkeypatch, 0)  # put right
    with caplog.at_level(logging.ERROR):
        clear(services)
    assert "The clock went back" in caplog.text
    assert conversations(services) == 1


def test_after_a_long_rest_what_is_old_goes_a_day_later(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    services = Services.open(home)
    clear(services)
    with services.durable.begin() as connection:
        connection.execute(sessions.insert().values(id="old", created=stamp(), last_seen=stamp()))
    set_day(monkeypatch, 40)
    clear(services)
    assert conversations(services) == 1
    set_day(monkeypatch, 42)
    clear(services)
    assert conversations(services) == 0


def test_a_delivery_of_a_wrong_clock_goes_out_now(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(home, durable=True)
    store = CallbackStore(engine, OpeningHours(load_clinic(home.clinic_file)), ["practice"])
    set_day(monkeypatch, 400)
    store.create(CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="noon"), "key")
    box = Outbox(engine)
    held = box.claim("practice")
    assert held is not None, "held by a worker that then dies"
    set_day(monkeypatch, 0)
    again = box.claim("practice")
    assert again is not None
    assert again.id == held.id
    assert box.claim("practice") is None, "an honest lease is kept"
    assert box.sent(again)
    with engine.connect() as connection:
        assert connection.execute(sa.select(deliveries.c.status)).scalar_one() == "sent"
