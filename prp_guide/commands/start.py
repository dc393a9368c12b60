"""`prp-guide start`: check, train if need be, start the three processes, and say where to go."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from prp_guide import model, supervisor
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.processes import Addresses, check_limits, programs
from prp_guide.ready import wait_for_answer
from prp_guide.supervisor import Supervisor, only_one, shown

_START_TIMEOUT = 300.0
_MOST_DEATHS = 3  # of one process, before the first answer


def start(home: Home) -> int:
    """Run the assistant until it is told to stop. Raises SetupError when it cannot start; then nothing runs.

    The checks run in a process of their own, which prints what is wrong: so this one, which stays, is small.
    """
    addresses = Addresses.from_env()
    limits = check_limits(addresses)
    with only_one(home.state):
        addresses.check_free()
        code = _prp_guide("prepare").returncode
        if code != 0:
            return code
        if model.current(home) is None:
            code = have_model(home)
            if code != 0:
                return code
            addresses.check_free()  # training takes a while
        shown(f"Starting {_what(addresses)} (20 to 60 seconds until the first answer) ...")
        _Start(home, addresses, limits).run()
    shown("Stopped.")
    return 0


def have_model(home: Home) -> int:
    """Have a model for the content as it is now; the exit code when there is none.

    Where one is in use that can stay, the new one must pass the gates, as with `prp-guide publish`.
    """
    if not model.may_stay(home):
        model.train(home, shown)
        return 0
    if model.why_out(home) is None:
        code = _prp_guide("publish", "--by", "a restart").returncode
        if model.why_out(home) is None:
            return code
    shown(f"{model.chosen(home).name} stays in use, though the phrases have changed: {model.why_out(home)}")
    return 0


def _what(addresses: Addresses) -> str:
    rasa = "rasa" if addresses.rasa == 1 else f"{addresses.rasa} rasa"
    actions = "actions" if addresses.actions == 1 else f"{addresses.actions} actions"
    return f"web, {rasa} and {actions}"


class _Start:
    """One run: the supervisor, and beside it the wait for the first answer."""

    def __init__(self, home: Home, addresses: Addresses, limits: bool) -> None:
        self._home, self._addresses, self._limits = home, addresses, limits
        self._supervisor = Supervisor(programs(home, addresses), root=home.root, state=home.state)

    def run(self) -> None:
        self._supervisor.run(self._welcome)

    def _welcome(self) -> None:
        began = time.monotonic()
        try:
            wait_for_answer(self._addresses.url, timeout=_START_TIMEOUT, check=self._check)
        except SetupError as fault:
            raise SetupError(f"{fault}\n    The logs are in {self._home.logs}.") from None
        if not self._supervisor.stopping:
            shown(self._ready_text(time.monotonic() - began))

    def _check(self) -> None:
        for name, deaths in self._supervisor.deaths.items():
            if deaths >= _MOST_DEATHS:
                raise SetupError(f"{name} ended {deaths} times before it was ready; its last words are above.")

    def _ready_text(self, seconds: float) -> str:
        url = self._addresses.url
        link = _prp_guide("desk", "sign-in-link", capture=True).stdout.strip()
        used = supervisor.memory([os.getpid(), *self._supervisor.pids().values()])
        lines = [
            "",
            f"PRP Guide answers, {seconds:.0f} s after its start, with {used / 1e6:.0f} MB of memory.",
            "",
            f"  Chat page   {url}/",
            f"  Inbox       {link or 'no sign-in link could be made; see above'}",
            "              This link signs you in once, within 15 minutes. For another: make sign-in-link",
        ]
        if not self._limits:
            lines += ["", "  Rate limits are off (PRP_LIMITS=off): only for measuring, on this machine."]
        if not self._addresses.local_only:
            lines += [
                "",
                f"  HOST={self._addresses.host}: others can reach it. Put a proxy with HTTPS before it.",
            ]
        lines += ["", "  Ctrl-C stops it.", ""]
        return "\n".join(lines)


def _prp_guide(*arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "prp_guide", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
