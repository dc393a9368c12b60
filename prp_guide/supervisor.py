"""Start programs, keep them running, and leave none behind.

Usage:

    supervisor = Supervisor(programs, root=home.root, state=home.state)
    supervisor.run(companion)  # returns after Ctrl-C, SIGTERM or SIGHUP, when all programs have ended

A program that ends is started again, after 1, 2, 4 ... 30 seconds. Its lines are shown with its name before
them and kept in `<state>/logs/<name>.log`; its pid stands in `<state>/run/<name>.pid`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from prp_guide.errors import PRPGuideError, SetupError
from prp_guide.privacy import json_lines
from prp_guide.privacy.redaction import redact_numbers
from prp_guide.tied import tied

_LOG_SIZE, _LOG_FILES = 5_000_000, 3
_LONGEST_LINE = 16_384
# What moves the cursor, begins another line, or turns the direction of writing: a line of a log says what it says.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Program:
    """One program to keep running. `command` is asked at each start: what to run may have changed since."""

    name: str
    command: Callable[[], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(frozen=True)
class Patience:
    """How long things are waited for, in seconds."""

    first_delay: float = 1.0
    longest_delay: float = 30.0
    healthy_after: float = 60.0  # who ran this long starts again after the first delay
    grace: float = 10.0  # from SIGTERM to SIGKILL


class Supervisor:
    """Keeps `programs` running in the folder `root`; logs and pids go under `state`."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        root: Path,
        state: Path,
        patience: Patience | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        self.deaths = {program.name: 0 for program in programs}
        self._programs = programs
        self._root, self._state = root, state
        self._patience = patience or Patience()
        self._on_line = on_line or shown
        self._width = max(len(program.name) for program in programs)
        self._running: dict[str, Process] = {}
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event

    def run(self, companion: Callable[[], None] | None = None) -> None:
        """Start all programs and keep them running until a signal says stop; `companion` runs in a thread.

        Raises whatever `companion` raises, after all have ended.
        """
        (self._state / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(self._run(companion))
        if self._failure is not None:
            raise self._failure

    def pids(self) -> dict[str, int]:
        """The pids of the programs that run now."""
        return {name: process.pid for name, process in list(self._running.items())}

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    async def _run(self, companion: Callable[[], None] | None) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a closed terminal is to be survived.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self._loop.add_signal_handler(number, self._on_signal)
        keepers = [asyncio.create_task(self._keep(program)) for program in self._programs]
        for keeper in keepers:
            keeper.add_done_callback(self._on_keeper_done)
        if companion is not None:
            # A daemon, not the loop's own pool: nobody waits for it at the end.
            threading.Thread(target=self._accompany, args=(companion,), daemon=True).start()
        try:
            await self._stopping.wait()
        finally:
            await self._end(keepers)

    def _on_signal(self) -> None:
        if self._stopping.is_set():  # asked twice: wait no longer
            self._signal_all(signal.SIGKILL)
        self._stopping.set()

    def _on_keeper_done(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled() and (fault := keeper.exception()) is not None:
            self._fail(fault)

    def _accompany(self, companion: Callable[[], None]) -> None:
        try:
            companion()
        except BaseException as fault:
            with contextlib.suppress(RuntimeError):  # the loop is closed: all has ended already
                self._loop.call_soon_threadsafe(self._fail, fault)

    def _fail(self, fault: BaseException) -> None:
        if not self._stopping.is_set():
            self._failure = fault
        self._stopping.set()

    async def _end(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        self._stopping.set()
        if self._running:
            self._on_line(f"Stopping {' and '.join(self._running)} ...")
        self._signal_all(signal.SIGTERM)
        self._signal_all(signal.SIGCONT)  # a stopped process hears SIGTERM only when it goes on
        _, late = await asyncio.wait(keepers, timeout=self._patience.grace)
        if late:
            self._signal_all(signal.SIGKILL)
            await asyncio.wait(late)

    async def _keep(self, program: Program) -> None:
        """Start `program` again and again until all is to stop."""
        patience, delay = self._patience, self._patience.first_delay
        log = _log_file(self._state / "logs" / f"{program.name}.log")
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                try:
                    end = _ending(await self._run_once(program, log))
                except PRPGuideError as fault:  # there is no command for it now; there may be one later
                    end = f"cannot be started: {fault}"
                if self._stopping.is_set():
                    return
                if time.monotonic() - began >= patience.healthy_after:
                    delay = patience.first_delay
                self.deaths[program.name] += 1
                self._line(program.name, log, f"{end}; starting again in {delay:g} s")
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay)
                delay = min(delay * 2, patience.longest_delay)
        finally:
            for handler in log.handlers:
                handler.close()

    async def _run_once(self, program: Program, log: logging.Logger) -> int:
        """Start `program` and wait for its end: its exit code, or minus the signal that ended it."""
        process = await asyncio.create_subprocess_exec(
            *tied(program.command()),
            cwd=self._root,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group: Ctrl-C reaches us alone, and its own children end with it
        )
        self._running[program.name] = process
        pid_file = self._state / "run" / f"{program.name}.pid"
        reading = asyncio.create_task(self._read(program.name, process, log))
        try:
            with contextlib.suppress(OSError):  # a full disk is no reason to stop serving
                pid_file.write_text(f"{process.pid}\n")
            if self._stopping.is_set():  # the signal came while it was being started
                _signal_group(process.pid, signal.SIGTERM)
            code = await process.wait()
        finally:
            _signal_group(process.pid, signal.SIGKILL)  # what it started and left
            del self._running[program.name]
            pid_file.unlink(missing_ok=True)
        await asyncio.wait([reading], timeout=2)
        reading.cancel()
        return code

    async def _read(self, name: str, process: Process, log: logging.Logger) -> None:
        """Pass on what `process` prints, line by line; an endless line is cut."""
        assert process.stdout is not None
        rest = b""
        while chunk := await process.stdout.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._line(name, log, line.decode(errors="replace"))
        if rest:
            self._line(name, log, rest.decode(errors="replace"))

    def _line(self, name: str, log: logging.Logger, line: str) -> None:
        # The processes keep their lines clean themselves; what one prints that fails before that is cleaned here.
        line = redact_numbers(_CONTROL.sub("", line.rstrip()[:_LONGEST_LINE]))
        if line and json_lines.wanted():
            # Its own words, and what a process prints that is no log line, become objects too.
            line = line if line.startswith('{"time"') else json_lines.line(name, "info", line)
            log.info(line)
            self._on_line(line)
        elif line:
            log.info(line)
            self._on_line(f"{name:<{self._width}} | {line}")

    def _signal_all(self, number: signal.Signals) -> None:
        for process in list(self._running.values()):
            _signal_group(process.pid, number)


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the folder `state` for this process. Raises SetupError when another one holds it."""
    folder = state / "run"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "supervisor.pid").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise SetupError(
                f"PRP Guide is running already on {state} (process {lock.read().strip() or 'unknown'}).\n"
                "    Stop that one first, or give this one its own folder: PRP_HOME=/some/folder make start"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def shown(line: str) -> None:
    """Print `line` at once. Nobody reading any more is no reason to stop serving."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def memory(pids: Sequence[int]) -> int:
    """The memory that the processes `pids` take together, in bytes; those that have ended count nothing.

    On Linux what several of them share, a library's code, counts once; elsewhere it counts for each.
    """
    if sys.platform == "linux":
        total = 0
        for pid in pids:
            with contextlib.suppress(OSError):
                shares = re.search(r"^Pss: +(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
                total += int(shares[1]) * 1024 if shares else 0
        return total
    listed = ",".join(map(str, pids))
    answer = subprocess.run(["ps", "-o", "rss=", "-p", listed], capture_output=True, text=True)  # noqa: S603, S607
    return sum(int(number) for number in answer.stdout.split()) * 1024


def _signal_group(leader: int, number: signal.Signals) -> None:
    # PermissionError is macOS's way to say that only a zombie is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


class _Log(RotatingFileHandler):
    """A log that a full disk does not stop: what cannot be written is said once, and shown all the same."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not self._told:
            self._told = True
            shown(f"The log {self.baseFilename} cannot be written: is the disk full? Lines are missing in it.")


def _log_file(path: Path) -> logging.Logger:
    log = logging.Logger(path.stem)  # not one of the program's own loggers
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _Log(path, maxBytes=_LOG_SIZE, backupCount=_LOG_FILES, encoding="utf-8")
    except OSError as fault:
        shown(f"No log is kept in {path}: {fault.strerror}.")
        return log
    handler.setFormatter(logging.Formatter("%(message)s" if json_lines.wanted() else "%(asctime)s %(message)s"))
    log.addHandler(handler)
    return log
