"""The people of the front desk: names, roles, passwords.

A password is kept as argon2id makes it, with the memory and passes that RFC 9106 recommends where memory is short.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from prp_guide import clock
from prp_guide.database import desk_sessions, desk_users, hold, sign_in_links, stamp
from prp_guide.errors import DeskError

STAFF, OWNER = "staff", "owner"
ROLES = (STAFF, OWNER)
FIRST = "front desk"  # the owner of an installation that has named nobody yet
LONGEST_NAME, SHORTEST_PASSWORD, LONGEST_PASSWORD = 60, 12, 200
MEMORY_KIB, PASSES, LANES = 65_536, 3, 1

# Each check takes 64 MiB for a fifth of a second: more than two at once would let strangers fill the memory.
_checking = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class User:
    """A person at the front desk. `has_password` is False for those who sign in by link only."""

    name: str
    role: str
    has_password: bool
    created: datetime

    @property
    def owner(self) -> bool:
        return self.role == OWNER


class Users:
    """The people of one installation."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine

    def add(self, name: str, role: str = STAFF) -> User:
        """A new person. Raises DeskError for a name that is taken or no name, and for an unknown role."""
        name = " ".join(unicodedata.normalize("NFKC", name).split())
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or not any(map(str.isalpha, name)):
            raise DeskError(f"A name has 1 to {LONGEST_NAME} characters, a letter among them, such as Ana Ruiz.")
        if role not in ROLES:
            raise DeskError(f"{role!r} is no role; write {' or '.join(ROLES)}.")
        with self._engine.begin() as connection:
            hold(connection, "desk users")
            known = connection.execute(_SELECT.where(desk_users.c.folded == _folded(name))).one_or_none()
            if known is not None:
                raise DeskError(f"There is somebody called {known.name} already. Add a second name or an initial.")
            connection.execute(
                desk_users.insert().values(name=name, folded=_folded(name), role=role, created=stamp(clock.now()))
            )
        return self.require(name)

    def first(self) -> User:
        """The owner who was added first. While there is nobody, "front desk" is added and is it."""
        for _ in range(2):
            owners = [user for user in self.every() if user.owner]
            if owners:
                return min(owners, key=lambda user: user.created)
            self.add(FIRST, OWNER)
        raise DeskError("No owner could be added; try again.")

    def find(self, name: str) -> User | None:
        """The person called `name`, whatever its capitals."""
        with self._engine.connect() as connection:
            row = connection.execute(_SELECT.where(desk_users.c.folded == _folded(name))).one_or_none()
        return _user(row) if row is not None else None

    def require(self, name: str) -> User:
        """The same. Raises DeskError when there is nobody of this name."""
        found = self.find(name)
        if found is None:
            known = ", ".join(user.name for user in self.every()) or "nobody yet"
            raise DeskError(
                f"Nobody at the front desk is called {name}; there is {known}. Add them: prp-guide desk add-user"
            )
        return found

    def every(self) -> Sequence[User]:
        """All of them, by name."""
        with self._engine.connect() as connection:
            return [_user(row) for row in connection.execute(_SELECT.order_by(desk_users.c.folded))]

    def set_password(self, name: str, password: str) -> None:
        """Let the person sign in with `password`. Raises DeskError for one that is too short, too long or the name."""
        user = self.require(name)
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise DeskError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; four words do well.")
        if _folded(user.name) in _folded(password) or len(set(password)) < 5:
            raise DeskError("That password is too easy to guess; four words that do not belong together do well.")
        kept = _argon2(secrets.token_bytes(16)).derive_phc_encoded(_bytes(password))
        with self._engine.begin() as connection:
            connection.execute(desk_users.update().where(desk_users.c.name == user.name).values(password=kept))

    def check(self, name: str, password: str) -> User | None:
        """The person, if that is their password; an unknown name takes as long as a wrong password."""
        with self._engine.connect() as connection:
            row = connection.execute(
                sa.select(desk_users).where(desk_users.c.folded == _folded(name[:LONGEST_NAME]))
            ).one_or_none()
        kept = row.password if row is not None and row.password else _nobodys()
        with _checking:
            try:
                Argon2id.verify_phc_encoded(_bytes(password[: LONGEST_PASSWORD + 1]), kept)
            except InvalidKey:
                return None
        return _user(row) if row is not None and row.password else None

    def remove(self, name: str) -> None:
        """Take a person off, with their sessions and links; what they did stays in the histories.

        Raises DeskError for the last owner: somebody must be able to add the others.
        """
        user = self.require(name)
        with self._engine.begin() as connection:
            hold(connection, "desk users")
            owners = connection.execute(sa.select(desk_users.c.name).where(desk_users.c.role == OWNER)).scalars().all()
            if owners == [user.name]:
                raise DeskError(f"{user.name} is the only owner. Add another one first.")
            connection.execute(desk_users.delete().where(desk_users.c.name == user.name))
            connection.execute(desk_sessions.delete().where(desk_sessions.c.user == user.name))
            connection.execute(sign_in_links.delete().where(sign_in_links.c.user == user.name))


_SELECT = sa.select(desk_users.c.name, desk_users.c.role, desk_users.c.password, desk_users.c.created)
_kept_for_nobody: list[str] = []


def _nobodys() -> str:
    """A hash that no password fits."""
    if not _kept_for_nobody:
        _kept_for_nobody.append(_argon2(secrets.token_bytes(16)).derive_phc_encoded(secrets.token_bytes(32)))
    return _kept_for_nobody[0]


def _argon2(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)


def _bytes(password: str) -> bytes:
    # The same keys give the same password on every keyboard and system.
    return unicodedata.normalize("NFKC", password).encode(errors="replace")


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _user(row: sa.engine.Row) -> User:
    return User(row.name, row.role, bool(row.password), datetime.fromisoformat(row.created))
