"""The real assistant, started as its users start it, on ports and in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.machine import free_ports, free_ports_in_a_row
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = ("web", "rasa", "actions")
_START_TIMEOUT = 600.0  # with a training, on a slow machine


class Assistant:
    """`prp-guide start` as a child process. Its model is trained once, into models/.

    `base_url`: where the chat page is. `home`: its PRP_HOME. `env`: the environment that it runs in.
    """

    def __init__(self, home: Path, *, replicas: int = 1, **environment: str) -> None:
        """Nothing is started yet: `replicas` of Rasa and of the action server. `environment` adds to that of the
        tests, where rate limits are off."""
        (port,) = free_ports(1)
        first = free_ports_in_a_row(2 * replicas)
        rasa_port, actions_port = first, first + replicas
        more = (f"{kind}-{number}" for kind in PROCESSES[1:] for number in range(2, replicas + 1))
        self.processes = (*PROCESSES, *more)
        self.home = home
        self.cwd = ROOT  # another folder for one that runs without the checkout
        self.base_url = f"http://127.0.0.1:{port}"
        self.rasa_url = f"http://127.0.0.1:{rasa_port}"
        self.actions_url = f"http://127.0.0.1:{actions_port}"
        self.env = {
            **os.environ,
            "PRP_HOME": str(home),
            "PORT": str(port),
            "RASA_PORT": str(rasa_port),
            "ACTIONS_PORT": str(actions_port),
            "PRP_RASA": str(replicas),
            "PRP_ACTIONS": str(replicas),
            "PRP_LIMITS": "off",
            **environment,
        }
        self._output = home / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it has answered a question. AssertionError, with its last words, if not."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "prp_guide", "start"],
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(self._answers_or_ended, "the assistant's first answer", seconds=_START_TIMEOUT, every=0.2)
            assert self._process.poll() is None, "it ended"
        except AssertionError as fault:
            self.stop()
            raise AssertionError(f"{fault}; its last words:\n{self.output[-4000:]}") from None

    @property
    def output(self) -> str:
        """All that it has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def supervisor_pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def pids(self) -> dict[str, int]:
        """The pids of the processes that run now, by name."""
        files = {name: self.home / "run" / f"{name}.pid" for name in self.processes}
        found = {name: path.read_text().strip() for name, path in files.items() if path.exists()}
        return {name: int(text) for name, text in found.items() if text}

    def sign_in_link(self) -> str:
        """A new one-time link into the inbox."""
        return self.command("desk", "sign-in-link").strip()

    def command(self, *arguments: str) -> str:
        """What `prp-guide` with `arguments` prints, on this assistant's state."""
        done = subprocess.run(
            [sys.executable, "-m", "prp_guide", *arguments],
            cwd=self.cwd,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does (or by `number`); returns its exit code. Harmless when it has ended."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                for pid in [self._process.pid, *self.pids().values()]:
                    os.kill(pid, signal.SIGKILL)
                self._process.wait(10)
                raise AssertionError(f"it did not stop:\n{self.output[-2000:]}") from None
        return self._process.returncode

    def _answers_or_ended(self) -> bool:
        assert self._process is not None
        return "Chat page" in self.output or self._process.poll() is not None
