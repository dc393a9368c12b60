"""A wheel, unpacked where there is no checkout: init, start, an answer that is edited. What a user has who ran pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from prp_guide import model
from prp_guide.home import PROJECT_ROOT, Home
from tests.support.assistant import ROOT, Assistant
from tests.support.waiting import wait_for

CLINIC = ("--name", "Bay Dermatology", "--phone", "310 555 0100", "--time-zone", "America/New_York")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked into an empty folder. uv has hatchling in its cache from installing us."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv", path=f"{os.environ['PATH']}:{ROOT / '.tools/uv/bin'}")
    if uv is None:
        pytest.skip("there is no uv here; `make test` gets one")
    done = subprocess.run(
        [uv, "build", "--wheel", "--offline", "--quiet", "--out-dir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "hatchling" in done.stderr and done.returncode:
        pytest.skip("uv's cache holds no hatchling, and tests download nothing")
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def installed(unpacked: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has the wheel, and none of the variables of this run."""
    ours = ("PRP_HOME", "PRP_ROOT", "PRP_DATABASE_URL", "PORT", "HOST")
    return {**{key: value for key, value in os.environ.items() if key not in ours}, "PYTHONPATH": str(unpacked)}


def prp_guide(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prp_guide", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_folder_without_a_clinic_says_what_to_do(installed: dict[str, str], tmp_path: Path) -> None:
    said = prp_guide(tmp_path, installed, "start")
    assert said.returncode == 2
    assert f"There is no clinic in {tmp_path}" in said.stderr
    assert "prp-guide init" in said.stderr


@pytest.fixture
def running(installed: dict[str, str], tmp_path: Path) -> Iterator[Assistant]:
    home = tmp_path / "clinic"
    home.mkdir()
    made = prp_guide(home, installed, "init", *CLINIC)
    assert made.returncode == 0, made.stderr
    # The model of the same data, so that none is trained here: the fixture `assistant` trains it.
    (home / "models").mkdir()
    trained = ROOT / "models" / f"prp-{model.inputs_hash(Home(PROJECT_ROOT, PROJECT_ROOT))[:8]}.tar.gz"
    if trained.exists():
        shutil.copy(trained, home / "models")
    running = Assistant(home, **{"PYTHONPATH": installed["PYTHONPATH"]})
    running.cwd = home
    running.start()
    yield running
    running.stop()


def test_init_and_start_without_a_checkout(running: Assistant) -> None:
    with httpx.Client(base_url=running.base_url, timeout=30) as client:
        made = client.post("/api/chat/sessions", json={}).json()
        assert made["clinic"]["name"] == "Bay Dermatology"
        assert made["clinic"]["open_now"] is None, "hours were not given, so none are made up"
        headers = {"Authorization": f"Bearer {made['session']}"}

        def answer() -> str:
            reply = client.post("/api/chat/messages", json={"text": "how much is it?"}, headers=headers).json()
            return str(reply["messages"][0]["text"])

        assert "(310) 555-0100" in answer()
        assert b"customElements" in client.get("/widget.js").content
        # The clinic's own copy of the content is what is read, at once.
        topic = running.home / "data" / "topics" / "cost.yml"
        before = topic.read_text(encoding="utf-8")
        topic.write_text(before.replace("front desk", "reception"), encoding="utf-8")
        wait_for(lambda: "reception" in answer(), "the edited answer", seconds=10, every=0.3)
