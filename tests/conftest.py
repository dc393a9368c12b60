"""Fixtures for tests of the whole: the running assistant, and a browser to visit it with."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from prp_guide import database
from tests.support.assistant import Assistant
from tests.support.browser import chromium_arguments, find_chromium
from tests.support.postgresql import close_engines, find_postgresql, fresh_database, running_postgresql
from tests.support.redis import Redis, find_redis, running_redis

ARTIFACTS = Path(__file__).parent / ".artifacts"
LONGEST = ("end_to_end", "evaluation", "dialogues", "publishing", "editor", "rasa_parts")
_passed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real assistant with its trained model, started once for all tests. Rate limits are off."""
    running = Assistant(tmp_path_factory.mktemp("assistant") / "home")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this run. Without PostgreSQL on the machine, its tests are left out."""
    binaries = find_postgresql()
    if binaries is None:
        pytest.skip("there is no PostgreSQL on this machine (Debian: apt-get install postgresql)")
    with running_postgresql(binaries) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_layout(postgresql: str) -> Iterator[str]:
    """The name of an empty PostgreSQL database in the newest layout, to copy."""
    with fresh_database(postgresql) as url:
        database.migrate(url)
        close_engines(url)
        yield url.rpartition("/")[2]


@pytest.fixture
def postgresql_database(postgresql: str, postgresql_layout: str) -> Iterator[str]:
    """The address of a PostgreSQL database of this test's own, empty, in the newest layout."""
    with fresh_database(postgresql, postgresql_layout) as url:
        yield url
        close_engines(url)


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A Redis of this test's own. Without one on the machine, its tests are left out."""
    binary = find_redis()
    if binary is None:
        pytest.skip("there is no Redis on this machine (Debian: apt-get install redis-server)")
    with running_redis(binary) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. For one module only: while Playwright runs, no test of this process could use asyncio.run."""
    path = find_chromium()
    assert path is not None, "there is no Chromium or Chrome; `sh scripts/browser.sh` says how to get one"
    with sync_playwright() as playwright:
        # headless is asked for among the arguments: Playwright's own switch would want its own build.
        launched = playwright.chromium.launch(
            executable_path=path, args=chromium_arguments(), ignore_default_args=["--headless"]
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without a past, 1280 x 800. An uncaught error fails the test; a failed test leaves a picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    if not request.node.stash.get(_passed, False):
        ARTIFACTS.mkdir(exist_ok=True)
        made.screenshot(path=ARTIFACTS / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', request.node.nodeid)}.png")
    context.close()
    assert not errors, f"uncaught on the page: {errors}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that two processes that share the tests end at about the same time."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for `page` how its test went."""
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
    return report
