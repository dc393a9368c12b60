"""`prp-guide report`, 10,000 conversations included."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

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
    home: Home, engine: sa.engine.Engine, clinic: Clinic, tmp_path: Path, page: Page
) -> None:
    turns = many(engine, home, clinic, 10_000)
    target, begun = tmp_path / "report.html", monotonic()
    assert main(["report", "--output", str(target)]) == 0
    assert monotonic() - begun < 100  # the aim is 10; a machine under load is no fault
    assert turns > 20_000
    assert target.stat().st_size < 500_000
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(target.as_uri())
        expect(page.locator(".tile").first).to_contain_text(re.compile(r"2\d{4} questions"))
        expect(page.locator(".gaps > li")).to_have_count(13)
        assert page.locator(".gaps q").count() >= 20
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf()[:4] == b"%PDF"
