"""The same person who asks the same again: one request, nothing of what was said lost. On both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from prp_guide.database import callback_repeats, callbacks, deliveries
from prp_guide.errors import KeyReused
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours
from tests.frontdesk.conftest import ON_BOTH, START, Time, counts_of, make_clinic, work_of

pytestmark = ON_BOTH

ASKED: dict[str, Any] = {"name": "Jo Smith", "phone": "310 555 0147", "best_time": "noon", "topic": "cost"}


def request(**changes: Any) -> CallbackRequest:
    return CallbackRequest.checked(**{**ASKED, **changes})


@pytest.fixture
def store(engine: sa.engine.Engine) -> CallbackStore:
    return CallbackStore(engine, OpeningHours(make_clinic()), ["practice", "mail"])


def sent_out(engine: sa.engine.Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(deliveries.c.event, deliveries.c.target))
        return sorted((row.event, row.target) for row in rows)


def test_every_note_and_time_is_kept(store: CallbackStore, engine: sa.engine.Engine, time: Time) -> None:
    first = store.create(request(note="Is it cheaper for three?"), "one")
    time.now += timedelta(hours=23, minutes=59)
    again = store.create(
        request(name=" jo  SMITH", phone="(310) 555-0147", best_time="after 5", note="Please hurry.", lang="es"), "two"
    )
    time.now += timedelta(seconds=30)
    third = store.create(request(voicemail_ok=False), "three")
    assert first.reference == again.reference == third.reference
    assert third.best_times == ("noon", "after 5")
    assert third.notes == ("Is it cheaper for three?", "Please hurry.")
    assert (third.name, third.best_time, third.lang, third.voicemail_ok) == ("Jo Smith", "noon", "en", False)
    assert [repeat.at for repeat in third.repeats] == [START + timedelta(hours=23, minutes=59), time.now]
    assert store.list() == store.every() == [third]
    assert store.find(first.reference) == third
    history = [(event.event, event.actor, event.detail) for event in store.history(first.reference)]
    assert history == [("created", "patient", "form"), ("merged", "patient", "form"), ("merged", "patient", "form")]
    assert sent_out(engine) == [("created", "mail"), ("created", "practice")]  # the first time only


@pytest.mark.parametrize(
    "change",
    [{"name": "Jo Smyth"}, {"phone": "310 555 0148"}, {"topic": "pain"}, {"topic": None}],
    ids=lambda change: next(iter(change)),
)
def test_what_differs_stays_apart(store: CallbackStore, change: dict[str, Any]) -> None:
    first = store.create(request(), "one")
    assert store.create(request(**change), "two").reference != first.reference
    assert counts_of(store).open == 2


def test_no_topic_is_a_topic_too(store: CallbackStore) -> None:
    first = store.create(request(topic=None), "one")
    assert store.create(request(topic=None), "two").reference == first.reference


def test_a_day_later_it_is_a_new_request(store: CallbackStore, time: Time) -> None:
    first = store.create(request(), "one")
    time.now += timedelta(hours=24)
    assert store.create(request(), "two").reference != first.reference


def test_what_is_done_is_not_opened_again(store: CallbackStore) -> None:
    first = store.create(request(), "one")
    work_of(store).done(first.reference, "Ana")
    second = store.create(request(), "two")
    assert second.reference != first.reference
    assert (counts_of(store).open, counts_of(store).done) == (1, 1)


def test_the_priority_rises_and_is_told_again(store: CallbackStore, engine: sa.engine.Engine, time: Time) -> None:
    first = store.create(request(), "one")
    time.now += timedelta(minutes=10)
    risen = store.create(request(priority="urgent", source="chat"), "two")
    assert risen.reference == first.reference
    assert (risen.priority, risen.due) == ("urgent", time.now + timedelta(minutes=30))
    assert (store.history(first.reference)[-1].event, store.history(first.reference)[-1].detail) == ("raised", "chat")
    told = [("created", "mail"), ("created", "practice"), ("raised", "mail"), ("raised", "practice")]
    assert sent_out(engine) == told
    # It does not fall again, and is not told a third time.
    time.now += timedelta(minutes=10)
    for number, priority in enumerate(("normal", "urgent")):
        later = store.create(request(priority=priority), f"later {number}")
        assert (later.priority, later.due) == ("urgent", risen.due)
    assert sent_out(engine) == told


def test_the_due_time_never_moves_away(store: CallbackStore, engine: sa.engine.Engine, time: Time) -> None:
    first = store.create(request(), "one")
    assert first.due is not None
    # Half an hour of opening time from now lies behind what was promised.
    with engine.begin() as connection:
        sooner = (START + timedelta(minutes=5)).isoformat(timespec="microseconds")
        connection.execute(callbacks.update().values(due=sooner))
    time.now += timedelta(minutes=1)
    assert store.create(request(priority="urgent"), "two").due == START + timedelta(minutes=5)


def test_a_retry_of_what_merged_makes_nothing_new(store: CallbackStore, engine: sa.engine.Engine) -> None:
    first = store.create(request(), "one")
    merged = store.create(request(note="again"), "two")
    for key, note in (("one", None), ("two", "again")):
        assert store.create(request(note=note), key) == merged
    work_of(store).done(first.reference, "Ana")
    assert store.create(request(note="again"), "two").reference == first.reference  # even now
    for key in ("one", "two"):
        with pytest.raises(KeyReused):
            store.create(request(name="Dan"), key)
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(callback_repeats.c.id)).all()) == 1


def test_many_at_once_become_one(store: CallbackStore, engine: sa.engine.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.create(request(note=f"note {n}"), f"key {n}"), range(24)))
    assert len({callback.reference for callback in made}) == 1
    (one,) = store.list()
    assert sorted(one.notes) == sorted(f"note {n}" for n in range(24))
    assert len(sent_out(engine)) == 2


def test_the_same_number_under_another_name_is_linked(store: CallbackStore) -> None:
    jo = store.create(request(), "one")
    ana = store.create(request(name="Ana"), "two")
    done = store.create(request(name="Gone"), "three")
    store.create(request(phone="310 555 0199"), "four")
    work_of(store).done(done.reference, "Kim")
    assert [callback.reference for callback in store.with_phones([jo.phone])] == [jo.reference, ana.reference]
    assert store.with_phones([]) == []


def test_a_failure_stores_neither_request_nor_delivery(
    store: CallbackStore, engine: sa.engine.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prp_guide.frontdesk import outbox

    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    first = store.create(request(), "one")
    before = sent_out(engine)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "write", fail)
        for key, asked in (("two", request(name="Ana")), ("three", request(priority="urgent"))):
            with pytest.raises(OSError, match="disk"):
                store.create(asked, key)
    assert store.list() == [first]
    assert sent_out(engine) == before
    assert [event.event for event in store.history(first.reference)] == ["created"]
