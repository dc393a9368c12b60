"""Run a command that does not outlive the process that started it:

    python -m prp_guide.tied PARENT_PID COMMAND [ARGUMENT...]

On Linux the kernel kills the command when its parent dies, however that dies. Elsewhere nothing is promised.
The command takes this process's place: its pid is the one that the parent knows, and nothing of this stays in
memory.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def tied(command: Sequence[str]) -> list[str]:
    """`command`, tied to the process that calls this."""
    return [sys.executable, "-m", "prp_guide.tied", str(os.getpid()), *command]


def main(arguments: Sequence[str]) -> None:
    """Tie this process to its parent and become the command. `arguments`: the parent's pid, the command."""
    parent, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it died before the kernel was told to watch it
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the whole purpose
    except OSError as fault:
        sys.exit(f"{command[0]} cannot be started: {fault.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
