"""The tracker store on a real SQLite file: what is kept, what never is, and what happens when something is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from prp_guide.database import engine, migrate, sessions, stamp, trackers
from prp_guide.errors import ConversationGone, ConversationMoved
from prp_guide.home import PROJECT_ROOT
from prp_guide.rasa_parts.names import CHANNEL
from prp_guide.rasa_parts.tracker_store import KEPT_TURNS, ConversationTrackerStore

DOMAIN = Domain.load(str(PROJECT_ROOT / "domain.yml"))
SESSION = "session-one"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> sa.engine.Engine:
    monkeypatch.setenv("PRP_HOME", str(tmp_path))
    monkeypatch.delenv("PRP_DATABASE_URL", raising=False)
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_database")
        monkeypatch.setenv("PRP_DATABASE_URL", url)
    migrate(url)
    with engine(url).begin() as connection:
        connection.execute(sessions.insert().values(id=SESSION, created=stamp(), last_seen=stamp()))
    return engine(url)


def store() -> ConversationTrackerStore:
    return ConversationTrackerStore(domain=DOMAIN)


def say(
    tracker: DialogueStateTracker, text: str, *, entities: list[dict[str, Any]] | None = None, act: str = "reply"
) -> None:
    parse = {
        "text": text,
        "intent": {"name": "ask_washing", "confidence": 0.9},
        "intent_ranking": [{"name": "ask_washing", "confidence": 0.9}],
        "entities": entities or [],
        "plan": [{"act": act, "intents": ["ask_washing"]}],
    }
    tracker.update(UserUttered(text, parse["intent"], parse["entities"], parse, input_channel=CHANNEL))
    tracker.update(ActionExecuted("utter_reply"))
    tracker.update(
        BotUttered(
            "Wait 48 hours.",
            {"custom": {"messages": [{"kind": "answer", "topic": "washing", "text": "Wait"}]}},
        )
    )
    tracker.update(ActionExecuted("action_listen"))


def begun() -> DialogueStateTracker:
    tracker = DialogueStateTracker(SESSION, DOMAIN.slots)
    tracker.update(ActionExecuted("action_listen"))
    return tracker


def stored_text(database: sa.engine.Engine) -> str:
    with database.connect() as connection:
        return str(connection.execute(sa.select(trackers.c.events)).scalar_one())


def test_what_was_decided_survives_a_restart(database: sa.engine.Engine) -> None:
    tracker = begun()
    say(tracker, "when can i wash my hair")
    asyncio.run(store().save(tracker))
    again = asyncio.run(store().retrieve(SESSION))
    assert again is not None
    assert again.latest_message.intent["name"] == "ask_washing"
    assert again.latest_message.parse_data["plan"] == [{"act": "reply", "intents": ["ask_washing"]}]
    assert again.latest_action_name == "action_listen"


def test_words_that_were_asked_back_about_are_kept_redacted(database: sa.engine.Engine) -> None:
    tracker = begun()
    say(tracker, "how much")
    say(tracker, "how long, im at 310 555 0147", act="ask_back")
    asyncio.run(store().save(tracker))
    kept = stored_text(database)
    assert "how long" in kept
    assert "how much" not in kept
    assert "555 0147" not in kept


@pytest.mark.parametrize(
    ("text", "entities", "secret"),
    [
        ("call me at 310 555 0147", [], "555 0147"),
        ("mail jo@example.com", [], "example.com"),
        ("Josephine", [{"entity": "callback_name", "value": "given", "start": 0, "end": 9}], "Josephine"),
    ],
)
def test_nothing_personal_is_stored(
    database: sa.engine.Engine, text: str, entities: list[dict[str, Any]], secret: str
) -> None:
    tracker = begun()
    say(tracker, text, entities=entities)
    asyncio.run(store().save(tracker))
    assert secret not in stored_text(database)
    assert "Wait" not in stored_text(database), "the assistant's words are kept by the turns table"


def test_a_second_process_cannot_overwrite(database: sa.engine.Engine) -> None:
    one, other = store(), store()
    tracker = begun()
    say(tracker, "first")
    asyncio.run(one.save(tracker))
    mine, theirs = asyncio.run(one.retrieve(SESSION)), asyncio.run(other.retrieve(SESSION))
    say(mine, "second, here")
    say(theirs, "second, there")
    asyncio.run(other.save(theirs))
    with pytest.raises(ConversationMoved):
        asyncio.run(one.save(mine))
    assert isinstance(one.failure_of(SESSION), ConversationMoved)
    assert one.failure_of(SESSION) is None, "a failure is told once"


def test_a_conversation_that_comes_back_is_read_anew(database: sa.engine.Engine) -> None:
    """It was with another process meanwhile: what this one still held of it would fill the wrong field."""
    one, other = store(), store()
    tracker = begun()
    say(tracker, "first")
    asyncio.run(one.save(tracker))
    moved = asyncio.run(other.retrieve(SESSION))
    say(moved, "second")
    asyncio.run(other.save(moved))
    back = asyncio.run(one.retrieve(SESSION))
    assert sum(isinstance(event, UserUttered) for event in back.events) == 2
    say(back, "third")
    asyncio.run(one.save(back))
    assert one.failure_of(SESSION) is None


def test_which_turn_was_heard_last(database: sa.engine.Engine) -> None:
    tracker = begun()
    say(tracker, "first")
    tracker.events[1].metadata = {"turn": 7, "choice": None}
    keeper = store()
    assert not asyncio.run(keeper.has_heard(SESSION, 7))
    asyncio.run(keeper.save(tracker))
    assert asyncio.run(store().has_heard(SESSION, 7))
    assert not asyncio.run(store().has_heard(SESSION, 8))


def test_an_erased_conversation_is_not_brought_back(database: sa.engine.Engine) -> None:
    keeper = store()
    tracker = begun()
    say(tracker, "first")
    asyncio.run(keeper.save(tracker))
    held = asyncio.run(keeper.retrieve(SESSION))
    with database.begin() as connection:
        connection.execute(sessions.delete())
    say(held, "a late one")
    with pytest.raises(ConversationGone):
        asyncio.run(keeper.save(held))
    with database.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(trackers)).scalar_one() == 0


def test_a_conversation_without_a_session_is_not_stored(database: sa.engine.Engine) -> None:
    tracker = DialogueStateTracker("never-opened", DOMAIN.slots)
    say(tracker, "hello")
    with pytest.raises(ConversationGone):
        asyncio.run(store().save(tracker))


def test_behind_rasas_wrapper_a_failure_is_not_hidden(database: sa.engine.Engine) -> None:
    ours = store()
    wrapped = FailSafeTrackerStore(ours)
    database.dispose()
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE trackers RENAME TO trackers_away")
    tracker = asyncio.run(wrapped.get_or_create_tracker(SESSION))
    say(tracker, "hello")
    asyncio.run(wrapped.save(tracker))
    assert ours.failure_of(SESSION) is not None


def test_a_long_conversation_keeps_its_last_turns_and_its_slots(database: sa.engine.Engine) -> None:
    keeper = store()
    tracker = begun()
    tracker.update(SlotSet("callback_phone", "given"))
    for number in range(5 * KEPT_TURNS):
        say(tracker, f"question {number}")
        asyncio.run(keeper.save(tracker))
        tracker = asyncio.run(keeper.retrieve(SESSION))
    texts = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert texts[-1] == f"question {5 * KEPT_TURNS - 1}"
    assert KEPT_TURNS <= len(texts) <= 2 * KEPT_TURNS + 1
    assert tracker.get_slot("callback_phone") == "given"


def test_a_form_that_digressions_make_long_stays_open(database: sa.engine.Engine) -> None:
    keeper = store()
    tracker = begun()
    say(tracker, "call me")
    tracker.update(ActiveLoop("callback_form"))
    tracker.update(SlotSet("requested_slot", "callback_phone"))
    for number in range(5 * KEPT_TURNS):
        say(tracker, f"question {number}")
        asyncio.run(keeper.save(tracker))
        tracker = asyncio.run(keeper.retrieve(SESSION))
    assert tracker.active_loop_name == "callback_form"
    assert tracker.get_slot("requested_slot") == "callback_phone"
    assert sum(isinstance(event, UserUttered) for event in tracker.events) <= 2 * KEPT_TURNS + 1
    again = asyncio.run(store().retrieve(SESSION))
    assert again.active_loop_name == "callback_form"


def test_a_form_that_was_left_long_ago_stays_closed(database: sa.engine.Engine) -> None:
    keeper = store()
    tracker = begun()
    say(tracker, "call me")
    tracker.update(ActiveLoop("callback_form"))
    say(tracker, "never mind")
    tracker.update(ActiveLoop(None))
    for number in range(5 * KEPT_TURNS):
        say(tracker, f"question {number}")
        asyncio.run(keeper.save(tracker))
        tracker = asyncio.run(keeper.retrieve(SESSION))
    assert tracker.active_loop_name is None


def test_rasa_shell_is_kept_in_memory_only(database: sa.engine.Engine) -> None:
    keeper = store()
    tracker = DialogueStateTracker("shell", DOMAIN.slots)
    tracker.update(UserUttered("hello", {"name": "ask_washing"}, input_channel="cmdline"))
    asyncio.run(keeper.save(tracker))
    assert asyncio.run(keeper.retrieve("shell")) is tracker
    with database.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(trackers)).scalar_one() == 0
