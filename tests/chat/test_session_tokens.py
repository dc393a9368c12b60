"""Tokens that we signed are good, all others are not; a session lives 30 minutes from its last message."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from prp_guide import clock
from prp_guide.chat import Sessions, Turns
from prp_guide.database import sessions as table
from prp_guide.database import stamp
from prp_guide.errors import ConversationGone


def age(engine: sa.engine.Engine, minutes: float) -> None:
    with engine.begin() as connection:
        connection.execute(table.update().values(last_seen=stamp(clock.now() - timedelta(minutes=minutes))))


def test_a_token_names_its_session(sessions: Sessions) -> None:
    token, session = sessions.open("es")
    assert sessions.session_id(token) == session.id
    assert sessions.get(session.id) == session
    assert session.lang == "es"
    assert token.isascii()
    assert not set(token) & set("+/= ")


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: token + "x",
        lambda token: token[:-1],
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("1.", "2.", 1),
        lambda token: ".".join([token.split(".")[0], "A" * 24, *token.split(".")[2:]]),
        lambda token: ".".join([*token.split(".")[:2], "1", token.split(".")[3]]),
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + "." + "A" * 43,
        lambda token: token.upper(),
        lambda token: token + "\n",
        lambda token: "1.é." + token,
        lambda token: "." * 5000,
    ],
)
def test_a_forged_token_is_refused(sessions: Sessions, forge) -> None:
    token, _ = sessions.open()
    with pytest.raises(ConversationGone):
        sessions.session_id(forge(token))


def test_a_token_of_another_key_is_refused(sessions: Sessions, engine: sa.engine.Engine) -> None:
    token, _ = Sessions(engine, b"another key").open()
    with pytest.raises(ConversationGone):
        sessions.session_id(token)


@pytest.mark.parametrize(("age", "good"), [(0, True), (11.9, True), (12.1, False), (-0.05, True), (-1, False)])
def test_a_token_ends_however_often_it_is_used(sessions: Sessions, age: float, good: bool) -> None:
    _, session = sessions.open()
    token = sessions.token(session.id, clock.now() - timedelta(hours=age))
    if good:
        assert sessions.session_id(token) == session.id
    else:
        with pytest.raises(ConversationGone):
            sessions.session_id(token)


def test_sessions_never_share_an_id(sessions: Sessions) -> None:
    assert len({sessions.open()[1].id for _ in range(50)}) == 50


@pytest.mark.parametrize(("minutes", "alive"), [(0, True), (29.9, True), (30.1, False), (100000, False)])
def test_a_session_expires_when_idle(
    sessions: Sessions, turns: Turns, engine: sa.engine.Engine, minutes: float, alive: bool
) -> None:
    _, session = sessions.open()
    age(engine, minutes)
    if alive:
        assert sessions.get(session.id) == session
        assert turns.begin(session.id, None).fresh
    else:
        with pytest.raises(ConversationGone):
            sessions.get(session.id)
        with pytest.raises(ConversationGone):
            turns.begin(session.id, None)
        with pytest.raises(ConversationGone):
            sessions.keep(session.id)
        with pytest.raises(ConversationGone):
            sessions.erase(session.id)


def test_it_can_be_kept_alive_without_a_message(sessions: Sessions, engine: sa.engine.Engine) -> None:
    _, session = sessions.open()
    for _ in range(2):
        age(engine, 29)
        sessions.keep(session.id)
    with engine.connect() as connection:
        row = connection.execute(sa.select(table)).one()
    assert row.last_seen > stamp(clock.now() - timedelta(minutes=1))
    assert row.last_turn == 0


def test_a_message_keeps_a_session_alive(sessions: Sessions, turns: Turns, engine: sa.engine.Engine) -> None:
    _, session = sessions.open()
    age(engine, 29)
    turns.begin(session.id, None)
    with engine.connect() as connection:
        seen = connection.execute(sa.select(table.c.last_seen)).scalar_one()
    assert seen > stamp(clock.now() - timedelta(minutes=1))


def test_erased_is_erased(sessions: Sessions) -> None:
    _, session = sessions.open()
    assert sessions.exists(session.id)
    sessions.erase(session.id)
    assert not sessions.exists(session.id)
    with pytest.raises(ConversationGone):
        sessions.get(session.id)
    with pytest.raises(ConversationGone):
        sessions.erase(session.id)
