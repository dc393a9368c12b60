"""What is kept of a number: shown, erased with a tombstone, and what is done long enough goes by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from prp_guide import database
from prp_guide.database import sessions, stamp, turns
from prp_guide.errors import CallbackInvalid
from prp_guide.frontdesk import CallbackRequest, CallbackStore, Draft, DraftStore, Inbox
from prp_guide.frontdesk.dossier import ASKED, TIME_OVER, Dossier
from prp_guide.frontdesk.work import Note
from prp_guide.home import Home
from prp_guide.privacy.access_log import AccessLog
from prp_guide.privacy.retention import clear_copies, wipe
from tests.frontdesk.conftest import ON_BOTH, START, Time, work_of
from tests.support.traces import files_with

pytestmark = [ON_BOTH, pytest.mark.usefixtures("time")]
PHONE = "310 555 0147"


@pytest.fixture
def drafts(engine: sa.engine.Engine) -> DraftStore:
    return DraftStore(engine, Fernet(Fernet.generate_key()))


@pytest.fixture
def log(home: Home) -> AccessLog:
    return AccessLog.of(home)


@pytest.fixture
def dossier(engine: sa.engine.Engine, drafts: DraftStore, log: AccessLog) -> Dossier:
    return Dossier(engine, drafts, log)


@pytest.fixture
def ask(store: CallbackStore) -> Callable[..., str]:
    def ask(name: str = "Quatermass", phone: str = PHONE, **fields: Any) -> str:
        request = CallbackRequest.checked(name=name, phone=phone, best_time="noon", **fields)
        return store.create(request, f"{name} {phone} {len(store.every())} {fields}").reference

    return ask


def entries(log: AccessLog) -> list[tuple[str, str, tuple[str, ...], str | None]]:
    log.verify()
    return [(entry.actor, entry.act, entry.references, entry.detail) for entry in log.entries()]


def test_export_has_all_of_it(
    dossier: Dossier, drafts: DraftStore, log: AccessLog, store: CallbackStore, inbox: Inbox, ask: Callable[..., str]
) -> None:
    reference = ask(note="first")
    ask(note="second")  # joins it
    ask(phone="310 555 0199")
    work_of(store).note(reference, "Ana", Note("calls at noon"))
    inbox.drafts.save(reference, "Ana", "half a note")
    log.write("Ana", "opened", [reference])
    drafts.put("a-conversation", Draft(name="Quatermass", phone="+13105550147"))
    told = dossier.export("(310) 555-0147", "Kim")
    (request,) = told["requests"]
    assert (request["reference"], request["name"], request["note"]) == (reference, "Quatermass", "first")
    assert [again["note"] for again in request["asked_again"]] == ["second"]
    assert "calls at noon" in str(request["history"])
    assert [begun["text"] for begun in request["notes_begun"]] == ["half a note"]
    assert [draft["name"] for draft in told["in_progress"]] == ["Quatermass"]
    assert [(seen["actor"], seen["act"]) for seen in told["access"]] == [("Ana", "opened"), ("Kim", "exported")]
    assert "fingerprint" not in str(told)


def test_erasing_leaves_a_tombstone_and_no_more(
    home: Home,
    engine: sa.engine.Engine,
    dossier: Dossier,
    drafts: DraftStore,
    log: AccessLog,
    store: CallbackStore,
    inbox: Inbox,
    ask: Callable[..., str],
) -> None:
    gone = [ask(), ask("Quatermass the younger", topic="cost")]
    stays = ask("Jo", phone="310 555 0199")
    inbox.drafts.save(gone[0], "Ana", "Quatermass calls at noon")
    with engine.begin() as connection:
        connection.execute(sessions.insert().values(id="a-conversation", created=stamp(), last_seen=stamp()))
        connection.execute(turns.insert().values(session="a-conversation", number=1, status="done", created=stamp()))
    drafts.put("a-conversation", Draft(name="Quatermass", phone="+13105550147"))
    erased = dossier.erase(PHONE, "Kim")
    assert (set(erased.references), erased.conversations) == (set(gone), 1)
    assert [callback.reference for callback in store.every()] == [stays]
    assert drafts.get("a-conversation") is None
    with engine.connect() as connection:
        assert not connection.execute(sa.select(turns)).all()
    assert entries(log) == [("Kim", "erased", erased.references, ASKED)]
    assert dossier.erase(PHONE, "Kim").references == ()
    assert len(entries(log)) == 1, "nothing was erased, so there is no tombstone"
    wipe(engine, whole=True)
    if engine.dialect.name == "sqlite":
        assert not files_with(home.state, ["Quatermass", "+13105550147"])


@pytest.mark.parametrize("phone", ["", "Quatermass", "12"])
def test_what_is_no_number(dossier: Dossier, phone: str) -> None:
    for act in (dossier.export, dossier.erase):
        with pytest.raises(CallbackInvalid):
            act(phone, "Kim")


def test_what_is_done_long_enough_goes(
    time: Time, dossier: Dossier, log: AccessLog, store: CallbackStore, ask: Callable[..., str]
) -> None:
    old, reopened, noted, waiting = (ask(name) for name in ("Ana", "Bo", "Cy", "Di"))
    for reference in (old, reopened, noted):
        work_of(store).done(reference, "Ana")
    time.now = START + timedelta(days=300)
    work_of(store).reopen(reopened, "Ana")
    work_of(store).note(noted, "Ana", Note("called again"))
    time.now = START + timedelta(days=364)
    assert dossier.purge(365) == ()
    time.now = START + timedelta(days=366)
    assert dossier.purge(365) == (old,)
    assert {callback.reference for callback in store.every()} == {reopened, noted, waiting}
    assert entries(log) == [("PRP Guide", "erased", (old,), TIME_OVER)]
    time.now = START + timedelta(days=3000)
    assert dossier.purge(365) == (noted,), "what is open stays until somebody works on it"


def test_copies_follow(home: Home, engine: sa.engine.Engine, dossier: Dossier, ask: Callable[..., str]) -> None:
    if engine.dialect.name != "sqlite":
        assert clear_copies(engine, 30) == 0
        return
    ask()
    ask("Jo", phone="310 555 0199")
    copy = home.state / "prp-guide.db.before-0004"
    database.back_up(home.state / "prp-guide.db", copy)
    made = copy.stat().st_mtime
    assert files_with(home.state, ["Quatermass"])
    dossier.erase(PHONE, "Kim")
    wipe(engine, whole=True)
    assert files_with(home.state, ["Quatermass"]) == {copy.name: {"Quatermass"}}
    assert clear_copies(engine, 30) == 0
    assert not files_with(home.state, ["Quatermass"])
    assert copy.stat().st_mtime == made
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT name FROM callbacks").fetchall() == [("Jo",)]
    (home.state / "prp-guide.db.before-0003").write_bytes(b"no database")
    assert clear_copies(engine, 30) == 0, "one that cannot be read holds up nothing"
    assert clear_copies(engine, -1) == 2
    assert not copy.exists()
