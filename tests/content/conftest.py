from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_guide.home import PROJECT_ROOT, Home

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a copy of our content, to break."""
    data = tmp_path / "data"
    shutil.copytree(PROJECT_ROOT / "data" / "topics", data / "topics")
    for name in ("facts.yml", "replies.yml"):
        shutil.copy(PROJECT_ROOT / "data" / name, data / name)
    (data / "phrases").symlink_to(PROJECT_ROOT / "data" / "phrases")
    return Home(root=tmp_path, state=tmp_path / "var")


@pytest.fixture
def edit(home: Home) -> Edit:
    """Replace a text, which must be there once, in a file of `home`; gives the file."""

    def replace(file: str, old: str, new: str) -> Path:
        path = home.data / file
        text = path.read_text("utf-8")
        pattern = re.escape(old)
        if old not in text:  # it may run over the end of a line
            pattern = r"\s+".join(re.escape(word) for word in old.split())
        found = re.findall(pattern, text)
        assert len(found) == 1, f"{old!r} stands {len(found)} times in {file}"
        path.write_text(text.replace(found[0], new), "utf-8")
        return path

    return replace
