"""Requests: stored once, kept, listed in the order in which to call."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from prp_guide import database
from prp_guide.clock import UTC
from prp_guide.errors import CallbackInvalid, DeskError, KeyReused
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours, callbacks, work
from prp_guide.frontdesk.queue import Counts
from prp_guide.frontdesk.work import Note
from prp_guide.home import Home
from tests.frontdesk.conftest import ON_BOTH, Moment, Time, counts_of, make_clinic, work_of

pytestmark = ON_BOTH


def request(**changes: Any) -> CallbackRequest:
    return CallbackRequest.checked(**{"name": "Jo", "phone": "310 555 0147", "best_time": "noon", **changes})


def rows(engine: sa.engine.Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        return tuple(
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (database.callbacks, database.callback_events)
        )


def test_what_was_stored_is_read_back_after_reopening(store: CallbackStore, home: Home, time: Time) -> None:
    made = store.create(
        request(topic="cost", note="Line\nline", lang="es", voicemail_ok=False, priority="urgent", source="chat"),
        "k",
    )
    database.engine.cache_clear()
    again = CallbackStore(database.open_database(home, durable=True), OpeningHours(make_clinic()))
    assert again.find(made.reference) == made
    assert (made.name, made.phone, made.phone_text) == ("Jo", "+13105550147", "(310) 555-0147")
    assert (made.note, made.voicemail_ok, made.lang, made.status) == ("Line\nline", False, "es", "open")
    assert made.created == time.now
    assert made.due == time.now + timedelta(minutes=30)
    assert made.due.tzinfo == UTC
    (event,) = again.history(made.reference)
    assert (event.at, event.actor, event.event, event.detail) == (time.now, "patient", "created", "chat")


def test_references_are_easy_to_say(store: CallbackStore) -> None:
    made = [store.create(request(name=f"Jo {n}"), f"key {n}").reference for n in range(30)]
    assert len(set(made)) == 30
    assert all(len(reference) == 8 and reference.startswith("PRP-") for reference in made)
    assert not set("".join(made).removeprefix("PRP-").replace("PRP-", "")) & set("01OILSZ5AEU")


def test_a_taken_reference_is_made_anew(store: CallbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = iter(["PRP-2222", "PRP-2222", "PRP-2222", "PRP-3333"])
    monkeypatch.setattr(callbacks, "_new_reference", lambda _length: next(wanted))
    assert store.create(request(), "first").reference == "PRP-2222"
    assert store.create(request(name="Dan"), "second").reference == "PRP-3333"


def test_a_retry_makes_nothing_new(store: CallbackStore, engine: sa.engine.Engine, time: Time) -> None:
    first = store.create(request(), "key")
    time.now += timedelta(days=1)
    assert store.create(request(phone="(310) 555-0147"), "key") == first
    assert rows(engine) == (1, 1)


def test_a_key_with_another_request_is_refused(store: CallbackStore, engine: sa.engine.Engine) -> None:
    store.create(request(), "key")
    with pytest.raises(KeyReused):
        store.create(request(name="Dan"), "key")
    assert rows(engine) == (1, 1)


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb", "a\x00"])
def test_keys_that_are_none(store: CallbackStore, engine: sa.engine.Engine, key: str) -> None:
    with pytest.raises(CallbackInvalid):
        store.create(request(), key)
    assert rows(engine) == (0, 0)


def test_threads_with_one_key_make_one_row(store: CallbackStore, engine: sa.engine.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: store.create(request(), "one key"), range(24)))
    assert len({callback.reference for callback in made}) == 1
    assert rows(engine) == (1, 1)


def test_threads_with_their_own_keys_make_all(store: CallbackStore, engine: sa.engine.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.create(request(name=f"Jo {n:c}"), f"key {n}"), range(97, 121)))
    assert len({callback.reference for callback in made}) == 24
    assert rows(engine) == (24, 24)


WRITER = """
import sys
from prp_guide import database
from prp_guide.clinic import Clinic
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours
clinic = Clinic(name="C", phone="+13109759785", time_zone="America/Los_Angeles")
store = CallbackStore(database.engine(sys.argv[1], durable=True), OpeningHours(clinic))
for number in range(10):
    for key in (f"shared {number}", f"{sys.argv[2]} {number}"):
        asked = CallbackRequest.checked(name=f"Jo {key}", phone="310 555 0147", best_time="noon", note=key)
        print(key, store.create(asked, key).reference, sep="\\t")
