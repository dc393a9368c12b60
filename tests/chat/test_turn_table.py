"""The turns table: each client id once, nothing brought back, the history as it was said."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import clock
from prp_guide.chat import Sessions, Turns
from prp_guide.chat.turns import DONE, FAILED, RUNNING
from prp_guide.database import feedback, stamp, trackers
from prp_guide.database import turns as table
from prp_guide.errors import ConversationGone


def said(text: str, **more: object) -> dict[str, object]:
    return {"id": f"id-{text}", "kind": "answer", "text": text, "step": None, "choices": [], **more}


def test_turns_are_numbered(sessions: Sessions, turns: Turns) -> None:
    _, session = sessions.open("es")
    begun = [turns.begin(session.id, None) for _ in range(3)]
    assert [(turn.number, turn.lang, turn.fresh, turn.status) for turn in begun] == [
        (number, "es", True, RUNNING) for number in (1, 2, 3)
    ]


def test_a_client_id_acts_once(sessions: Sessions, turns: Turns) -> None:
    _, session = sessions.open()
    _, other = sessions.open()
    first = turns.begin(session.id, "a")
    again = turns.begin(session.id, "a")
    assert (again.number, again.fresh, again.status) == (1, False, RUNNING)
    turns.finish(first, "hi", [said("hello")])
    again = turns.begin(session.id, "a")
    assert (again.status, again.messages) == (DONE, (said("hello"),))
    assert turns.begin(session.id, "b").number == 2
    assert turns.begin(other.id, "a").fresh


def test_many_processes_begin_different_turns(sessions: Sessions, turns: Turns) -> None:
    _, session = sessions.open()
    begun = []
    threads = [
        threading.Thread(target=lambda name=name: begun.append(turns.begin(session.id, name)))
        for name in ("a", "b", "a", "c", "b", "a")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(turn.number for turn in begun if turn.fresh) == [1, 2, 3]
    assert len(begun) == 6


def test_an_abandoned_turn_counts_as_failed(sessions: Sessions, turns: Turns, engine: sa.engine.Engine) -> None:
    _, session = sessions.open()
    turns.begin(session.id, "a")
    with engine.begin() as connection:
        connection.execute(table.update().values(created=stamp(clock.now() - timedelta(minutes=1))))
    assert turns.begin(session.id, "a").status == FAILED


def test_a_late_reply_brings_nothing_back(sessions: Sessions, turns: Turns, engine: sa.engine.Engine) -> None:
    _, session = sessions.open()
    turn = turns.begin(session.id, "a")
    sessions.erase(session.id)
    with pytest.raises(ConversationGone):
        turns.finish(turn, "hi", [said("hello")])
    with pytest.raises(ConversationGone):
        turns.find(turn)
    assert turns.history(session.id) == []


def test_erasing_takes_everything_along(
    sessions: Sessions, turns: Turns, engine: sa.engine.Engine, tmp_path: Path
) -> None:
    _, session = sessions.open()
    turns.finish(turns.begin(session.id, "a"), "my secret question", [said("a secret answer")])
    assert turns.rate(session.id, "id-a secret answer", True)
    with engine.begin() as connection:
        tracker = {"conversation": session.id, "version": 1, "events": "[]", "saved": stamp()}
        connection.execute(trackers.insert().values(tracker))
    sessions.erase(session.id)
    with engine.connect() as connection:
        for each in (table, feedback, trackers):
            assert connection.execute(sa.select(each)).all() == []
    with sqlite3.connect(tmp_path / "chat.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"secret" not in (tmp_path / "chat.db").read_bytes()


def test_history(sessions: Sessions, turns: Turns) -> None:
    _, session = sessions.open()
    turns.greet(session.id, [said("welcome")])
    turns.finish(turns.begin(session.id, "a"), "hi", [said("one"), said("two")])
    turns.finish(turns.begin(session.id, None), "¿qué?", [said("three")], FAILED)
    turns.begin(session.id, "c")
    assert turns.history(session.id) == [
        {"role": "assistant", **said("welcome")},
        {"role": "patient", "text": "hi", "id": "a"},
        {"role": "assistant", **said("one")},
        {"role": "assistant", **said("two")},
        {"role": "patient", "text": "¿qué?", "id": "turn-2"},
        {"role": "assistant", **said("three")},
    ]


@pytest.mark.parametrize(
    ("messages", "is_open"),
    [
        ([said("x")], False),
        ([said("x", kind="callback", step="name")], True),
        ([said("x"), said("y", kind="callback", step="confirm")], True),
        ([said("x", kind="callback", step="done")], False),
        ([said("x", kind="callback", step="cancelled")], False),
    ],
)
def test_whether_the_form_is_open(
    sessions: Sessions, turns: Turns, messages: list[dict[str, object]], is_open: bool
) -> None:
    _, session = sessions.open()
    turns.finish(turns.begin(session.id, None), "a call", messages)
    assert turns.form_is_open(session.id, before=2) is is_open
    assert turns.form_is_open(session.id, before=1) is False


def test_the_label_of_a_choice(sessions: Sessions, turns: Turns) -> None:
    _, session = sessions.open()
    choices = [{"id": "topic:cost", "label": "What does it cost?"}]
    turns.finish(turns.begin(session.id, None), "hi", [said("x", choices=choices)])
    assert turns.label_of(session.id, "topic:cost", before=2) == "What does it cost?"
    assert turns.label_of(session.id, "topic:sun", before=2) is None


def test_feedback(sessions: Sessions, turns: Turns, engine: sa.engine.Engine) -> None:
    _, session = sessions.open()
    _, other = sessions.open()
    turns.finish(turns.begin(session.id, None), "hi", [said("x")])
    assert turns.rate(session.id, "id-x", True)
    assert turns.rate(session.id, "id-x", False)
    assert not turns.rate(session.id, "id-y", True)
    assert not turns.rate(other.id, "id-x", True)
    with engine.connect() as connection:
        assert [row.helpful for row in connection.execute(sa.select(feedback))] == [False]
