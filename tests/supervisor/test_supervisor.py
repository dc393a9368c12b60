"""The supervisor with small real programs: restarts, names in the log, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prp_guide.errors import SetupError
from prp_guide.supervisor import Patience, Program, Supervisor, memory, only_one
from tests.support.assistant import ROOT
from tests.support.machine import alive, any_alive
from tests.support.waiting import wait_for

SLEEP = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
FORK = (
    "import subprocess, sys\n"
    "made = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print('child', made.pid, flush=True)\n"
)


class Small:
    """A small supervisor under test."""

    def __init__(self, state: Path, programs: dict[str, str], *patience: float) -> None:
        self.state = state
        self._file = state / "output.txt"
        with self._file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.supervisor.small", str(state), json.dumps(programs)]
                + [str(number) for number in patience],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._file.read_text()

    def pid(self, name: str) -> int:
        path = self.state / "run" / f"{name}.pid"
        return wait_for(lambda: int((path.exists() and path.read_text().strip()) or 0), f"the pid of {name}")

    def said(self, pattern: str) -> re.Match[str]:
        try:
            return wait_for(lambda: re.search(pattern, self.output, re.M), repr(pattern))
        except AssertionError as fault:
            raise AssertionError(f"{fault}; it said:\n{self.output}") from None

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture(autouse=True)
def hang_ups_are_heard() -> Iterator[None]:
    """A test run under nohup ignores SIGHUP and hands that on; the supervisor rightly keeps to it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., Small]]:
    made: list[Small] = []

    def start(programs: dict[str, str], *patience: float) -> Small:
        made.append(Small(tmp_path, programs, *patience))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(10)


def test_lines_carry_the_name_and_are_kept(small: Callable[..., Small]) -> None:
    talk = (
        f"import sys; print('out', flush=True); print('caf\\u00e9 \\x1b[31mred', file=sys.stderr, flush=True); {SLEEP}"
    )
    one = small({"web": talk, "actions": f"print('x' * 50_000, flush=True); {SLEEP}"})
    one.said(r"^web     \| out$")
    one.said(r"^web     \| café red$")
    one.said(r"^actions \| x{1000,}$")
    one.said(r"^companion ran$")
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} out$", (one.state / "logs" / "web.log").read_text(), re.M)
    assert one.end(signal.SIGINT) == 0


def test_the_output_is_passed_on_even_when_it_is_no_text(small: Callable[..., Small]) -> None:
    one = small({"web": rf"import os; os.write(1, b'\xff\xfe\n\n100%% %s\nno end'); {SLEEP}"})
    one.said(r"^web \| 100%% %s$")
    one.end(signal.SIGTERM)


def test_a_program_that_ends_is_started_again_with_back_off(small: Callable[..., Small]) -> None:
    one = small({"rasa": "print('hello', flush=True); raise SystemExit(3)", "web": SLEEP}, 0.1)
    web = one.pid("web")
    one.said(r"rasa \| ended with exit code 3; starting again in 0.4 s")
    delays = re.findall(r"starting again in ([\d.]+) s", one.output)
    assert delays[:3] == ["0.1", "0.2", "0.4"]
    assert one.output.count("rasa | hello") >= 3
    assert one.pid("web") == web, "the others go on"


def test_the_delay_grows_to_its_limit_and_health_resets_it(tmp_path: Path) -> None:
    delays: list[float] = []
    lives = iter([0.0, 0.0, 0.0, 0.0, 2.3])
    patience = Patience(first_delay=0.02, longest_delay=0.05, healthy_after=2, grace=1)

    def command() -> list[str]:
        return [sys.executable, "-c", f"import time; time.sleep({next(lives, 0.0)})"]

    def on_line(line: str) -> None:
        if match := re.search(r"again in ([\d.]+) s", line):
            delays.append(float(match[1]))

    def stop_after_five() -> None:
        wait_for(lambda: len(delays) >= 5, "five restarts", seconds=30)
        raise SetupError("enough")

    supervisor = Supervisor(
        [Program("one", command)], root=tmp_path, state=tmp_path, patience=patience, on_line=on_line
    )
    with pytest.raises(SetupError, match="enough"):
        supervisor.run(stop_after_five)
    # A process takes a while to start on a busy machine: so "healthy" must be well above that.
    assert delays[:5] == [0.02, 0.04, 0.05, 0.05, 0.02]
    assert supervisor.deaths["one"] >= 5


