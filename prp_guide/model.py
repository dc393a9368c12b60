"""The trained model: whether the one at hand is current, and training one.

A model is current when everything that it was trained from is as it was then. Its name carries the hash of
that: models/prp-1a2b3c4d.tar.gz. `PRP_HOME/current-model` names the model that Rasa is to load.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import prp_guide
from prp_guide import model_register
from prp_guide.environment import environment
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.tied import tied

_FILES = ("config.yml", "domain.yml", "data/rules.yml", "data/stories.yml", "models/encoder/SHA256SUMS")
_FOLDERS = (("data/phrases", (".yml", ".yaml")),)
_PACKAGES = ("language", "rasa_parts")  # what of our own code is part of a model
_LAST_LINES = 15

_STEP = re.compile(r"(?:Starting|Started) to train component '(\w+)'|Finished training component '(\w+)'")


def inputs_hash(home: Home) -> str:
    """A hash over all that a model is made from. A file may be missing: training will say so."""
    digest = hashlib.sha256()
    for name, content in _inputs(home):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def code_hash(home: Home) -> str:
    """A hash over what a model is made from beside the clinic's own data: who reads an old one must be as then."""
    digest = hashlib.sha256()
    for name, content in _inputs(home):
        if not name.startswith("data/"):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def phrase_hashes(home: Home) -> dict[str, str]:
    """A hash of each file of phrases, by its place under data/phrases."""
    folder = home.data / "phrases"
    found = _contents(folder, "phrases", (".yml", ".yaml"))
    return {name.removeprefix("phrases/"): hashlib.sha256(content).hexdigest()[:12] for name, content in found}


def wanted_name(home: Home) -> str:
    """The name of the model that the files of `home` make now."""
    return f"{_name(inputs_hash(home))}.tar.gz"


def current(home: Home) -> Path | None:
    """The model that Rasa is to load, if it is current, else None."""
    try:
        path = chosen(home)
    except SetupError:
        return None
    return path if path == _path(home, inputs_hash(home)) else None


def may_stay(home: Home) -> bool:
    """Whether the chosen model was made by this version of the program, so that it can stay though data has changed."""
    with suppress(SetupError):
        entry = model_register.Register.read(home).of(chosen(home).name)
        return entry is not None and entry.code == code_hash(home)
    return False


def why_out(home: Home) -> str | None:
    """Why the model that the files of `home` make now must stay out, None when nothing is known against it."""
    out = model_register.Register.read(home).why_out(wanted_name(home))
    return None if out is None else " ".join(out.reasons)


def chosen(home: Home) -> Path:
    """The model that PRP_HOME/current-model names, current or not. Raises SetupError when there is none."""
    try:
        name = home.current_model_file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise SetupError("No model has been trained yet. Run: prp-guide train") from None
    path = home.models / name
    if not name or Path(name).name != name or not path.is_file():
        raise SetupError(f"The model {name!r} that {home.current_model_file} names is not there. Run: prp-guide train")
    return path


def train(home: Home, on_line: Callable[[str], None] = print, *, force: bool = False) -> Path:
    """Train a model, unless one from the same inputs is in models/ already, and choose it. Returns its path.

    `on_line` gets the progress, a line at a time. With `force` it is trained in any case. Raises SetupError
    with the last words of a training that failed; the model chosen before stays.
    """
    path = make(home, on_line, force=force)
    choose(home, path, by="training")
    return path


def make(
    home: Home, on_line: Callable[[str], None] = print, *, force: bool = False, threads: int | None = None
) -> Path:
    """As `train`, but the model chosen before stays the chosen one. It takes so many `threads`, all by default."""
    wanted = inputs_hash(home)
    path = _path(home, wanted)
    if path.is_file() and not force:
        on_line(f"{path.name} was trained from the same data before: taking it.")
        return path
    # Under another name until it is whole: whoever finds the final name finds a finished model. No dot is in
    # it, for Rasa would take what follows for a suffix.
    draft = home.models / f"{_name(wanted)}-unfinished-{secrets.token_hex(4)}.tar.gz"
    log = home.logs / "train.log"
    began = time.monotonic()
    on_line("Training the model from data/ (about a minute) ...")
    try:
        code = _run_training(home, draft, log, _progress(on_line, began), threads or os.cpu_count() or 1)
        if code != 0 or not draft.is_file():
            raise SetupError(
                f"The training failed (exit code {code}); the model in use stays. Its last words:\n\n"
                f"{_tail(log)}\n\n    All of them are in {log}."
            )
        if inputs_hash(home) != wanted:
            raise SetupError("The files in data/ changed while the model was trained from them. Run: prp-guide train")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    on_line(f"Trained {path.name} in {time.monotonic() - began:.0f} s.")
    return path


def choose(home: Home, path: Path, *, by: str) -> None:
    """Have Rasa load the model at `path` at its next start; written down as in use from now on."""
    home.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = home.current_model_file.with_name(f".current-model.{secrets.token_hex(4)}")
    draft.write_text(f"{path.name}\n", encoding="utf-8")
    draft.replace(home.current_model_file)
    fresh = path.name == wanted_name(home)
    known = model_register.Register.read(home).of(path.name)
    model_register.use(
        home,
        path.name,
        by=by,
        code=code_hash(home) if fresh or known is None else known.code,
        phrases=phrase_hashes(home) if fresh or known is None else known.phrases,
    )


def _inputs(home: Home) -> Iterator[tuple[str, bytes]]:
    for name in _FILES:
        with suppress(FileNotFoundError):
            yield name, home.program_file(name).read_bytes()
    for folder, endings in _FOLDERS:
        yield from _contents(home.root / folder, folder, endings)
    for package in _PACKAGES:
        yield from _contents(Path(prp_guide.__file__).parent / package, package, (".py",))
    yield "rasa", version("rasa").encode()
    yield "prp_guide", prp_guide.__version__.encode()


def _contents(folder: Path, label: str, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in endings and path.is_file():
            yield f"{label}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _name(digest: str) -> str:
    return f"prp-{digest[:8]}"


def _path(home: Home, digest: str) -> Path:
    return home.models / f"{_name(digest)}.tar.gz"


def _run_training(home: Home, draft: Path, log: Path, on_output: Callable[[str], None], threads: int) -> int:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.models.mkdir(exist_ok=True)
    # fmt: off
    command = [
        sys.executable, "-m", "prp_guide.lean_rasa", "train", "-v", "--skip-validation",
        "--fixed-model-name", draft.name.removesuffix(".tar.gz"), "--out", str(home.models),
        "--config", str(home.program_file("config.yml")), "--domain", str(home.program_file("domain.yml")),
        "--data", str(home.data),
    ]
    # fmt: on
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(  # noqa: S603
            tied(command),
            cwd=home.root,
            env=environment(home, threads=threads),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                file.write(line)
                on_output(line)
            return process.wait()
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _progress(on_line: Callable[[str], None], began: float) -> Callable[[str], None]:
    def on_output(line: str) -> None:
        if match := _STEP.search(line):
            done = "done" if match[2] else "..."
            on_line(f"  {time.monotonic() - began:4.0f} s  {match[1] or match[2]} {done}")

    return on_output


def _tail(log: Path) -> str:
    lines = [line.rstrip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return "\n".join(f"    {line}" for line in [line for line in lines if line][-_LAST_LINES:])
