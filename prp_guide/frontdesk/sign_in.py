"""Who may see the front desk's pages: links that sign in once, and the sessions they start.

Only hashes of links' and sessions' tokens are stored. A session ends 12 hours after it began, or 60 minutes
after its person last did something.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import desk_sessions, sign_in_links, stamp

LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(minutes=60)
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class DeskSession:
    """A person at the front desk, signed in."""

    user: str
    created: datetime


def make_link(engine: sa.engine.Engine, user: str = "front desk") -> str:
    """The token of a new link for `user`: good once, for 15 minutes. `link_path` makes it an address."""
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
        token = secrets.token_urlsafe(32)
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
    table = desk_sessions.c
    alive = sa.and_(
        table.token_hash == _hash(token), table.expires > stamp(now), table.last_seen > stamp(now - IDLE_LIFE)
    )
    with engine.connect() as connection:
        row = connection.execute(sa.select(table.user, table.created, table.last_seen).where(alive)).one_or_none()
    if row is None:
        return None
    if touch and row.last_seen <= stamp(now - TOUCH_EVERY):
        with engine.begin() as connection:
            connection.execute(desk_sessions.update().where(alive).values(last_seen=stamp(now)))
    return DeskSession(user=row.user, created=datetime.fromisoformat(row.created))


def sign_out(engine: sa.engine.Engine, token: str) -> None:
    """End the session of `token`, if there is one."""
    with engine.begin() as connection:
        connection.execute(desk_sessions.delete().where(desk_sessions.c.token_hash == _hash(token)))


def purge(engine: sa.engine.Engine) -> int:
    """Remove the links and sessions that no longer work; returns how many."""
    now = clock.now()
    sessions = desk_sessions.c
    with engine.begin() as connection:
        links = connection.execute(sign_in_links.delete().where(sign_in_links.c.expires <= stamp(now)))
        ended = connection.execute(
            desk_sessions.delete().where(
                sa.or_(sessions.expires <= stamp(now), sessions.last_seen <= stamp(now - IDLE_LIFE))
            )
        )
    return int(links.rowcount + ended.rowcount)


def form_token(key: bytes, bound_to: str) -> str:
    """The token that a form must bring: made with the key prp_guide.keys.DESK, bound to a cookie's value."""
    return hmac.new(key, f"form:{bound_to}".encode(), hashlib.sha256).hexdigest()


def form_token_fits(key: bytes, bound_to: str, given: str) -> bool:
    """Whether `given` is the form token for `bound_to`."""
    return hmac.compare_digest(form_token(key, bound_to).encode(), given.encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
