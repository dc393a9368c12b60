"""The scripts on machines of many kinds. Their tools are stand-ins: nothing is downloaded or installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.assistant import ROOT

UV = """\
echo "uv $*" >> "$LOG"
case "$*" in
--version) echo "uv ${UV_SAYS:-0.13.9} (a stand-in)" ;;
"python find"*) [ -n "${FOUND:-}" ] && echo "$FOUND" ;;
"python install"*) echo "no way out" >&2; exit 1 ;;
"sync "*--check*) [ -n "${CURRENT:-}" ] ;;
"sync "*) echo "Resolved 218 packages"; echo " + rasa==3.6.21"; exit "${SYNC:-0}" ;;
esac
"""
PYTHON = """\
case "$1 ${2:-}" in
"-c "*) exit "${RUNS:-0}" ;;
"-m venv") [ -z "${NO_VENV:-}" ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") echo "pip $*" >> "$LOG"; [ -z "${NO_PIP:-}" ] && cp "$UV_TO_INSTALL" "$(dirname "$0")/uv" ;;
esac
"""


@dataclass
class Machine:
    """A folder with scripts/setup.sh and stand-ins for what it calls."""

    folder: Path
    tools: dict[str, str] = field(default_factory=dict)

    def tool(self, name: str, code: str) -> Path:
        """Put a tool on PATH, or at the path `name`."""
        path = self.folder / "tools" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{code}\n")
        path.chmod(0o755)
        return path

    def setup(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "log").touch()
        return subprocess.run(
            ["sh", str(self.folder / "scripts" / "setup.sh"), *arguments],
            env={
                "HOME": str(self.folder / "home"),
                "PATH": f"{self.folder / 'tools'}:/usr/bin:/bin",
                "LOG": str(self.folder / "log"),
                "UV_TO_INSTALL": str(self.folder / "spare" / "uv"),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Linux, not root, with uv and a Python 3.10 that uv finds."""
    made = Machine(tmp_path)
    for name in ("scripts", "spare"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    made.tool("id", 'case "$1" in -u) echo "${UID_IS:-1000}" ;; *) echo nobody ;; esac')
    made.tool("uname", 'case "$1" in -s) echo "${SYSTEM:-Linux}" ;; *) echo "${CPU:-x86_64}" ;; esac')
    made.tool("python3", PYTHON)
    (tmp_path / "spare" / "uv").write_text(made.tool("uv", UV).read_text())
    (tmp_path / "spare" / "uv").chmod(0o755)
    return made


def test_the_command_runs_in_the_environment(machine: Machine) -> None:
    python = str(machine.tool("python3.10", PYTHON))
    done = machine.setup("sh", "-c", 'echo "$UV_PYTHON|$1|${PATH%%:*}"; exit 7', "sh", "two words", FOUND=python)
    assert done.returncode == 7
    assert done.stdout == f"{python}|two words|{machine.folder}/.venv/bin\n"
    assert "uv sync --locked --no-dev --inexact" in machine.calls
    assert "Installing the packages" in done.stderr
    assert "Resolved 218" in done.stderr
    assert "rasa==3.6.21" not in done.stderr


def test_tools_for_tests(machine: Machine) -> None:
    done = machine.setup("--dev", "true", FOUND=str(machine.tool("python3.10", PYTHON)))
    assert done.returncode == 0
    assert "uv sync --locked" in machine.calls


def test_nothing_is_said_or_done_when_all_is_current(machine: Machine) -> None:
    machine.tool("../.venv/bin/python", "")
    done = machine.setup("true", FOUND=str(machine.tool("python3.10", PYTHON)), CURRENT="yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert [call for call in machine.calls if "sync" in call] == ["uv sync --locked --no-dev --inexact --check --quiet"]


@pytest.mark.parametrize("place", ["pyenv root", "PYENV_ROOT", "HOME", "shims"])
def test_pyenv_has_python(machine: Machine, place: str) -> None:
    folder = machine.folder / ("home/.pyenv" if place == "HOME" else "elsewhere")
    environment = {}
    if place == "pyenv root":
        machine.tool("pyenv", f'[ "$1" = root ] && echo "{folder}"')
    elif place == "PYENV_ROOT":
        environment["PYENV_ROOT"] = str(folder)
    elif place == "shims":
        (machine.folder / "tools" / "python3").unlink()
        shim = machine.tool(str(folder / "shims" / "python3"), PYTHON)
        environment["PATH"] = f"{machine.folder / 'tools'}:{shim.parent}:/usr/bin:/bin"
    python = machine.tool(str(folder / "versions" / "3.10.13" / "bin" / "python"), PYTHON)
    done = machine.setup("sh", "-c", 'echo "$UV_PYTHON"', **environment)
    assert done.stdout == f"{python}\n", done.stderr
    assert not any("python install" in call for call in machine.calls)


def test_a_pyenv_python_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.tool("../home/.pyenv/versions/3.10.1/bin/python", "exit 1")
    done = machine.setup("true")
    assert done.returncode == 2
    assert any("python install 3.10" in call for call in machine.calls)


def test_no_python_and_no_way_to_one(machine: Machine) -> None:
    done = machine.setup("echo", "must not run")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Not ready: Python 3.10 could not be downloaded" in done.stderr
    assert "pyenv install 3.10" in done.stderr
    assert (machine.folder / ".tools" / "setup.log").read_text() == "no way out\n"


@pytest.mark.parametrize("present", ["no uv", "uv 0.4.30", "uv that does not run"])
def test_uv_is_installed_where_there_is_none(machine: Machine, present: str) -> None:
    uv = machine.folder / "tools" / "uv"
    if present == "no uv":
        if shutil.which("uv", path="/usr/bin:/bin"):
            pytest.skip("this machine has a uv among its system's commands")
        uv.unlink()
    elif present == "uv 0.4.30":
        uv.write_text("#!/bin/sh\necho uv 0.4.30\n")
    else:
        uv.write_text("#!/bin/sh\nexit 127\n")
    python = str(machine.tool("python3.10", PYTHON))
    done = machine.setup("true", FOUND=python)
    assert done.returncode == 0, done.stderr
    assert "Getting uv" in done.stderr
    assert any(call.startswith("pip -m pip install") and "uv==" in call for call in machine.calls)
    assert (machine.folder / ".tools" / "uv" / "bin" / "uv").exists()
    assert "Getting uv" not in machine.setup("true", FOUND=python).stderr, "once is enough"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"NO_VENV": "yes"}, "Run  sudo apt-get install python3-venv"),
        ({"NO_VENV": "yes", "UID_IS": "0"}, "apt-get could not install python3-venv"),
        ({"NO_PIP": "yes"}, "Is the Python package index reachable"),
    ],
)
def test_uv_cannot_be_installed(machine: Machine, given: dict[str, str], sentence: str) -> None:
    (machine.folder / "tools" / "uv").unlink()
    machine.tool("apt-get", 'echo "apt-get $*" >> "$LOG"; exit 100')
    done = machine.setup("echo", "must not run", **given)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert ("apt-get update" in machine.calls) is (given.get("UID_IS") == "0")


