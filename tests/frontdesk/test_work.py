"""Claims, outcomes, sleep, notes and undo: each once, by whom, and never over somebody else's work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from prp_guide.database import callback_events, callbacks
from prp_guide.errors import AlreadyTaken, DeskError, TooLate
from prp_guide.frontdesk import CallbackRequest, CallbackStore, Inbox
from prp_guide.frontdesk.callback import CLAIM_HOLDS, Callback
from prp_guide.frontdesk.queue import Wanted
from prp_guide.frontdesk.work import LONGEST_NOTE, Note
from tests.frontdesk.conftest import ON_BOTH, Time

pytestmark = [ON_BOTH, pytest.mark.usefixtures("home")]


@pytest.fixture
def reference(store: CallbackStore, time: Time) -> str:
    return ask(store, "Jo Park")


def ask(store: CallbackStore, name: str, **fields: object) -> str:
    given = {"name": name, "phone": "310 555 0147", "best_time": "noon", **fields}
    return store.create(CallbackRequest.checked(**given), name).reference


def found(store: CallbackStore, reference: str) -> Callback:
    callback = store.find(reference)
    assert callback
    return callback


def history(store: CallbackStore, reference: str) -> list[tuple[str, str]]:
    return [(event.actor, event.event) for event in store.history(reference)][1:]


def test_of_many_who_claim_at_once_one_has_it(store: CallbackStore, inbox: Inbox, reference: str) -> None:
    def claim(who: str) -> str | None:
        try:
            inbox.work.claim(reference, who)
        except AlreadyTaken as fault:
            return fault.by
        return None

    people = [f"Person {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(claim, people))
    (winner,) = [who for who, by in zip(people, told, strict=True) if by is None]
    assert {by for by in told if by} == {winner}
    assert history(store, reference) == [(winner, "claimed")]


def test_next_calls_are_never_the_same(store: CallbackStore, inbox: Inbox, time: Time) -> None:
    asked = {ask(store, f"Person {number}") for number in range(6)}
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda who: inbox.queue.next_for(who, inbox.work), "abcdef"))
    assert {callback.reference for callback in given if callback} == asked
    assert inbox.queue.next_for("g", inbox.work) is None
    mine = inbox.queue.next_for("a", inbox.work)
    assert mine
    assert mine.holder(time.now) == "a"


def test_what_somebody_else_has_is_left_alone(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    work = inbox.work
    work.claim(reference, "Ana")
    for act in (
        lambda: work.claim(reference, "Kim"),
        lambda: work.outcome(reference, "Kim", "reached", note=Note("lost?")),
        lambda: work.done(reference, "Kim"),
        lambda: work.sleep(reference, "Kim", time.now + timedelta(hours=1)),
        lambda: work.release(reference, "Kim"),
    ):
        with pytest.raises(AlreadyTaken, match="Ana has taken Jo Park"):
            act()
    work.note(reference, "Kim", Note("She called again."))
    assert history(store, reference) == [("Ana", "claimed"), ("Kim", "noted")]
    work.take_over(reference, "Kim")
    with pytest.raises(AlreadyTaken, match="Kim"):
        work.outcome(reference, "Ana", "reached")


def test_a_claim_that_is_forgotten_keeps_nobody_away(
    store: CallbackStore, inbox: Inbox, reference: str, time: Time
) -> None:
    inbox.work.claim(reference, "Ana")
    time.now += CLAIM_HOLDS
    assert found(store, reference).holder(time.now) is None
    given = inbox.queue.next_for("Kim", inbox.work)
    assert given
    assert found(store, reference).holder(time.now) == "Kim"


@pytest.mark.parametrize("outcome", ["reached", "booked", "wrong_number"])
def test_outcomes_that_close(store: CallbackStore, inbox: Inbox, reference: str, outcome: str) -> None:
    inbox.work.claim(reference, "Ana")
    inbox.work.outcome(reference, "Ana", outcome, note=Note("  Said so.\r\n"))
    closed = found(store, reference)
    assert (closed.status, closed.outcome, closed.closed_by, closed.claimed_by) == ("done", outcome, "Ana", None)
    assert history(store, reference) == [("Ana", "claimed"), ("Ana", "noted"), ("Ana", outcome)]
    assert store.history(reference)[2].detail == "Said so."
    assert inbox.work.outcome(reference, "Kim", "reached") is None


@pytest.mark.parametrize(
    ("priority", "outcome", "pause"),
    [
        ("normal", "no_answer", timedelta(hours=1)),
        ("normal", "voicemail", timedelta(hours=4)),
        ("urgent", "no_answer", timedelta(minutes=10)),
        ("urgent", "voicemail", timedelta(minutes=30)),
    ],
)
def test_outcomes_that_sleep(
    store: CallbackStore, inbox: Inbox, time: Time, priority: str, outcome: str, pause: timedelta
) -> None:
    reference = ask(store, "Jo", priority=priority)
    inbox.work.outcome(reference, "Ana", outcome)
    tried = found(store, reference)
    assert (tried.status, tried.attempts, tried.sleeps_until) == ("open", 1, time.now + pause)
    assert tried.due is not None
    assert tried.due > time.now + pause  # not overdue while it sleeps
    assert inbox.queue.counts().later == 1
    assert inbox.queue.next_for("Kim", inbox.work) is None
    time.now += pause
    assert inbox.queue.counts().open == 1
    assert inbox.queue.next_for("Kim", inbox.work)


def test_a_try_in_the_evening_sleeps_until_the_morning(store: CallbackStore, inbox: Inbox, time: Time) -> None:
    time.now += timedelta(hours=6, minutes=30)  # Monday, 4:30 pm; open until 5
    reference = ask(store, "Jo")
    inbox.work.outcome(reference, "Ana", "no_answer")
    slept = found(store, reference).sleeps_until
    assert slept is not None
    assert slept == time.now + timedelta(hours=16, minutes=30)  # Tuesday, 9 am


def test_who_asks_again_is_not_left_to_sleep(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    inbox.work.sleep(reference, "Ana", time.now + timedelta(days=3))
    given = {"name": "Jo Park", "phone": "310 555 0147", "best_time": "now"}
    assert store.create(CallbackRequest.checked(**given), "again").reference == reference
    assert inbox.queue.counts().open == 1


def test_undo_puts_back_what_was(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    inbox.work.claim(reference, "Ana")
    before = found(store, reference)
    event = inbox.work.outcome(reference, "Ana", "voicemail", note=Note("stays"))
    assert event
    act = inbox.work.act(event, "Ana")
    assert act
    assert act.undo_left == timedelta(seconds=10)
    assert inbox.work.act(event, "Kim") is None
    time.now += timedelta(seconds=14)
    assert inbox.work.undo(reference, event, "Ana") == "voicemail"
    assert found(store, reference) == before
    assert [event for _, event in history(store, reference)] == ["claimed", "noted", "voicemail", "undone"]
    with pytest.raises(TooLate):
        inbox.work.undo(reference, event, "Ana")


def test_undo_is_for_a_moment_and_for_oneself(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    event = inbox.work.done(reference, "Ana")
    assert event
    with pytest.raises(TooLate):
        inbox.work.undo(reference, event, "Kim")
    time.now += timedelta(seconds=16)
    with pytest.raises(TooLate, match="10 seconds"):
        inbox.work.undo(reference, event, "Ana")
    later = inbox.work.reopen(reference, "Ana")
    assert later
    inbox.work.claim(reference, "Kim")
    with pytest.raises(TooLate, match="Something else"):
        inbox.work.undo(reference, later, "Ana")
    assert found(store, reference).claimed_by == "Kim"


def test_the_same_form_twice_acts_once(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    first = inbox.work.outcome(reference, "Ana", "no_answer", note=Note("once"), once="form")
    again = inbox.work.outcome(reference, "Ana", "no_answer", note=Note("once"), once="form")
    assert first == again
    inbox.work.note(reference, "Ana", Note("twice?"), once="other")
    inbox.work.note(reference, "Ana", Note("twice?"), once="other")
    assert found(store, reference).attempts == 1
    assert [event for _, event in history(store, reference)] == ["noted", "no_answer", "noted"]


def test_what_cannot_be(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    work = inbox.work
    for act, words in (
        (lambda: work.claim("PRP-0000", "Ana"), "no such request"),
        (lambda: work.outcome(reference, "Ana", "eaten"), "no outcome"),
        (lambda: work.sleep(reference, "Ana", time.now), "still to come"),
        (lambda: work.sleep(reference, "Ana", time.now + timedelta(days=61)), "60 days"),
        (lambda: work.note(reference, "Ana", Note(" \n")), "empty"),
        (lambda: work.note(reference, "Ana", Note("x" * (LONGEST_NOTE + 1))), "at most"),
    ):
        with pytest.raises(DeskError, match=words):
            act()
    work.done(reference, "Ana")
    with pytest.raises(DeskError, match="Reopen"):
        work.claim(reference, "Ana")
    assert history(store, reference) == [("Ana", "done")]


def test_drafts_are_never_overwritten(store: CallbackStore, inbox: Inbox, reference: str) -> None:
    drafts, number = inbox.drafts, found(store, reference).id
    one = drafts.save(reference, "Ana", "one")
    two = drafts.save(reference, "Ana", "one, two", one.id, one.version)
    assert (two.id, two.version) == (one.id, 2)
    aside = drafts.save(reference, "Ana", "one, three", one.id, one.version)  # from a window that is behind
    assert aside.id != one.id
    assert drafts.save(reference, "Ana", "one, three", one.id, one.version) == aside  # its answer was lost
    assert {draft.text for draft in drafts.of(number, "Ana")} == {"one, two", "one, three"}
    assert drafts.of(number, "Kim") == []
    assert drafts.save(reference, "Kim", "mine", one.id, 2).id != one.id
    assert drafts.begun("Ana", [number]) == {number}

    inbox.work.note(reference, "Ana", Note("one, two", two.id, 1))  # the draft has grown since: it stays
    assert len(drafts.of(number, "Ana")) == 2
    inbox.work.note(reference, "Ana", Note("one, two", two.id, 2))
    drafts.discard(aside.id, "Kim")
    assert [draft.text for draft in drafts.of(number, "Ana")] == ["one, three"]
    drafts.save(reference, "Ana", " ", aside.id, aside.version)
    assert drafts.of(number, "Ana") == []


def test_old_drafts_go(store: CallbackStore, inbox: Inbox, reference: str, time: Time) -> None:
    inbox.drafts.save(reference, "Ana", "one")
    time.now += timedelta(days=29)
    assert inbox.drafts.purge() == 0
    time.now += timedelta(days=2)
    assert inbox.drafts.purge() == 1


def test_filters_and_search(store: CallbackStore, inbox: Inbox, time: Time) -> None:
    jo = ask(store, "Jo Park", topic="cost", note="100% sure_thing")
    bo = ask(store, "Bo Diaz", phone="415 555 0199", lang="es", priority="urgent")
    cy = ask(store, "Cy Ng")
    inbox.work.claim(jo, "Ana")
    inbox.work.note(cy, "Kim", Note("Prefers Thursdays"))
    inbox.work.done(cy, "Kim")

    def listed(**wanted: object) -> list[str]:
        callbacks, total = inbox.queue.list(Wanted(user="Ana", **wanted), limit=10)  # type: ignore[arg-type]
        assert total == len(callbacks)
        return [callback.reference for callback in callbacks]

    for wanted, expected in (
        ({}, [bo, jo]),
        ({"tab": "done"}, [cy]),
        ({"mine": True}, [jo]),
        ({"urgent": True}, [bo]),
        ({"lang": "es"}, [bo]),
        ({"topic": "cost"}, [jo]),
        ({"overdue": True}, []),
        ({"search": "PARK jo"}, [jo]),
        ({"search": "(415) 555-0199"}, [bo]),
        ({"search": "0147"}, [jo, cy]),
        ({"search": bo.lower()}, [bo]),
        ({"search": "thursdays"}, [cy]),
        ({"search": "100%"}, [jo]),
        ({"search": "e_t"}, [jo]),
        ({"search": "%"}, [jo]),
        ({"search": "\\"}, []),
        ({"search": "noon", "urgent": True}, [bo]),
    ):
        assert sorted(listed(**wanted)) == sorted(expected), wanted
    counts = inbox.queue.counts(after=found(store, jo).id)
    assert (counts.open, counts.urgent, counts.done, counts.unread) == (2, 1, 1, 1)


def test_the_history_is_only_added_to(engine: sa.engine.Engine, store: CallbackStore, reference: str) -> None:
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(callback_events.update().values(actor="Nobody"))
    assert [event.actor for event in store.history(reference)] == ["patient"]
    with engine.begin() as connection:  # it goes with its request
        connection.execute(callbacks.delete())
    assert store.history(reference) == []
