"""The access log: who saw and did what with patients' details. It is only ever added to.

Each entry carries an HMAC over itself and the one before it, with a key of the installation. So an entry that was
changed, taken out or put in breaks the chain from there on. That the last ones were cut off can only be told by whoever
knows a later head: the number and HMAC of an entry, which stand in web's log and go out by e-mail daily.

An entry names requests by their reference and never holds a word of a patient's: it stays when they are erased, and
says that they were.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from prp_guide import keys
from prp_guide.database import access_log, hold, open_database, stamp
from prp_guide.errors import AccessLogBroken
from prp_guide.home import Home

# What may stand in `act`, beside the acts of prp_guide.frontdesk.work.
LISTED, OPENED, TOLD, EXPORTED, ERASED, SENT = "listed", "opened", "told", "exported", "erased", "sent"
SIGNED_IN, SIGNED_OUT, REFUSED, PEOPLE = "signed in", "signed out", "refused", "people"
MACHINE, COMMAND = "PRP Guide", "command line"  # actors that are no person at the inbox

HEAD_LINE = "Access log: head"  # how a line of web's log begins that holds one
HEAD = re.compile(r"\b(\d{1,12}):([0-9a-f]{64})\b")
PAGE = 1000


@dataclass(frozen=True)
class Entry:
    """One entry. `references` are the requests that it is about."""

    number: int
    at: str
    actor: str
    act: str
    references: tuple[str, ...]
    detail: str | None
    mac: str

    @property
    def head(self) -> Head:
        return Head(self.number, self.mac)


@dataclass(frozen=True)
class Head:
    """An entry's number and HMAC: proof of all that came before it."""

    number: int
    mac: str

    def __str__(self) -> str:
        return f"{self.number}:{self.mac}"

    @classmethod
    def found_in(cls, text: str) -> Iterator[Head]:
        """Every head that is written down in `text`."""
        for match in HEAD.finditer(text):
            yield cls(int(match[1]), match[2])


class AccessLog:
    """The log of one installation, on a durable engine."""

    def __init__(self, engine: sa.engine.Engine, key: bytes) -> None:
        self._engine, self._key = engine, key

    @classmethod
    def of(cls, home: Home) -> AccessLog:
        return cls(open_database(home, durable=True), keys.read_key(home, keys.ACCESS_LOG))

    def write(self, actor: str, act: str, references: Iterable[str] = (), detail: str | None = None) -> Head:
        """Add an entry; it is on the disk when this returns."""
        with self._engine.begin() as connection:
            hold(connection, "access log")
            return self.add(connection, actor, act, references, detail)

    def add(
        self, connection: Any, actor: str, act: str, references: Iterable[str] = (), detail: str | None = None
    ) -> Head:
        """Add an entry in a transaction that holds "access log": with what it tells of, or not at all."""
        last = self._last(connection)
        number, before = (last.number + 1, last.mac) if last else (1, "")
        row = {
            "number": number,
            "at": stamp(),
            "actor": actor[:80],
            "act": act[:20],
            "requests": " ".join(references) or None,
            "detail": detail,
        }
        mac = self._mac(before, row)
        connection.execute(access_log.insert().values(**row, mac=mac))
        return Head(number, mac)

    def head(self) -> Head | None:
        """The last entry's; None while there is none."""
        with self._engine.connect() as connection:
            return self._last(connection)

    def about(self, references: Iterable[str]) -> Sequence[Entry]:
        """The entries about any of the requests, in order."""
        wanted = frozenset(references)
        return [entry for entry in self.entries() if wanted & set(entry.references)]

    def entries(self) -> Iterator[Entry]:
        """All entries, in order."""
        last = 0
        while True:
            query = sa.select(access_log).where(access_log.c.number > last).order_by(access_log.c.number).limit(PAGE)
            with self._engine.connect() as connection:
                rows = connection.execute(query).mappings().all()
            for row in rows:
                yield _entry(row)
            if len(rows) < PAGE:
                return
            last = rows[-1]["number"]

    def verify(self, known: Iterable[Head] = ()) -> Head | None:
        """Prove the whole chain, and that it holds the `known` heads; returns its head.

        Raises AccessLogBroken, which says where.
        """
        due = {head.number: head for head in sorted(known, key=lambda head: head.number)}
        number, before = 0, ""
        for entry in self.entries():
            if entry.number != number + 1:
                raise AccessLogBroken(f"After entry {number} comes entry {entry.number}: entries were taken out.")
            row = {
                "number": entry.number,
                "at": entry.at,
                "actor": entry.actor,
                "act": entry.act,
                "requests": " ".join(entry.references) or None,
                "detail": entry.detail,
            }
            if not hmac.compare_digest(self._mac(before, row), entry.mac):
                raise AccessLogBroken(f"Entry {entry.number} of {entry.at} is not as it was written.")
            if entry.number in due and not hmac.compare_digest(due.pop(entry.number).mac, entry.mac):
                raise AccessLogBroken(f"Entry {entry.number} is another one than the head that was kept of it.")
            number, before = entry.number, entry.mac
        if due:
            raise AccessLogBroken(
                f"The log ends with entry {number}, and entry {max(due)} was there: the end was cut off."
            )
        return Head(number, before) if number else None

    def _mac(self, before: str, row: dict[str, Any]) -> str:
        told = json.dumps([before, *(row[name] for name in sorted(row))], ensure_ascii=True)
        return hmac.new(self._key, b"access log " + told.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _last(connection: Any) -> Head | None:
        query = sa.select(access_log.c.number, access_log.c.mac).order_by(access_log.c.number.desc()).limit(1)
        row = connection.execute(query).one_or_none()
        return Head(row.number, row.mac) if row else None


def _entry(row: Any) -> Entry:
    references = tuple(row["requests"].split()) if row["requests"] else ()
    return Entry(row["number"], row["at"], row["actor"], row["act"], references, row["detail"], row["mac"])
