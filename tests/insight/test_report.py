"""`prp-guide report`, 10,000 conversations included."""

from __future__ import annotations

import stat
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from prp_guide.cli import main
from prp_guide.clinic import Clinic
from prp_guide.home import Home
from tests.support.conversations import many


def test_a_report_of_nothing(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.html"
    assert main(["report", "--output", str(target)]) == 0
    assert "0 questions of 28 days, 0 gaps" in capsys.readouterr().out
    assert "Nobody has asked yet." in target.read_text("utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_where_it_cannot_be_written_it_says_so(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--output", str(tmp_path / "no" / "report.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_ten_thousand_conversations(
    home: Home, engine: sa.engine.Engine, clinic: Clinic, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = many(engine, home, clinic, 10_000)
    target, begun = tmp_path / "report.html", monotonic()
    assert main(["report", "--output", str(target)]) == 0
    assert monotonic() - begun < 100  # the aim is 10; a machine under load is no fault
    text = target.read_text("utf-8")
    assert turns > 20_000
    assert "asked much the same" in text
    assert text.count("<q>") >= 20
    assert len(text) < 500_000
