"""The clinic's own copy of the content: kept up to date with what we ship, never at the cost of the clinic's changes.

`<state>/content.json` notes what each file was when it came from us. So a file that the clinic has not touched follows
our next version, one that it has edited or deleted stays as it is, and our version of one that both have changed is
laid into `<state>/content-new` to be looked at.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import prp_guide
from prp_guide.errors import DataError
from prp_guide.home import SHIPPED, Home

NOTE, OURS = "content.json", "content-new"
_PART, _OLD = ".data-part", ".data-old"
_ENDINGS = (".yml", ".yaml")


@dataclass(frozen=True)
class Renewal:
    """What bringing the content up to date did, as paths under data/. `refused` says why nothing was taken."""

    taken: tuple[str, ...] = ()
    both_changed: tuple[str, ...] = ()
    refused: str = ""


def waiting(home: Home) -> list[str]:
    """The files that both sides have changed, and that nobody has looked at yet."""
    folder = home.state / OURS
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def changed(home: Home, shipped: Path = SHIPPED) -> list[str]:
    """The files in which the content of `home` differs from what we ship."""
    own, ours = _hashes(home.data), _hashes(shipped / "data")
    return sorted(name for name in own.keys() | ours.keys() if own.get(name) != ours.get(name))


def note_of(home: Home, shipped: Path = SHIPPED) -> str:
    """The note that tells a copy of the content of `home` from what we ship now."""
    if home.owns_content and (note := home.state / NOTE).is_file():
        return note.read_text(encoding="utf-8")
    return _note(_hashes(shipped / "data"))


def renew(home: Home, check: Callable[[Home], object], shipped: Path = SHIPPED) -> Renewal:
    """Bring data/ of `home` up to date, all or nothing. Does nothing where the content is not the clinic's own copy.

    `check` is asked about the new content before it is used, and raises DataError when it cannot be: a fact that the
    clinic took away may be one that a new answer stands on.
    """
    if not home.owns_content or home.root == shipped:
        return Renewal()
    old = home.state / _OLD
    if old.exists() and not home.data.exists():  # ended between the two renames below
        old.rename(home.data)
    own, ours, came = _hashes(home.data), _hashes(shipped / "data"), _came(home)
    taken, both = [], []
    for name in sorted(ours.keys() | came.keys()):
        here, new, before = own.get(name), ours.get(name), came.get(name)
        if here == new or new == before:
            continue
        if here == before:
            taken.append(name)
        elif here is not None and new is not None:
            both.append(name)
    if taken:
        try:
            _take(home, shipped / "data", taken, check)
        except DataError as fault:
            return Renewal(refused=str(fault))
    for name in both:
        target = home.state / OURS / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shipped / "data" / name, target)
    if came != ours:
        home.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = home.state / f".{NOTE}"
        part.write_text(_note(ours), encoding="utf-8")
        part.replace(home.state / NOTE)
    return Renewal(tuple(taken), tuple(both))


def _take(home: Home, ours: Path, names: list[str], check: Callable[[Home], object]) -> None:
    part, old = home.state / _PART, home.state / _OLD
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    staged = Home(root=part, state=home.state)
    part.mkdir(parents=True)
    try:
        if home.data.exists():
            shutil.copytree(home.data, staged.data)
        shutil.copyfile(home.clinic_file, staged.clinic_file)
        for name in names:
            target = staged.data / name
            if (ours / name).exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ours / name, target)
            else:
                target.unlink(missing_ok=True)
        check(staged)
        if home.data.exists():
            home.data.rename(old)
        staged.data.rename(home.data)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _came(home: Home) -> dict[str, str]:
    try:
        found = json.loads((home.state / NOTE).read_text(encoding="utf-8"))["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}  # then every file that differs from ours counts as the clinic's
    return dict(found)


def _note(files: dict[str, str]) -> str:
    return json.dumps({"version": prp_guide.__version__, "files": files}, indent=1, sort_keys=True) + "\n"


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in _ENDINGS and path.is_file()
    }
