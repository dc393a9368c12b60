"""The built widget in the repository is what its source gives, and small."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "prp_guide" / "web" / "static" / "widget.js"
LIMIT = 12 * 1024  # bytes, gzipped


def test_it_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= LIMIT


@pytest.mark.skipif(shutil.which("npm") is None, reason="Node.js is not here; whoever changes the widget has it")
def test_the_committed_build_is_that_of_the_source(tmp_path: Path) -> None:
    source = tmp_path / "widget"
    shutil.copytree(ROOT / "widget", source, ignore=shutil.ignore_patterns("node_modules"))
    static = tmp_path / "prp_guide" / "web" / "static"
    static.mkdir(parents=True)
    for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "check"], ["npm", "run", "build"]):
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    made = {file.name: file.read_bytes() for file in static.iterdir()}
    kept = {file.name: file.read_bytes() for file in BUILT.parent.glob("widget.*")}
    assert made == kept, "build it again: make widget"