def test_packages_cannot_be_installed(machine: Machine) -> None:
    python = str(machine.tool("python3.10", PYTHON))
    done = machine.setup("echo", "must not run", FOUND=python, SYNC="1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the packages could not be installed; uv says why above" in done.stderr


def test_a_mac_with_an_intel_processor(machine: Machine) -> None:
    done = machine.setup("true", SYSTEM="Darwin", CPU="x86_64")
    assert done.returncode == 2
    assert "Intel processor are not supported" in done.stderr
    assert machine.calls == []


@pytest.mark.skipif(not Path("/proc").exists(), reason="a Mac has its browsers in a place of their own")
class TestBrowser:
    """scripts/browser.sh"""

    @pytest.fixture
    def machine(self, tmp_path: Path) -> Machine:
        made = Machine(tmp_path)
        (tmp_path / "log").touch()
        for name in ("sh", "tail", "rm", "mktemp", "cat", "chmod"):
            made.tool(name, f'exec {shutil.which(name)} "$@"')
        made.tool("uname", "echo Linux")
        made.tool("id", 'echo "${UID_IS:-1000}"')
        made.tool(
            "apt-get",
            f'echo "apt-get $*" >> "{tmp_path}/log"\n'
            'case "$*" in *"install -y"*chromium) [ -z "${BROKEN:-}" ] || { echo no chromium; exit 100; }\n'
            f'echo "#!/bin/sh" > "{tmp_path}/tools/chromium"; chmod +x "{tmp_path}/tools/chromium" ;; esac',
        )
        return made

    def run(self, machine: Machine, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("sh") or "sh", str(ROOT / "scripts" / "browser.sh")],
            env={"PATH": str(machine.folder / "tools"), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test_one_is_there(self, machine: Machine) -> None:
        chromium = machine.tool("google-chrome", "")
        assert self.run(machine).stdout == f"{chromium}\n"

    def test_one_is_named(self, machine: Machine) -> None:
        machine.tool("chromium", "")
        named = machine.tool("my-own", "")
        assert self.run(machine, PRP_CHROMIUM=str(named)).stdout == f"{named}\n"

    @pytest.mark.parametrize("given", [{}, {"UID_IS": "0"}, {"CI": "true"}])
    def test_a_user_is_told_what_to_run(self, machine: Machine, given: dict[str, str]) -> None:
        done = self.run(machine, **given)
        assert (done.returncode, done.stdout) == (1, "")
        assert "sudo apt-get install chromium" in done.stderr
        assert machine.calls == []

    def test_ci_installs_it(self, machine: Machine) -> None:
        done = self.run(machine, CI="true", UID_IS="0")
        assert done.stdout == f"{machine.folder}/tools/chromium\n", done.stderr
        assert machine.calls[0] == "apt-get update"

    def test_ci_says_why_it_could_not(self, machine: Machine) -> None:
        done = self.run(machine, CI="true", UID_IS="0", BROKEN="yes")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no chromium" in done.stderr


def test_postgresql_that_is_there_is_left_alone(machine: Machine) -> None:
    machine.tool("postgres", "")
    machine.tool("apt-get", f'echo "apt-get $*" >> "{machine.folder}/log"')
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "postgresql.sh")],
        env={"PATH": f"{machine.folder / 'tools'}:/usr/bin:/bin", "CI": "true", "UID_IS": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (machine.folder / "log").exists()


def test_make_lists_its_commands() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    listed = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"start", "test", "train", "check", "lint", "format", "types"} <= listed


def test_the_scripts_are_executable() -> None:
    for path in [*(ROOT / "scripts").glob("*.sh"), ROOT / ".ci" / "run"]:
        assert os.access(path, os.X_OK), path
