"""`prp-guide backup FOLDER` and `restore FOLDER`: all that a clinic cannot make again, in one folder.

In it lie clinic.yml, data/, keys/, prp-guide.db and what else the home holds, as a home holds them, and backup.json
with the hash of each. Left out is what is made anew: trained models, logs, the copies made before a change of layout.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import prp_guide
from prp_guide import clock, own_content
from prp_guide.errors import SetupError
from prp_guide.home import Home

INDEX, LAST = "backup.json", "last-backup.json"
DATABASE = "prp-guide.db"
_MADE_ANEW = ("models", "logs", "run", "demo", "data", "current-model", LAST)


def backup(home: Home, *, folder: Path) -> int:
    """Copy the installation into `folder`, which must be new or empty, while it runs or not; print what is in it.

    The folder has its name only when all is in it. Raises SetupError.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetupError(
            f"{folder} is not empty. Name a folder of its own for each backup, such as {folder}/2026-11-23"
        )
    if folder == home.state or home.state in folder.parents:
        raise SetupError(f"{folder} lies in what is to be saved. Name a folder elsewhere, best on another disk.")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True, mode=0o700)
        files = _copy(home, part)
        made = clock.now().isoformat(timespec="seconds")
        index = {"version": prp_guide.__version__, "made": made, "database": _kind(home), "files": files}
        (part / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
        for path in [*_files(part), part]:
            _flush(path)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
        (home.state / LAST).write_text(json.dumps({"at": made, "folder": str(folder)}) + "\n", encoding="utf-8")
    except OSError as fault:
        raise SetupError(
            f"No backup was made: {fault.strerror or fault} ({fault.filename or folder}). "
            "Make room there, or name another folder."
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    size = sum(path.stat().st_size for path in _files(folder))
    print(f"Backup in {folder}: {len(files)} files, {size / 1e6:.1f} MB. It holds patients' requests and the keys.")
    if index["database"] != "sqlite":
        print("The database is PostgreSQL and NOT in it: back that up with pg_dump, at the same time.")
    return 0


def restore(home: Home, *, folder: Path) -> int:
    """Put the backup in `folder` into `home.state`, which must be empty. Raises SetupError, having put nothing."""
    from prp_guide.supervisor import only_one

    index = _read_index(folder)
    for name, wanted in index["files"].items():
        path = folder / name
        if not path.is_file() or _hash(path) != wanted:
            raise SetupError(f"{path} is missing or not as it was saved, so nothing was restored. Take another backup.")
    state = home.state
    if state.exists() and any(path.name not in ("run",) for path in state.iterdir()):
        raise SetupError(
            f"{state} is not empty, and a restore overwrites nothing.\n"
            "    Restore into a new folder:  PRP_HOME=/new/folder prp-guide restore ..."
        )
    with only_one(state):
        try:
            for name in index["files"]:
                target = state / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copyfile(folder / name, target)
                target.chmod(0o600)
        except OSError as fault:
            for name in index["files"]:
                (state / name).unlink(missing_ok=True)
            raise SetupError(f"Nothing was restored: {fault.strerror or fault}. Make room, then try again.") from None
    print(f"Restored into {state}: the backup of {index['made']}, made by version {index['version']}.")
    if index["database"] != "sqlite":
        print("Its database was PostgreSQL: restore that with pg_restore, and set PRP_DATABASE_URL.")
    print(f"Next:  PRP_HOME={state} prp-guide start     (it trains its model first, about a minute)")
    return 0


def _copy(home: Home, part: Path) -> dict[str, str]:
    from prp_guide.database import back_up, migrate

    if _kind(home) == "sqlite":
        migrate(home.database_url)
        back_up(Path(home.database_url.removeprefix("sqlite:///")), part / DATABASE)
    for entry in sorted(home.state.iterdir()):
        # Where a pip user keeps the home beside its environment, that is not ours to save.
        if entry.name in _MADE_ANEW or entry.name.startswith((".", DATABASE, "venv")):
            continue
        for source in _files(entry) if entry.is_dir() else [entry]:
            _put(source, part / source.relative_to(home.state))
    # A checkout keeps these beside the program; from here on they are the clinic's own.
    _put(home.clinic_file, part / "clinic.yml")
    for source in _files(home.data):
        _put(source, part / "data" / source.relative_to(home.data))
    (part / own_content.NOTE).write_text(own_content.note_of(home), encoding="utf-8")
    return {path.relative_to(part).as_posix(): _hash(path) for path in _files(part)}


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _read_index(folder: Path) -> dict[str, Any]:
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = [PurePosixPath(name) for name in index["files"]]
        if not names or any(name.is_absolute() or ".." in name.parts for name in names):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise SetupError(f"{folder} is no backup of PRP Guide: it has no whole {INDEX}.") from None
    return dict(index)


def _kind(home: Home) -> str:
    return "sqlite" if home.database_url.startswith("sqlite") else "postgresql"


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
