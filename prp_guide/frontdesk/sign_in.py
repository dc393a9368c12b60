"""Who may see the front desk's pages: links that sign in once, and the sessions they start.

Only hashes of links' and sessions' tokens are stored. A session ends 12 hours after it began, or 60 minutes
after its person last did something. For an hour longer, whoever had it may still put down the note that they were
writing, and nothing else: see `find_writer`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import desk_sessions, desk_users, sign_in_links, stamp
from prp_guide.frontdesk.users import OWNER

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(minutes=60)
TOUCH_EVERY = timedelta(minutes=1)
GRACE = timedelta(hours=1)  # for a note that was being written when the session ended


@dataclass(frozen=True)
class DeskSession:
    """A person at the front desk, signed in."""

    user: str
    role: str
    created: datetime
    ends: datetime  # if nothing more is done

    @property
    def owner(self) -> bool:
        return self.role == OWNER


def make_link(engine: sa.engine.Engine, user: str) -> str:
    """The token of a new link for `user`, one of prp_guide.frontdesk.users: good once, for 15 minutes.

    `link_path` makes it an address.
    """
    token = secrets.token_urlsafe(32)
    with engine.begin() as connection:
        connection.execute(
            sign_in_links.insert().values(token_hash=_hash(token), user=user, expires=stamp(clock.now() + LINK_LIFE))
        )
    return token


def link_path(token: str) -> str:
    """The page that `token` signs in at. In the fragment, no log or referrer sees it."""
    return f"/desk/sign-in#{token}"


def redeem(engine: sa.engine.Engine, link: str) -> str | None:
    """Use up the link's token and start a session: its token, or None if the link is no longer good."""
    now = clock.now()
    links = sign_in_links.c
    with engine.begin() as connection:
        used = connection.execute(
            sign_in_links.update()
            .where(links.token_hash == _hash(link), links.used.is_(None), links.expires > stamp(now))
            .values(used=stamp(now))
        )
        if not used.rowcount:
            return None
        user = connection.execute(sa.select(links.user).where(links.token_hash == _hash(link))).scalar_one()
    return begin(engine, user)


def begin(engine: sa.engine.Engine, user: str) -> str:
    """Start a session of `user`, who has proved to be it; returns the session's token."""
    now = clock.now()
    token = secrets.token_urlsafe(32)
    with engine.begin() as connection:
        connection.execute(
            desk_sessions.insert().values(
                token_hash=_hash(token),
                user=user,
                created=stamp(now),
                last_seen=stamp(now),
                expires=stamp(now + SESSION_LIFE),
            )
        )
    return token


def find_session(engine: sa.engine.Engine, token: str, *, touch: bool = True) -> DeskSession | None:
    """The session of `token`, or None when it has ended or never was.

    `touch` counts the request as something that the person did; a page that refreshes itself passes False.
    """
    now = clock.now()
    alive = _alive(token, now)
    with engine.connect() as connection:
        row = connection.execute(_SELECT.where(alive)).one_or_none()
    if row is None:
        return None
    seen = datetime.fromisoformat(row.last_seen)
    if touch and row.last_seen <= stamp(now - TOUCH_EVERY):
        with engine.begin() as connection:
            connection.execute(desk_sessions.update().where(alive).values(last_seen=stamp(now)))
        seen = now
    return DeskSession(
        user=row.user,
        role=row.role,
        created=datetime.fromisoformat(row.created),
        ends=min(seen + IDLE_LIFE, datetime.fromisoformat(row.expires)),
    )


def find_writer(engine: sa.engine.Engine, token: str) -> str | None:
    """Who may put down the note in their hands: whoever is signed in, or was until their time was over.

    A session that was ended on purpose is gone for this too.
    """
    with engine.connect() as connection:
        row = connection.execute(_SELECT.where(_alive(token, clock.now() - GRACE))).one_or_none()
    return None if row is None else str(row.user)


def sign_out(engine: sa.engine.Engine, token: str) -> None:
    """End the session of `token`, if there is one."""
    with engine.begin() as connection:
        connection.execute(desk_sessions.delete().where(desk_sessions.c.token_hash == _hash(token)))


def sign_out_everywhere(engine: sa.engine.Engine, user: str) -> int:
    """End every session of `user`, and make their links useless; returns how many sessions there were."""
    with engine.begin() as connection:
        connection.execute(sign_in_links.delete().where(sign_in_links.c.user == user))
        return int(connection.execute(desk_sessions.delete().where(desk_sessions.c.user == user)).rowcount)


def count_sessions(engine: sa.engine.Engine) -> dict[str, int]:
    """How many sessions each person has now."""
    now, table = clock.now(), desk_sessions.c
    alive = sa.and_(table.expires > stamp(now), table.last_seen > stamp(now - IDLE_LIFE))
    query = sa.select(table.user, sa.func.count().label("number")).where(alive).group_by(table.user)
    with engine.connect() as connection:
        return {row.user: int(row.number) for row in connection.execute(query)}


def purge(engine: sa.engine.Engine) -> int:
    """Remove the links and sessions that no longer work; returns how many."""
    now = clock.now()
    sessions = desk_sessions.c
    with engine.begin() as connection:
        links = connection.execute(sign_in_links.delete().where(sign_in_links.c.expires <= stamp(now)))
        ended = connection.execute(
            desk_sessions.delete().where(
                sa.or_(sessions.expires <= stamp(now - GRACE), sessions.last_seen <= stamp(now - GRACE - IDLE_LIFE))
            )
        )
    return int(links.rowcount + ended.rowcount)


def form_token(key: bytes, bound_to: str) -> str:
    """The token that a form must bring: made with the key prp_guide.keys.DESK, bound to a cookie's value."""
    return hmac.new(key, f"form:{bound_to}".encode(), hashlib.sha256).hexdigest()


def form_token_fits(key: bytes, bound_to: str, given: str) -> bool:
    """Whether `given` is the form token for `bound_to`."""
    return hmac.compare_digest(form_token(key, bound_to).encode(), given.encode())


_SELECT = sa.select(
    desk_sessions.c.user, desk_users.c.role, desk_sessions.c.created, desk_sessions.c.last_seen, desk_sessions.c.expires
).select_from(desk_sessions.join(desk_users, desk_users.c.name == desk_sessions.c.user))


def _alive(token: str, now: datetime) -> Any:
    table = desk_sessions.c
    return sa.and_(
        table.token_hash == _hash(token), table.expires > stamp(now), table.last_seen > stamp(now - IDLE_LIFE)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