"""


def test_processes_that_write_at_once(home: Home, engine: sa.engine.Engine) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WRITER, home.database_url, str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    told: dict[str, set[str]] = {}
    try:
        for writer in writers:
            out, _ = writer.communicate(timeout=90)
            assert writer.returncode == 0
            for line in out.splitlines():
                key, reference = line.split("\t")
                told.setdefault(key, set()).add(reference)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait(10)
    assert len(told) == 40
    assert all(len(references) == 1 for references in told.values())
    assert rows(engine) == (40, 40)


def test_a_failure_in_the_middle_stores_nothing(
    store: CallbackStore, engine: sa.engine.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("disk full", {}, Exception())

    with monkeypatch.context() as broken:
        broken.setattr(callbacks, "_record", fail)
        with pytest.raises(OperationalError):
            store.create(request(), "key")
        assert rows(engine) == (0, 0)
    store.create(request(), "key")
    with monkeypatch.context() as broken:
        broken.setattr(work.json, "dumps", fail)
        with pytest.raises(OperationalError):
            work_of(store).done(store.list()[0].reference, "Ana", note=Note("lost too"))
    assert rows(engine) == (1, 1)
    assert store.list()[0].status == "open"


def test_the_order_in_which_to_call(store: CallbackStore, time: Time, local: Moment) -> None:
    for name, moment, priority in [
        ("late", local(2026, 11, 20, 10), "normal"),  # due Monday, 5 pm
        ("latest", local(2026, 11, 18, 10), "normal"),  # due Thursday
        ("urgent late", local(2026, 11, 23, 10), "urgent"),  # due Monday, 10:30
        ("second", local(2026, 11, 24, 10, 5), "normal"),  # due Wednesday
        ("first", local(2026, 11, 24, 8), "normal"),  # due Tuesday
        ("third", local(2026, 11, 24, 10, 6), "normal"),
        ("urgent", local(2026, 11, 24, 10, 7), "urgent"),
    ]:
        time.now = moment.astimezone(UTC)
        store.create(request(name=name, priority=priority), name)
    time.now = local(2026, 11, 24, 10, 10).astimezone(UTC)
    names = ["urgent late", "urgent", "latest", "late", "first", "second", "third"]
    assert [callback.name for callback in store.list()] == names
    counts = counts_of(store)
    assert (counts.open, counts.overdue, counts.urgent, counts.done) == (7, 3, 2, 0)
    assert [callback.name for callback in store.list() if callback.overdue(time.now)] == [
        "urgent late",
        "latest",
        "late",
    ]
    assert [callback.name for callback in store.every()][:2] == ["latest", "late"]


def test_without_hours_urgent_comes_first_and_then_the_oldest(engine: sa.engine.Engine, time: Time) -> None:
    store = CallbackStore(engine, OpeningHours(make_clinic(hours=None)))
    for name, priority in (("old", "normal"), ("new", "normal"), ("urgent", "urgent")):
        store.create(request(name=name, priority=priority), name)
        time.now += timedelta(minutes=1)
    time.now += timedelta(days=30)
    assert [(c.name, c.due) for c in store.list()] == [("urgent", None), ("old", None), ("new", None)]
    assert counts_of(store).overdue == 0


def test_done_and_reopened(store: CallbackStore, time: Time) -> None:
    first, second = (store.create(request(name=name), name).reference for name in ("Ana", "Bo"))
    for reference in (second, first):
        time.now += timedelta(minutes=1)
        work_of(store).done(reference, "Kim")
    done = store.list("done")
    assert [callback.reference for callback in done] == [first, second]
    assert (done[0].closed, done[0].closed_by) == (time.now, "Kim")
    assert store.list() == []

    assert work_of(store).done(first, "Lee") is None  # a second time: nothing happens
    time.now += timedelta(minutes=1)
    work_of(store).reopen(first, "Lee")
    again = store.find(first)
    assert again is not None
    assert (again.status, again.closed, again.closed_by) == ("open", None, None)
    assert [(event.event, event.actor) for event in store.history(first)] == [
        ("created", "patient"),
        ("done", "Kim"),
        ("reopened", "Lee"),
    ]
    assert (counts_of(store).open, counts_of(store).done) == (1, 1)


def test_two_people_mark_the_same_one(store: CallbackStore) -> None:
    reference = store.create(request(), "key").reference
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda who: work_of(store).done(reference, who), "abcdefghijkl"))
    assert [event.event for event in store.history(reference)] == ["created", "done"]


def test_what_is_not_there(store: CallbackStore) -> None:
    assert store.find("PRP-0000") is None
    with pytest.raises(DeskError, match="no such request"):
        work_of(store).done("PRP-0000", "Kim")
    assert store.history("PRP-0000") == []
    assert store.list() == []
    assert counts_of(store) == Counts(0, 0, 0, 0, 0)
