"""A clinic's home, made by `prp-guide init` in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.cli import main
from prp_guide.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Home:
    """An own home, with a database and keys."""
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "clinic"))
    for name in ("PRP_ROOT", "PRP_DATABASE_URL", "PORT", "HOST"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "--name", "Bay", "--phone", "310 555 0100", "--time-zone", "America/New_York"]) == 0
    assert main(["desk", "sign-in-link"]) == 0
    capsys.readouterr()
    return Home.from_env()
