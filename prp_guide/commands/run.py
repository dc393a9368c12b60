"""`prp-guide run`: one process alone, where containers or another supervisor keep it running."""

from __future__ import annotations

import os
import time

from prp_guide import model
from prp_guide.commands.start import have_model
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.processes import Addresses, check_limits, single, write_endpoints

MODEL_PATIENCE = 900.0  # seconds: `run setup` may be training one at this moment


def run(home: Home, process: str) -> int:
    """Become `process`; returns for `setup` only, when that is done. Raises SetupError, DataError."""
    if process == "setup":
        from prp_guide.commands import check

        return check.prepare(home) or (0 if model.current(home) is not None else have_model(home))
    addresses = Addresses.from_env()
    if process == "web":
        check_limits(addresses)
    if process == "rasa":
        write_endpoints(home, addresses)
        _wait_for_a_model(home)
    program = single(home, addresses, process)
    command = list(program.command())
    os.execve(command[0], command, dict(program.environment))  # noqa: S606 - the whole purpose
    raise AssertionError("unreachable")


def _wait_for_a_model(home: Home) -> None:
    deadline = time.monotonic() + MODEL_PATIENCE
    while True:
        try:
            model.chosen(home)
            return
        except SetupError:
            if time.monotonic() > deadline:
                raise
            time.sleep(2)
