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
from typing import Any

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


class PostgreSQL:
    """A server in a folder of its own; it can be stopped and started again at the same `url` with what it held."""

    def __init__(self, binaries: Path) -> None:
        (self._port,) = free_ports(1)
        # The server refuses to run as root: it then runs as the account that the package made, or as nobody.
        account = _account() if os.getuid() == 0 else None
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="prp-postgresql-"))
        if account is not None:
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._who: dict[str, Any] = (
            {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        )
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://prp@127.0.0.1:{self._port}"

    def make(self) -> None:
        """An empty cluster."""
        # fmt: off
        subprocess.run(
            [self._binaries / "initdb", "-D", self._folder / "data", "-U", "prp", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            check=True, capture_output=True, timeout=60, cwd=self._folder, **self._who,
        )
        # fmt: on

    def start(self) -> None:
        with (self._folder / "log").open("ab") as output:
            # fmt: off
            self._server = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._folder / "data", "-p", str(self._port),
                 "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}",
                 "-c", "max_connections=100", "-c", "shared_buffers=32MB"],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=self._folder, **self._who,
            )
            # fmt: on
        wait_for(lambda: _answers(self.url), "PostgreSQL's first answer", seconds=30, every=0.1)

    def stop(self) -> None:
        """Harmless when it does not run. Connections are broken off."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # its fast way to stop
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait(10)
            self._server = None

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def running_postgresql(binaries: Path) -> Iterator[str]:
    """The address of a server that runs as long as the block: postgresql://prp@127.0.0.1:PORT"""
    server = PostgreSQL(binaries)
    try:
        server.make()
        server.start()
        yield server.url
    finally:
        server.stop()
        server.remove()


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
