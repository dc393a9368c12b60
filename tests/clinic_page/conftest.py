from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.home import PROJECT_ROOT, Home

SOURCE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
CLINIC = 'name: The Clinic\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a copy of our content, to edit."""
    shutil.copytree(PROJECT_ROOT / "data" / "topics", tmp_path / "data" / "topics")
    for name in ("facts.yml", "replies.yml"):
        shutil.copy(PROJECT_ROOT / "data" / name, tmp_path / "data" / name)
    (tmp_path / "clinic.yml").write_text(CLINIC, encoding="utf-8")
    monkeypatch.setenv("PRP_ROOT", str(tmp_path))
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "var"))
    return Home(root=tmp_path, state=tmp_path / "var")


@pytest.fixture
def library(home: Home) -> Library:
    return Library.load(home)
