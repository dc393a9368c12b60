"""A clinic's home, made by `prp-guide init` in this process; and one made and run from a wheel, as users have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from prp_guide import model
from prp_guide.cli import main
from prp_guide.home import PROJECT_ROOT, Home
from tests.support.assistant import ROOT, Assistant

CLINIC = ("--name", "Bay Dermatology", "--phone", "310 555 0100", "--time-zone", "America/New_York")


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


@pytest.fixture(scope="session")
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


def take_trained_model(home: Path) -> None:
    """The model of the same data, so that none is trained here: the fixture `assistant` trains it."""
    (home / "models").mkdir(exist_ok=True)
    trained = ROOT / "models" / f"prp-{model.inputs_hash(Home(PROJECT_ROOT, PROJECT_ROOT))[:8]}.tar.gz"
    if trained.exists():
        shutil.copy(trained, home / "models")


@pytest.fixture
def running(installed: dict[str, str], tmp_path: Path) -> Iterator[Assistant]:
    home = tmp_path / "clinic"
    home.mkdir()
    made = prp_guide(home, installed, "init", *CLINIC)
    assert made.returncode == 0, made.stderr
    take_trained_model(home)
    running = Assistant(home, **{"PYTHONPATH": installed["PYTHONPATH"]})
    running.cwd = home
    running.start()
    yield running
    running.stop()
