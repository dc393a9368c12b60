"""An assistant for a while: started as its users start it, on free ports, with state of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from prp_guide.environment import environment
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.ready import wait_for_answer
from prp_guide.tied import tied

_START_TIMEOUT = 900.0  # with a training, on a slow machine
_STOP_TIMEOUT = 30.0
_LAST_WORDS = 3000


@contextmanager
def assistant(home: Home) -> Iterator[str]:
    """The address of an assistant with the content and the model of `home`, and an empty database.

    It trains first where the model is old. Raises SetupError, with its last words, when it cannot start.
    """
    with tempfile.TemporaryDirectory(prefix="prp-guide-") as folder:
        state = Path(folder)
        ports = _free_ports(3)
        given = environment(
            Home(root=home.root, state=state),
            HOST="127.0.0.1",
            PRP_LIMITS="off",
            PORT=str(ports[0]),
            RASA_PORT=str(ports[1]),
            ACTIONS_PORT=str(ports[2]),
            PRP_RASA="1",  # the ports beside these are others'
            PRP_ACTIONS="1",
        )
        given.pop("PRP_DATABASE_URL", None)  # nothing of this belongs among the clinic's conversations
        log = state / "output.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                tied([sys.executable, "-m", "prp_guide", "start"]),
                cwd=home.root,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{ports[0]}"
            wait_for_answer(url, timeout=_START_TIMEOUT, check=lambda: _check(process, log))
            yield url
        finally:
            _stop(process)


def _check(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is not None:
        words = log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]
        raise SetupError(f"The assistant that was to be measured did not start. Its last words:\n\n{words}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for made in sockets:
            made.bind(("127.0.0.1", 0))
        return [int(made.getsockname()[1]) for made in sockets]
