"""What is done, in the order in which it was done, and how far it is counted."""

from __future__ import annotations

import pytest

from prp_guide.frontdesk import CallbackRequest, CallbackStore, Inbox, queue
from prp_guide.frontdesk.callback import DONE
from prp_guide.frontdesk.queue import Wanted
from tests.frontdesk.conftest import ON_BOTH, Time

pytestmark = [ON_BOTH, pytest.mark.usefixtures("time")]


def ask(store: CallbackStore, name: str, **fields: object) -> str:
    given = {"name": name, "phone": "310 555 0147", "best_time": "noon", **fields}
    return store.create(CallbackRequest.checked(**given), name).reference


def names(inbox: Inbox, *, limit: int = 50, offset: int = 0, **narrowed: object) -> list[str]:
    found, _ = inbox.queue.list(Wanted(tab=DONE, **narrowed), limit=limit, offset=offset)
    return [one.name for one in found]


def test_last_done_first_page_by_page(store: CallbackStore, inbox: Inbox, time: Time) -> None:
    asked = {name: ask(store, name, phone=f"310 555 01{number:02}") for number, name in enumerate("abcdef")}
    for name in "cafbe":
        inbox.work.done(asked[name], "Ana")
    inbox.work.reopen(asked["a"], "Ana")
    inbox.work.reopen(asked["f"], "Ana")
    inbox.work.done(asked["a"], "Bo")
    assert names(inbox) == ["a", "e", "b", "c"], "once each, by when it was done last; f waits again, d never was"
    assert names(inbox, limit=2) + names(inbox, limit=2, offset=2) == names(inbox)
    (last, *_), total = inbox.queue.list(Wanted(tab=DONE), limit=1)
    assert (last.closed_by, total) == ("Bo", 4)


def test_filters_count_among_them(store: CallbackStore, inbox: Inbox) -> None:
    for name, lang in (("a", "en"), ("b", "es"), ("c", "es")):
        inbox.work.done(ask(store, name, lang=lang, phone=f"310 555 010{'abc'.index(name)}"), "Ana")
    assert names(inbox, lang="es") == ["c", "b"]


def test_counting_ends_somewhere(store: CallbackStore, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 3)
    for number in range(5):
        inbox.work.done(ask(store, "abcde"[number], phone=f"310 555 010{number}"), "Ana")
    assert inbox.queue.counts().done == 3
    assert inbox.queue.list(Wanted(tab=DONE), limit=2)[1] == 3
