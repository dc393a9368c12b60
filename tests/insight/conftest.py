"""An installation with our content and an empty database, a fixed Monday, and conversations as a test wants them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import clock, database
from prp_guide.clinic import Clinic, load_clinic
from prp_guide.content import Library
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.insight import Insight, Span, gather
from prp_guide.replies import Replies
from tests.support.conversations import Conversations

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=clock.UTC)  # Monday, 10 am in Los Angeles
CLINIC = 'name: The Clinic\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    root, state = tmp_path / "root", tmp_path / "state"
    root.mkdir()
    state.mkdir()
    for name in ("data", "models"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    (root / "clinic.yml").write_text(CLINIC, encoding="utf-8")
    monkeypatch.delenv("PRP_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRP_ROOT", str(root))
    monkeypatch.setenv("PRP_HOME", str(state))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    home = Home(root=root, state=state)
    database.migrate(home.database_url)
    return home


@pytest.fixture
def engine(home: Home) -> sa.engine.Engine:
    return database.open_database(home, durable=True)


@pytest.fixture
def clinic(home: Home) -> Clinic:
    return load_clinic(home.clinic_file)


@pytest.fixture
def library(home: Home) -> Library:
    return Library.load(home)


@pytest.fixture
def replies(library: Library, clinic: Clinic) -> Replies:
    return Replies(library, clinic)


@pytest.fixture
def said(engine: sa.engine.Engine) -> Conversations:
    return Conversations(engine)


class Gather:
    """Stores what was said and gathers its figures: gather(days=7)."""

    def __init__(self, engine: sa.engine.Engine, library: Library, clinic: Clinic, said: Conversations) -> None:
        self.engine, self._library, self.clinic, self._said = engine, library, clinic, said

    def __call__(self, days: int = 28) -> Insight:
        self._said.store()
        return gather(self.engine, self._library, self.clinic, Span.last_days(days, self.clinic.zone))


@pytest.fixture
def figures(engine: sa.engine.Engine, library: Library, clinic: Clinic, said: Conversations) -> Gather:
    return Gather(engine, library, clinic, said)


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)
