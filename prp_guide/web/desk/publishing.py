"""Publishing phrases from the list of answers: begun here, done by a process of its own, looked at while it runs."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from prp_guide.environment import environment
from prp_guide.frontdesk.sign_in import DeskSession
from prp_guide.home import Home
from prp_guide.model_register import Register, Used
from prp_guide.publishing import Pending, State, earlier, pending, read_state, rollback
from prp_guide.publishing.state import STEPS
from prp_guide.tied import tied
from prp_guide.web.desk import cookies
from prp_guide.web.desk.acts import Fields
from prp_guide.web.desk.owner import owned
from prp_guide.web.desk.pages import NOT_KEPT, redirect
from prp_guide.web.desk.services import services

LONGEST = 1800.0  # seconds: a training on a slow machine

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class View:
    """What the list says of models: what waits, how far a publishing is, what can be brought back."""

    pending: Pending
    state: State
    steps: tuple[str, ...]
    back: bool
    last: Used | None


def view(request: Request) -> View:
    """How models stand now."""
    home = services(request).home
    used = Register.read(home).used
    return View(pending(home), read_state(home), STEPS, earlier(home) is not None, used[-1] if used else None)


def progress(request: Request) -> Response:
    """GET /desk/publishing: how far it is, for the script."""
    session = cookies.current(request, touch=False)
    if session is None or not session.owner:
        return JSONResponse({"error": "You are signed out."}, 401 if session is None else 403, NOT_KEPT)
    state = read_state(services(request).home)
    words = STEPS[state.step] + (f": {state.line}" if state.line else " ...")
    return JSONResponse({"running": state.running, "step": state.step, "words": words}, headers=NOT_KEPT)


def begin(request: Request, session: DeskSession, _form: Fields) -> Response:
    """POST /desk/publishing: train on the phrases as they are now; live if the gates are passed."""
    home = services(request).home
    if not read_state(home).running:
        started = threading.Event()
        # Its own thread, which lives as long as the process that it starts: see prp_guide.tied.
        threading.Thread(target=_run, args=(home, session.user, started), name="publishing", daemon=True).start()
        started.wait(10)
    return redirect(request, "/desk/answers#publishing")


def back(request: Request, session: DeskSession, _form: Fields) -> Response:
    """POST /desk/publishing/back: the model before, at once."""
    rollback(services(request).home, by=session.user, tell=log.info)
    return redirect(request, "/desk/answers#publishing")


def _run(home: Home, by: str, started: threading.Event) -> None:
    home.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = tied([sys.executable, "-m", "prp_guide", "publish", "--background", "--by", by])
    with (home.logs / "publish.log").open("wb") as output:
        try:
            process = subprocess.Popen(  # noqa: S603 (our own module)
                command,
                cwd=home.root,
                env=environment(home),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as fault:
            log.error("Publishing could not be started: %s", fault.strerror)
            started.set()
            return
        try:
            for _ in range(100):  # until it has taken the lock, so that the page that follows shows it
                if process.poll() is not None or read_state(home).running:
                    break
                threading.Event().wait(0.1)
            started.set()
            process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            log.error("Publishing took longer than %d s and was ended.", LONGEST)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


routes = [
    Route("/desk/publishing", progress),
    Route("/desk/publishing", owned(begin), methods=["POST"]),
    Route("/desk/publishing/back", owned(back), methods=["POST"]),
]
