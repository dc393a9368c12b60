"""Publishing and taking back a model."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from prp_guide import keys, model, model_register, replicas
from prp_guide.content.checks import check_content
from prp_guide.errors import DataError, GateFailed, PRPGuideError, PublishError, SetupError
from prp_guide.home import Home
from prp_guide.model_register import Register
from prp_guide.publishing.state import Outcome, Running, alone

MOST_KEPT = 5  # models that were in use, to go back to: 24 MB each
LOADING = 60.0  # seconds until Rasa has loaded a model
READY = 5.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Pending:
    """What would be published: the files of phrases that differ from those of the model in use, by topic."""

    changed: tuple[str, ...]
    current: bool


def pending(home: Home) -> Pending:
    """What differs between the phrases on disk and the model in use."""
    if model.current(home) is not None:
        return Pending((), True)
    with contextlib.suppress(SetupError):
        entry = Register.read(home).of(model.chosen(home).name)
        if entry is not None:
            now = model.phrase_hashes(home)
            places = {place for place in {*now, *entry.phrases} if now.get(place) != entry.phrases.get(place)}
            return Pending(tuple(sorted({Path(place).stem for place in places})), False)
    return Pending((), False)


def publish(home: Home, *, by: str, tell: Tell = print, background: bool = False) -> Outcome:
    """Train a model on the phrases of `home`, and use it if it passes the gates.

    `background` leaves processors to those who answer patients. Raises GateFailed, PublishError, SetupError,
    DataError; the model in use then stays in use.
    """
    with alone(home, by) as running:
        try:
            outcome = _publish(home, running, tell, background)
        except GateFailed as fault:
            running.end("out", fault.reasons)
            raise
        except PRPGuideError as fault:
            running.end("failed", (str(fault),))
            raise
        running.end(outcome)
        return outcome


def rollback(home: Home, *, by: str, tell: Tell = print) -> Path:
    """Bring back the model that was in use before. Raises PublishError when none is kept."""
    with alone(home, by) as running:
        try:
            used = model.chosen(home)
            path = earlier(home)
            if path is None:
                raise PublishError("There is no earlier model to bring back.")
            running.put(step=STEP_LOADING, model=path.name)
            loaded = _load(home, path)
            model_register.refuse(home, used.name, by=by, reasons=(f"{by} brought back the one before it.",))
            model.choose(home, path, by=by)
            _catch_up(home, path)
        except PRPGuideError as fault:
            running.end("failed", (str(fault),))
            raise
        running.end("back")
        tell(f"{path.name} is {'in use again' if loaded else 'chosen; Rasa loads it when it starts'}.")
        return path


def earlier(home: Home) -> Path | None:
    """The model that `rollback` would bring back, None when none is kept."""
    try:
        used = model.chosen(home)
    except SetupError:
        return None
    register, code = Register.read(home), model.code_hash(home)
    for entry in reversed(register.used):
        path = home.models / entry.model
        out = register.why_out(entry.model) is not None
        if entry.model != used.name and not out and entry.code == code and path.is_file():
            return path
    return None


STEP_TRAINING, STEP_GATES, STEP_LOADING = 1, 2, 3


def _publish(home: Home, running: Running, tell: Tell, background: bool) -> Outcome:
    if background:
        os.nice(10)
    if (found := model.current(home)) is not None:
        tell(f"{found.name} is current: nothing to publish.")
        return "live"
    problems = check_content(home)
    if problems:
        more = f"\n    and {len(problems) - 3} more; prp-guide check names them." if len(problems) > 3 else ""
        listed = "\n".join(str(problem) for problem in problems[:3])
        raise PublishError(f"The content has faults, so nothing was trained:\n{listed}{more}")
    old = _in_use(home)
    running.put(step=STEP_TRAINING)

    def on_line(line: str) -> None:
        running.put(line=line.strip())
        tell(line)

    threads = max(1, (os.cpu_count() or 1) - 1) if background else None
    path = model.make(home, on_line, threads=threads)
    running.put(step=STEP_GATES, line="", model=path.name)
    tell("Holding it against the gates (about a minute) ...")
    from prp_guide.evaluation.gates import failed_gates  # heavy

    try:
        reasons = tuple(failed_gates(home, path, old))
    except DataError as fault:
        raise PublishError(f"The new model could not be held against the gates: {fault}") from None
    if reasons:
        model_register.refuse(home, path.name, by=running.state.by, reasons=reasons)
        path.unlink(missing_ok=True)
        raise GateFailed(reasons)
    tell("It passed every gate.")
    running.put(step=STEP_LOADING)
    loaded = _load(home, path)
    model.choose(home, path, by=running.state.by)
    _catch_up(home, path)
    _forget(home)
    tell(f"{path.name} is {'in use' if loaded else 'chosen; Rasa loads it when it starts'}.")
    return "live" if loaded else "chosen"


def _in_use(home: Home) -> Path | None:
    """The model that the new one is held against: none where it was made by another version of the program."""
    return model.chosen(home) if model.may_stay(home) else None


def _load(home: Home, path: Path) -> bool:
    """Have every running Rasa use the model at `path`; False when none runs. Raises PublishError when one refuses.

    Then those that had loaded it get back the one before. Who does not run loads the chosen one at its start.
    """
    loaded: list[str] = []
    for url in replicas.running(home):
        try:
            if _load_into(home, url, path):
                loaded.append(url)
        except PublishError:
            with contextlib.suppress(PRPGuideError):
                before = model.chosen(home)
                for changed in (*loaded, url):
                    _load_into(home, changed, before)
            raise
    return bool(loaded)


def _load_into(home: Home, url: str, path: Path) -> bool:
    """Have the Rasa at `url` use the model at `path`; False when none runs there. Raises PublishError."""
    headers = {"Authorization": f"Bearer {keys.loopback_secret(home).decode()}"}
    try:
        with httpx.Client(headers=headers, timeout=httpx.Timeout(LOADING, connect=READY), trust_env=False) as http:
            answer = http.post(f"{url}/webhooks/prp/model", json={"path": str(path)})
            name = answer.json().get("model") if answer.status_code == httpx.codes.OK else None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return False
    except (httpx.HTTPError, ValueError) as fault:
        raise PublishError(f"Rasa did not say whether it has loaded the model: {type(fault).__name__}.") from None
    if answer.status_code == httpx.codes.TOO_EARLY:
        return False
    if name != path.name:
        raise PublishError(f"Rasa did not load the model (status {answer.status_code}); the one before stays in use.")
    return True


def _catch_up(home: Home, path: Path) -> None:
    """Have those load the chosen model at `path` that were starting when the others did."""
    headers = {"Authorization": f"Bearer {keys.loopback_secret(home).decode()}"}
    for url in replicas.running(home):
        with contextlib.suppress(httpx.HTTPError, ValueError, PublishError):
            answer = httpx.get(f"{url}/webhooks/prp/ready", headers=headers, timeout=READY, trust_env=False)
            if answer.status_code == httpx.codes.OK and answer.json().get("model") != path.name:
                _load_into(home, url, path)


def _forget(home: Home) -> None:
    """Remove the files of models that were in use long ago."""
    entries = Register.read(home).used
    kept = list(dict.fromkeys(entry.model for entry in reversed(entries)))[:MOST_KEPT]
    for name in {entry.model for entry in entries} - set(kept):
        (home.models / name).unlink(missing_ok=True)
