"""A home with a copy of our content, to edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prp_guide.editor import Editor
from prp_guide.home import PROJECT_ROOT, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data")
    return Home(root=tmp_path, state=tmp_path / "var")


@pytest.fixture
def editor(home: Home) -> Editor:
    return Editor(home)


PARKING = [
    "where does my car go",
    "is there a garage near you",
    "who validates my parking ticket?",
    "do you stamp parking tickets",
    "street parking or lot",
    "can i leave my car all day",
    "how much is the parking structure",
    "handicap spot for my mom's car",
    "is there a bike rack",
    "where does my uber drop me off",
]
