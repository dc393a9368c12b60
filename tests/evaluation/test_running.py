"""An assistant for a while: one that cannot start says why, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from prp_guide.commands.running import assistant
from prp_guide.errors import SetupError
from prp_guide.home import Home


def test_one_that_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, temporary = tmp_path / "root", tmp_path / "temporary"
    root.mkdir()
    temporary.mkdir()
    (root / "clinic.yml").write_text("name: The Clinic\nphone: 12\ntime_zone: America/Los_Angeles\n")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with (
        pytest.raises(SetupError, match=r"did not start[\s\S]*clinic.yml:2: 'phone'"),
        assistant(Home(root=root, state=tmp_path / "var")),
    ):
        pytest.fail("it started")
    assert list(temporary.iterdir()) == []
