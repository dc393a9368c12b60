"""Fixtures of the web process's tests; see web_process.py for what they give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prp_guide import database
from prp_guide.home import Home
from tests.web.web_process import Channel, Web, make_home, running_channel, running_web


@pytest.fixture
def channel() -> Iterator[Channel]:
    with running_channel() as running:
        yield running


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("web") / "empty.db"
    database.migrate(f"sqlite:///{path}")
    with database.engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def home(tmp_path: Path, empty_database: Path) -> Home:
    return make_home(tmp_path, empty_database)


@pytest.fixture
def web(home: Home, channel: Channel) -> Iterator[Web]:
    """The application with its rate limits off."""
    with running_web(home, channel) as running:
        yield running


@pytest.fixture
def limited_web(home: Home, channel: Channel) -> Iterator[Web]:
    """The application with its rate limits on."""
    with running_web(home, channel, limits=True) as running:
        yield running


@pytest.fixture(scope="module")
def module_web(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Web]:
    """One application for all tests of a module that leave nothing behind."""
    home = make_home(tmp_path_factory.mktemp("module"), empty_database)
    with running_channel() as channel, running_web(home, channel) as running:
        yield running


@pytest.fixture
def shared_web(module_web: Web) -> Web:
    """The same, with a channel that has heard nothing yet."""
    module_web.channel.seen.clear()
    return module_web
