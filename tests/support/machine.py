"""Ports and processes of this machine."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# A range for each of the processes that share the tests, below the ports that a machine gives to outgoing connections.
_EACH = 4_000
_FIRST = 12_000 + _EACH * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_turn = itertools.cycle(range(_FIRST, _FIRST + _EACH))


def free_ports(count: int) -> list[int]:
    """`count` different ports on loopback that nobody listens on now, and that were not given lately."""
    return [free_ports_in_a_row(1) for _ in range(count)]


def free_ports_in_a_row(count: int) -> int:
    """The first of `count` ports side by side on loopback that nobody listens on now."""
    for _ in range(_EACH):
        first = next(_turn)
        if first + count > _FIRST + _EACH or not all(map(_free, range(first, first + count))):
            continue
        for _ in range(count - 1):
            next(_turn)
        return first
    raise AssertionError(f"no {count} free ports side by side")


def _free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def alive(pid: int) -> bool:
    """Whether the process runs. One that has ended, but that its parent has not fetched, does not."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return stat.rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not listed.stdout.strip().startswith("Z")


def any_alive(pids: Iterable[int]) -> list[int]:
    """Those of `pids` that run."""
    return [pid for pid in pids if alive(pid)]
