"""Checking drafts in a process of its own: python -m prp_guide.editor.apart ROOT STATE. JSON lines in and out.

The reading grade needs a dictionary of 80 MB. The web process answers patients: it asks a child, which stays for as
long as somebody writes and ends when nobody has for a while.
"""

from __future__ import annotations

import contextlib
import json
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from pathlib import Path
from typing import Any

from prp_guide.content import Library
from prp_guide.content.checks import Finding
from prp_guide.editor import checking
from prp_guide.editor.checking import Measured, Report
from prp_guide.editor.draft import Draft
from prp_guide.errors import DataError, EditError
from prp_guide.home import Home

IDLE = 180.0  # seconds without a question, after which the child is ended
SLOWEST = 20.0  # seconds for one answer
MOST_WAITING = 50

Tie = Callable[[Sequence[str]], Sequence[str]]
_Job = tuple[dict[str, Any], "Future[dict[str, Any]]"]


class Checker:
    """Asks the rules about drafts. `tie` makes of the child's command one that ends with this process."""

    def __init__(self, home: Home, tie: Tie = lambda command: command, *, idle: float = IDLE) -> None:
        self._home, self._tie, self._idle = home, tie, idle
        self._jobs: queue.Queue[_Job] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._works = False
        self.pid: int | None = None  # of the child, while there is one

    def report(self, name: str, draft: Draft) -> Report:
        """What the rules say of `draft` as the topic `name`. Raises EditError when they cannot be asked."""
        said = self._ask({"name": name, "draft": draft.as_dict()})
        if "error" in said:
            raise EditError(said["error"])
        findings = tuple((str(one[0]), str(one[1]), str(one[2]), str(one[3])) for one in said["findings"])
        measured = tuple(Measured(**{**one, "values": tuple(one["values"])}) for one in said["measured"])
        return Report(findings, measured)

    def findings(self, _library: Library, name: str, draft: Draft) -> list[Finding]:
        """As prp_guide.editor.checking.findings; the child reads the library itself."""
        found = self.report(name, draft).findings
        return [Finding(tuple(where.split(".")), problem, hint) for where, _, problem, hint in found]

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        answer: Future[dict[str, Any]] = Future()
        try:
            with self._lock:
                self._jobs.put_nowait((question, answer))
                if not self._works:
                    self._works = True
                    # Its own thread: on Linux a tied child ends with the thread that started it.
                    threading.Thread(target=self._work, name="checker", daemon=True).start()
            return answer.result(2 * SLOWEST)
        except (queue.Full, NotInTime, OSError, ValueError):
            raise EditError("The checks do not answer just now. Press again in a moment.") from None

    def _work(self) -> None:
        child: subprocess.Popen[bytes] | None = None
        try:
            while True:
                try:
                    question, answer = self._jobs.get(timeout=self._idle)
                except queue.Empty:
                    with self._lock:
                        if self._jobs.empty():
                            self._works = False
                            return
                    continue
                try:
                    if child is None or child.poll() is not None:
                        child = self._start()
                        self.pid = child.pid
                    answer.set_result(_ask(child, question))
                except Exception as fault:
                    if child is not None:
                        _end(child)
                        child = None
                    answer.set_exception(fault if isinstance(fault, OSError | ValueError) else OSError("no answer"))
        finally:
            self.pid = None
            if child is not None:
                _end(child)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "prp_guide.editor.apart", str(self._home.root), str(self._home.state)]
        return subprocess.Popen(  # noqa: S603 (our own module)
            self._tie(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def _ask(child: subprocess.Popen[bytes], question: dict[str, Any]) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps(question).encode() + b"\n")
    child.stdin.flush()
    # The answer is one line, written at once: what can be read begins with it.
    ready, _, _ = select.select([child.stdout], [], [], SLOWEST)
    line = child.stdout.readline() if ready else b""
    if not line:
        raise OSError("the child gave no answer")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def main() -> None:
    home = Home(*map(Path, sys.argv[1:3]))
    for line in sys.stdin:
        question = json.loads(line)
        try:
            library = Library.load(home)
            found = checking.report(library, question["name"], Draft.from_dict(question["draft"])).as_dict()
        except DataError as fault:
            found = {"error": f"The content on disk has a fault: {fault}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
