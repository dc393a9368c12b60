"""Drafts: sealed, bound to their conversation, gone in time."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from prp_guide import database, keys
from prp_guide.frontdesk import Draft, DraftStore
from prp_guide.home import Home
from tests.frontdesk.conftest import ON_BOTH, Time

pytestmark = ON_BOTH


@pytest.fixture
def drafts(engine: sa.engine.Engine, home: Home) -> DraftStore:
    return DraftStore(engine, keys.fernet(home, keys.DRAFT))


JO = Draft(name="Jo Párk", phone="+13105550147", topic="cost")


def test_put_get_drop(drafts: DraftStore, engine: sa.engine.Engine, home: Home) -> None:
    assert drafts.get("one") is None
    drafts.put("one", JO)
    fuller = replace(JO, best_time="noon", note="n", lang="es", priority="urgent")
    drafts.put("one", fuller)
    drafts.put("two", JO)
    reopened = DraftStore(engine, keys.fernet(home, keys.DRAFT))
    assert (reopened.get("one"), reopened.get("two")) == (fuller, JO)
    drafts.drop("one")
    drafts.drop("one")
    assert (drafts.get("one"), drafts.get("two")) == (None, JO)


def test_nothing_readable_is_stored(drafts: DraftStore, engine: sa.engine.Engine, home: Home) -> None:
    drafts.put("one", JO)
    with engine.connect() as connection:
        sealed = bytes(connection.execute(sa.select(database.drafts.c.sealed)).scalar_one())
    files = b"".join(path.read_bytes() for path in home.state.glob("prp-guide.db*"))
    for written in (sealed, urlsafe_b64decode(sealed), files):
        assert JO.name.encode() not in written
        assert b"3105550147" not in written


def test_it_expires_30_minutes_after_the_last_put(drafts: DraftStore, time: Time) -> None:
    drafts.put("one", JO)
    time.now += timedelta(minutes=20)
    drafts.put("one", JO)
    drafts.put("two", JO)
    time.now += timedelta(minutes=29, seconds=59)
    assert drafts.purge() == 0
    assert drafts.get("one") == JO
    time.now += timedelta(seconds=1)
    assert drafts.get("one") is None
    assert drafts.purge() == 2


def test_another_key_or_another_conversation_opens_nothing(drafts: DraftStore, engine: sa.engine.Engine) -> None:
    drafts.put("one", JO)
    assert DraftStore(engine, Fernet(Fernet.generate_key())).get("one") is None
    with engine.begin() as connection:
        connection.execute(database.drafts.update().values(conversation="stolen"))
    assert drafts.get("stolen") is None


def test_many_writers_of_one_draft(drafts: DraftStore) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: drafts.put("one", replace(JO, note=str(n))), range(12)))
    kept = drafts.get("one")
    assert kept is not None
    assert replace(kept, note=None) == JO
