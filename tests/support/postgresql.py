"""A PostgreSQL server for one test run: its own folder, its own port on loopback, stopped by its pid."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from prp_guide import database
from tests.support.machine import free_ports
from tests.support.waiting import wait_for


def find_postgresql() -> Path | None:
    """The folder with initdb and postgres, the newest on this machine; None where there is no PostgreSQL."""
    named = [Path(found).resolve().parent for found in (shutil.which("initdb"), shutil.which("postgres")) if found]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for folder in (*named, *debian, *Path("/opt/homebrew/opt").glob("postgresql*/bin")):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@contextlib.contextmanager
def running_postgresql(binaries: Path) -> Iterator[str]:
    """The address of a server that runs as long as the block: postgresql://prp@127.0.0.1:PORT"""
    (port,) = free_ports(1)
    # The server refuses to run as root: it then runs as the account that the package made, or as nobody.
    account = _account() if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="prp-postgresql-"))
    data, log = folder / "data", folder / "log"
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    server = None
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "prp", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=60,
            cwd=folder,
            **who,
        )
        with log.open("wb") as output:
            # fmt: off
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
                 "-c", f"unix_socket_directories={folder}", "-c", "max_connections=60", "-c", "shared_buffers=32MB"],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=folder, **who,
            )
            # fmt: on
        url = f"postgresql://prp@127.0.0.1:{port}"
        wait_for(lambda: _answers(url), "PostgreSQL's first answer", seconds=30, every=0.1)
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # its fast way to stop
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def fresh_database(url: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database on the server at `url`, a copy of `template`; gone after the block."""
    name = f"t{secrets.token_hex(6)}"
    _run(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield f"{url}/{name}"
    finally:
        _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def close_engines(url: str) -> None:
    """Close this process's connections to the database at `url`: a server has only so many."""
    for durable in (False, True):
        database.engine(url, durable=durable).dispose()


def _account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError("there is no account postgres or nobody to run PostgreSQL as")


def _answers(url: str) -> bool:
    try:
        _run(url, "SELECT 1")
    except sa.exc.OperationalError:
        return False
    return True


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
