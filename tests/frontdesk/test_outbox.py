"""Deliveries: held by one worker, tried for 24 hours, then given up where people see it. On both databases."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide.database import deliveries
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours, outbox
from prp_guide.frontdesk.outbox import LEASE, Held, Outbox
from tests.frontdesk.conftest import ON_BOTH, START, Time, make_clinic

pytestmark = [ON_BOTH, pytest.mark.usefixtures("time")]


@pytest.fixture
def box(engine: sa.engine.Engine) -> Outbox:
    return Outbox(engine)


@pytest.fixture
def store(engine: sa.engine.Engine) -> CallbackStore:
    return CallbackStore(engine, OpeningHours(make_clinic()), ["practice"])


def ask(store: CallbackStore, name: str = "Jo", **fields: Any) -> str:
    given = {"name": name, "phone": "310 555 0147", "best_time": "noon", **fields}
    return store.create(CallbackRequest.checked(**given), f"{name} {len(store.every())}").reference


def claimed(box: Outbox, target: str = "practice") -> Held:
    held = box.claim(target)
    assert held is not None
    return held


def test_one_worker_holds_it(box: Outbox, store: CallbackStore) -> None:
    ask(store)
    with ThreadPoolExecutor(8) as pool:
        held = [one for one in pool.map(lambda _: box.claim("practice"), range(16)) if one]
    assert len(held) == 1
    assert (held[0].event, held[0].attempts, held[0].target) == ("created", 1, "practice")
    assert box.claim("somebody else") is None
    assert box.sent(held[0])
    assert not box.sent(held[0])
    assert box.claim("practice") is None


def test_the_lease_of_a_dead_worker_ends(box: Outbox, store: CallbackStore, time: Time) -> None:
    ask(store)
    first = claimed(box)
    time.now += LEASE - timedelta(seconds=1)
    assert box.claim("practice") is None
    time.now += timedelta(seconds=1)
    second = claimed(box)
    assert (second.id, second.attempts) == (first.id, 2)
    # The first was not dead but slow: what it says does not count any more.
    assert not box.failed(first, "too late")
    assert not box.sent(first)
    assert box.sent(second)


def test_what_was_let_go_is_taken_at_once(box: Outbox, store: CallbackStore) -> None:
    ask(store)
    assert box.release(claimed(box))
    assert claimed(box).attempts == 2


def test_urgent_requests_and_alerts_go_first(box: Outbox, store: CallbackStore, engine: sa.engine.Engine) -> None:
    ask(store, "Ana")
    ask(store, "Bo", priority="urgent")
    with engine.begin() as connection:
        outbox.write(connection, ["practice"], outbox.UNATTENDED, START)
    order = [claimed(box) for _ in range(3)]
    assert {held.event for held in order[:2]} == {"created", "unattended"}
    assert store.get(order[2].callback or 0) == store.list()[1]


def test_it_is_tried_for_a_day_and_then_given_up(box: Outbox, store: CallbackStore, time: Time) -> None:
    reference = ask(store)
    moments = []
    for _ in range(200):
        held = box.claim("practice")
        if held is not None:
            moments.append(time.now)
            assert box.failed(held, f"answered 500, attempt {held.attempts}")
        if box.dead():
            break
        (health,) = box.health(["practice"])
        assert (health.waiting, health.dead, health.well) == (1, 0, False)
        with box._engine.connect() as connection:
            time.now = type(time.now).fromisoformat(connection.execute(sa.select(deliveries.c.next_attempt)).scalar())
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert moments[-1] - START == timedelta(hours=24)  # the last attempt is made when the time is over
    assert timedelta(seconds=2.5) <= pauses[0] <= timedelta(seconds=5)
    assert max(pauses) <= timedelta(hours=1)
    assert 30 <= len(moments) <= 70
    (letter,) = box.dead()
    assert (letter.reference, letter.target, letter.event) == (reference, "practice", "created")
    assert letter.error == f"answered 500, attempt {len(moments)}"
    assert letter.finished == time.now
    assert [(event.event, event.detail) for event in store.history(reference)][-1] == ("undelivered", "practice")
    (health,) = box.health(["practice"])
    assert (health.waiting, health.dead, health.last_sent, health.well) == (0, 1, None, False)


def test_a_dead_letter_is_sent_again(box: Outbox, store: CallbackStore, time: Time) -> None:
    reference = ask(store)
    held = claimed(box)
    assert not box.again(held.id, "Ana"), "it is not dead"
    time.now = held.give_up
    assert box.failed(held, "answered 500")
    assert box.again(held.id, "Ana")
    assert not box.again(held.id, "Bo"), "once is enough"
    assert not box.again("there is no such one", "Ana")
    woken = claimed(box)
    assert (woken.id, woken.attempts, woken.give_up) == (held.id, 1, time.now + timedelta(hours=24))
    box.sent(woken)
    events = [(event.event, event.actor) for event in store.history(reference)]
    assert events[1:] == [("undelivered", "PRP Guide"), ("resent", "Ana")]
    (health,) = box.health(["practice"])
    assert (health.waiting, health.dead, health.last_sent, health.well) == (0, 0, time.now, True)


def test_a_receiver_that_is_gone_from_the_settings(box: Outbox, store: CallbackStore) -> None:
    reference = ask(store)
    assert box.bury(["practice"]) == 0
    assert box.bury(["mail"]) == 1
    assert box.bury(["mail"]) == 0
    (letter,) = box.dead()
    assert "no receiver of this name" in letter.error
    assert store.history(reference)[-1].event == "undelivered"


def test_health_is_listed_as_asked(box: Outbox) -> None:
    assert [health.target for health in box.health(["b", "a"])] == ["b", "a"]
    assert all(health.well for health in box.health(["a"]))
