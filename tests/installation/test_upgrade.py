"""From the commit before the last change of the database's layout to this one, with a clinic's data in place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from prp_guide import own_content
from prp_guide.home import Home
from tests.support.assistant import ROOT

LAST_LAYOUT = "prp_guide/migrations/versions/0004_access_log.py"
# Said in the words of that commit, which the tests of this one cannot import.
ASK = """
from prp_guide.clinic import load_clinic
from prp_guide.database import migrate, open_database
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours
from prp_guide.home import Home
home = Home.from_env()
migrate(home.database_url)
store = CallbackStore(open_database(home, durable=True), OpeningHours(load_clinic(home.clinic_file)))
for number in range(20):
    asked = CallbackRequest.checked(name=f"Zoë {number}", phone=f"310 555 {number:04}", best_time="noon", topic="cost")
    print(store.create(asked, f"key-{number}").reference)
"""


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, timeout=60, check=False)
    if done.returncode:
        pytest.skip(f"no history to upgrade from: {done.stderr.decode().strip()[:200]}")
    return done.stdout


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The program as it was before the last layout."""
    added = git("log", "-1", "--format=%H", "--diff-filter=A", "--", LAST_LAYOUT).decode().strip()
    if not added:
        pytest.skip("a shallow clone has no history to upgrade from")
    archive = tmp_path / "earlier.tar"
    archive.write_bytes(git("archive", f"{added}^", "prp_guide", "actions", "data", "clinic.yml", "config.yml"))
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "earlier")
    return tmp_path / "earlier"


def run(program: Path, home: Path, *arguments: str) -> str:
    given = {key: value for key, value in os.environ.items() if not key.startswith("PRP_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=program,
        env={**given, "PYTHONPATH": str(program), "PRP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_an_upgrade_keeps_requests_and_what_was_edited(earlier: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    asked = run(earlier, home, "-c", ASK).split()
    assert len(asked) == 20
    # The clinic had set itself up: its settings, its copy of the content, an answer of its own.
    (home / "clinic.yml").write_text((earlier / "clinic.yml").read_text().replace("The Dermatology Clinic", "Bay"))
    subprocess.run(["cp", "-r", str(earlier / "data"), str(home / "data")], check=True)
    note = own_content.note_of(Home(root=earlier, state=tmp_path / "none"), shipped=earlier)
    (home / own_content.NOTE).write_text(note)  # as `prp-guide init` leaves it
    own = home / "data" / "topics" / "cost.yml"
    own.write_text(own.read_text().replace("front desk", "reception"))
    edited = own.read_text()

    said = run(ROOT, home, "-m", "prp_guide", "prepare")
    assert said.startswith(("Bay", "Content", "data/"))
    exported = json.loads(run(ROOT, home, "-m", "prp_guide", "desk", "export"))
    assert sorted(request["reference"] for request in exported) == sorted(asked)
    assert {request["name"] for request in exported} == {f"Zoë {number}" for number in range(20)}
    assert own.read_text() == edited
    assert list(home.glob("prp-guide.db.before-*")), "the layout changes after a copy"
    assert "ok     Database" in run(ROOT, home, "-m", "prp_guide", "doctor")
