"""Many requests for one phone number: the front desk is not buried, and nothing urgent is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide.clinic import Clinic
from prp_guide.errors import TooManyRequests
from prp_guide.frontdesk import CallbackRequest, CallbackStore
from prp_guide.frontdesk.callbacks import MOST_OF_A_PHONE, MOST_REPEATS


def request(number: int, **more: Any) -> CallbackRequest:
    given = {"name": f"Jo {'abcdefghijkl'[number]}", "phone": "310 555 0147", "best_time": "noon"}
    return CallbackRequest.checked(**{**given, **more})


@pytest.fixture
def store(engine: sa.engine.Engine, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> CallbackStore:
    monkeypatch.delenv("PRP_LIMITS", raising=False)
    return CallbackStore.of(engine, clinic)


def fill(store: CallbackStore) -> None:
    for number in range(MOST_OF_A_PHONE):
        store.create(request(number), f"key-{number}")


def test_so_many_and_no_more(store: CallbackStore) -> None:
    fill(store)
    with pytest.raises(TooManyRequests):
        store.create(request(9), "key-9")
    assert len(store.list()) == MOST_OF_A_PHONE
    assert store.create(request(0), "key-0").name == "Jo a", "a repetition gets its reply"
    assert store.create(request(1), "another key").name == "Jo b", "who asks again joins the open one"
    assert store.create(request(9, phone="310 555 0148"), "key-10").phone == "+13105550148"


def test_in_a_load_run_there_is_no_limit(
    engine: sa.engine.Engine, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRP_LIMITS", "off")
    for number in range(12):
        CallbackStore.of(engine, clinic).create(request(number), f"key-{number}")


def test_an_urgent_one_is_never_refused(store: CallbackStore) -> None:
    fill(store)
    for number in range(MOST_OF_A_PHONE, 12):
        assert store.create(request(number, priority="urgent"), f"key-{number}").urgent
    assert len(store.list()) == 12


def test_what_is_done_makes_room(store: CallbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    now = store.list()[0].created + timedelta(hours=25)
    monkeypatch.setattr("prp_guide.clock.now", lambda: now)
    assert store.create(request(9), "key-9").name == "Jo j"


def test_the_same_again_and_again_does_not_grow(store: CallbackStore) -> None:
    first = store.create(request(0), "key-0")
    for number in range(MOST_REPEATS + 15):
        assert store.create(request(0, best_time=f"at {number}"), f"again {number}").reference == first.reference
    assert len(store.list()[0].repeats) == MOST_REPEATS
    raised = store.create(request(0, priority="urgent"), "urgent")
    assert raised.reference == first.reference
    assert raised.urgent
