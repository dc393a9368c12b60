"""What each topic was, version by version, under the installation's state.

Not git: a clinic may have none, and commits of the assistant's in the agency's checkout would surprise it. A version is
a small JSON file with the whole text of each file of the topic, so that any one can be brought back alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from prp_guide import clock
from prp_guide.errors import DataError, EditError
from prp_guide.home import Home
from prp_guide.yaml_file import Strict, read

MOST_KEPT = 200  # of one topic: the oldest go
OUTSIDE = "a text editor"
_PATIENCE = 10.0  # seconds for which somebody else's saving is waited for

Files = dict[str, str | None]  # by path below the root; None where there is no such file


class Version(Strict):
    """One state of a topic. `restores` is the number of the version that was brought back, if one was."""

    number: int
    at: datetime
    by: str
    act: str
    files: Files
    restores: int | None = None

    class Config:
        anystr_strip_whitespace = False  # a file's text to the last byte

    @property
    def meant(self) -> int:
        """The number of the version that this one is, in words."""
        return self.restores or self.number


class Versions:
    """The history of every topic of one installation."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.state / "versions"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off every other editor of this installation. Raises EditError when one does not let go."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        deadline = time.monotonic() + _PATIENCE
        with (self._folder / "lock").open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise EditError("Somebody else is saving just now. Press again in a moment.") from None
                    time.sleep(0.05)
            yield

    def every(self, name: str) -> list[Version]:
        """The versions of `name`, newest first. Raises DataError for a file that is no version."""
        return [read(path, Version) for path in reversed(self._paths(name))]

    def newest(self, name: str) -> Version | None:
        paths = self._paths(name)
        return read(paths[-1], Version) if paths else None

    def find(self, name: str, number: int) -> Version | None:
        """Version `number` of `name`; None when it is not (or no longer) kept."""
        path = self._path(name, number)
        return read(path, Version) if path.is_file() else None

    def with_state(self, name: str, state: str) -> Version | None:
        """The newest version of `name` whose files are in `state`; see `state_of`."""
        return next((version for version in self.every(name) if state_of(version.files) == state), None)

    def add(self, name: str, by: str, act: str, files: Files, *, restores: int | None = None) -> Version:
        """Write down that `by` did `act`, which left `files`."""
        newest = self.newest(name)
        number = newest.number + 1 if newest else 1
        version = Version(number=number, at=clock.now(), by=by, act=act, files=files, restores=restores)
        path = self._path(name, number)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        put_file(path, json.dumps(json.loads(version.json()), indent=1, ensure_ascii=False))
        for old in self._paths(name)[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        return version

    def note_outside(self, name: str, files: Files) -> None:
        """Keep what a text editor, or nobody yet, has left in `files`, before something is written over it."""
        newest = self.newest(name)
        if newest is None or newest.files != files:
            self.add(name, OUTSIDE, "edited" if newest else "as it was", files)

    def _paths(self, name: str) -> list[Path]:
        return sorted((self._folder / name).glob("[0-9]*.json"))

    def _path(self, name: str, number: int) -> Path:
        return self._folder / name / f"{number:06}.json"


def state_of(files: Mapping[str, str | None]) -> str:
    """A hash over the texts of `files`: what an editor has seen."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{'-' if text is None else '+'}{text or ''}\0".encode())
    return digest.hexdigest()[:16]


def read_file(path: Path) -> str | None:
    """The text of the file at `path`, None when there is none. Raises DataError when it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise DataError(path, None, "the file is not UTF-8", "Save it with the encoding UTF-8.") from None


def put_file(path: Path, text: str | None) -> None:
    """Have `text` in the file at `path`, None to have no file: whoever reads meanwhile gets the old one or the new.

    Raises EditError when it cannot be written.
    """
    try:
        if text is None:
            path.unlink(missing_ok=True)
            return
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_text(text, encoding="utf-8", newline="")
            if path.exists():
                part.chmod(path.stat().st_mode & 0o777)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as fault:
        raise EditError(f"{path} cannot be written: {fault.strerror}. Nothing was saved.") from None
