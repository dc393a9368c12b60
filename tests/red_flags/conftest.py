"""One screen with the project's own rules for all tests: it never changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.red_flags import Screen, rulebook
from prp_guide.red_flags.rulebook import Rulebook


@pytest.fixture(scope="session")
def home() -> Home:
    return Home(root=PROJECT_ROOT, state=Path("unused"))


@pytest.fixture(scope="session")
def screen(home: Home) -> Screen:
    return Screen.load(home)


@pytest.fixture(scope="session")
def book(home: Home) -> Rulebook:
    return rulebook.load(home)