def test_a_killed_program_is_named_with_its_signal(small: Callable[..., Small]) -> None:
    one = small({"rasa": SLEEP})
    first = one.pid("rasa")
    os.kill(first, signal.SIGKILL)
    one.said(r"rasa \| was ended by SIGKILL; starting again")
    wait_for(lambda: one.pid("rasa") != first, "another pid")


def test_a_program_that_cannot_be_started_is_tried_again(small: Callable[..., Small], tmp_path: Path) -> None:
    def no_model() -> list[str]:
        raise SetupError("No model has been trained yet.")

    lines: list[str] = []

    def stop() -> None:
        wait_for(lambda: len(lines) >= 2, "two tries")
        raise SetupError("enough")

    programs = [Program("rasa", no_model), Program("web", lambda: [str(tmp_path / "is-not-there")])]
    supervisor = Supervisor(
        programs, root=tmp_path, state=tmp_path, patience=Patience(first_delay=0.05), on_line=lines.append
    )
    with pytest.raises(SetupError, match="enough"):
        supervisor.run(stop)
    assert any("rasa | cannot be started: No model has been trained yet.; starting again" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_leaves_none(small: Callable[..., Small], number: signal.Signals) -> None:
    one = small({"web": SLEEP, "rasa": FORK + SLEEP})
    grandchild = int(one.said(r"rasa \| child (\d+)")[1])
    pids = [one.pid("web"), one.pid("rasa"), grandchild]
    assert any_alive(pids) == pids
    assert one.end(number) == 0
    assert any_alive(pids) == []
    assert one.output.endswith("all ended\n")
    assert list((one.state / "run").glob("*.pid")) == [one.state / "run" / "supervisor.pid"]


def test_one_that_will_not_listen_is_killed_after_the_grace(small: Callable[..., Small]) -> None:
    one = small({"web": DEAF, "rasa": SLEEP}, 0.1, 0.5)
    one.said("deaf")
    pids = [one.pid("web"), one.pid("rasa")]
    assert one.end(signal.SIGTERM) == 0
    assert any_alive(pids) == []


def test_a_second_ctrl_c_waits_no_longer(small: Callable[..., Small]) -> None:
    one = small({"web": DEAF}, 0.1, 60)
    one.said("deaf")
    pid = one.pid("web")
    one.process.send_signal(signal.SIGINT)
    one.said("Stopping web")
    assert one.end(signal.SIGINT) == 0
    assert not alive(pid)


def test_a_stopped_program_ends_too(small: Callable[..., Small]) -> None:
    one = small({"web": SLEEP})
    pid = one.pid("web")
    os.kill(pid, signal.SIGSTOP)
    assert one.end(signal.SIGINT) == 0
    assert not alive(pid)


def test_stopping_while_a_restart_is_waited_for(small: Callable[..., Small]) -> None:
    one = small({"web": "raise SystemExit(1)"}, 20)
    one.said("starting again in 20 s")
    began = time.monotonic()
    assert one.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 10


def test_what_a_dead_program_left_is_cleared_away(small: Callable[..., Small]) -> None:
    one = small({"rasa": FORK}, 20)
    left = int(one.said(r"rasa \| child (\d+)")[1])
    one.said("starting again in 20 s")
    wait_for(lambda: not alive(left), "the end of what it left")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel ties a process to its parent")
def test_a_killed_supervisor_leaves_none(small: Callable[..., Small]) -> None:
    one = small({"web": SLEEP, "rasa": DEAF})
    one.said("deaf")
    pids = [one.pid("web"), one.pid("rasa")]
    one.process.kill()
    one.process.wait(10)
    wait_for(lambda: not any_alive(pids), "the end of the programs", seconds=5)


def test_a_reader_who_goes_away_stops_nothing(tmp_path: Path) -> None:
    programs = {"web": f"import time; print('a', flush=True); time.sleep(0.3); print('b', flush=True); {SLEEP}"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.supervisor.small", str(tmp_path), json.dumps(programs)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        log = tmp_path / "logs" / "web.log"
        wait_for(lambda: log.exists() and " b\n" in log.read_text(), "its second line in the log")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_only_one_on_a_folder(tmp_path: Path) -> None:
    with (
        only_one(tmp_path),
        pytest.raises(SetupError, match=rf"(?s)running already on .*\(process {os.getpid()}\).*PRP_HOME="),
        only_one(tmp_path),
    ):
        pytest.fail("two held it")
    with only_one(tmp_path):
        pass


def test_memory_counts_the_living() -> None:
    own = memory([os.getpid()])
    assert 1_000_000 < own < 10_000_000_000
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert memory([ended.pid]) == 0
