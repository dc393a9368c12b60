"""Rate limits: by session and by client address. docs/security.md has them as a table.

An address stands for a household, an office or a mobile network: its buckets are wide. They are in memory and bounded,
or in the Redis that `PRP_REDIS_URL` names.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import os
from urllib.parse import urlsplit

from starlette.requests import Request

from prp_guide.errors import SetupError
from prp_guide.load_run import limits_off
from prp_guide.web.buckets import Buckets, Claim, RedisBuckets, Rule, Store
from prp_guide.web.problems import Problem

log = logging.getLogger(__name__)

SESSION_MESSAGES = Rule("session-messages", burst=12, rate=0.5)
SESSION_READS = Rule("session-reads", burst=30, rate=2)
ADDRESS_MESSAGES = Rule("address-messages", burst=60, rate=2)
ADDRESS_SESSIONS = Rule("address-sessions", burst=60, rate=1 / 10)
ADDRESS_CALLBACKS = Rule("address-callbacks", burst=12, rate=1 / 60)
# Beyond this nothing of a request is looked at any more: see prp_guide.web.gate.
ADDRESS_REQUESTS = Rule("address-requests", burst=80, rate=6)

REDIS_SCHEMES = ("redis", "rediss", "unix")


class Limits:
    """The limits of this process; `enabled` is False in evaluation and load runs on loopback."""

    def __init__(self, enabled: bool = True, store: Store | None = None) -> None:
        self.enabled = enabled
        self._store: Store = Buckets() if store is None else store

    @classmethod
    def from_env(cls, key: bytes = b"") -> Limits:
        """On, unless `PRP_LIMITS=off`, which is for loopback only; in Redis if `PRP_REDIS_URL` names one.

        `key` hashes what stands in Redis. Raises SetupError.
        """
        store = make_store(os.environ.get("PRP_REDIS_URL") or "", key)
        if not limits_off():
            return cls(store=store)
        host = os.environ.get("HOST") or "127.0.0.1"
        if not is_loopback(host):
            raise SetupError(
                f"PRP_LIMITS=off is refused with HOST={host}: rate limits may be off on 127.0.0.1 only. "
                "Leave PRP_LIMITS or HOST unset."
            )
        log.warning("Rate limits are off (PRP_LIMITS=off). This is for evaluation and load runs only.")
        return cls(enabled=False, store=store)

    async def wait(self, *claims: Claim) -> float:
        """Take a token for each claim: 0 when all had one, else the seconds to wait."""
        return await self._store.wait(*claims) if self.enabled else 0.0

    async def check(self, *claims: Claim) -> None:
        """The same; raises Problem 429 instead of returning a wait."""
        if wait := await self.wait(*claims):
            raise too_many(wait)

    async def close(self) -> None:
        await self._store.close()


def make_store(url: str, key: bytes) -> Store:
    """The buckets in the Redis at `url`, or in memory for ''. Raises SetupError for what is no such address."""
    if not url:
        return Buckets()
    if urlsplit(url).scheme not in REDIS_SCHEMES:
        # Not repeated: it may hold a password.
        raise SetupError("PRP_REDIS_URL is no address of a Redis. Write one such as redis://127.0.0.1:6379/0.")
    try:
        return RedisBuckets(url, key)
    except ValueError:
        raise SetupError("PRP_REDIS_URL cannot be read. Write one such as redis://127.0.0.1:6379/0.") from None


def too_many(wait: float) -> Problem:
    seconds = math.ceil(wait)
    detail = f"Too many requests. Please try again in {seconds} s."
    return Problem(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})


def address_of(request: Request) -> str:
    """The client's address; for IPv6 the network of 64 bits that one customer commonly has."""
    return network_of(request.client.host if request.client else "")


def network_of(host: str) -> str:
    """The address at `host` under which its requests are counted."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]  # what a proxy passed on may be anything
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return host


def is_loopback(host: str) -> bool:
    """Whether a server on `host` is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
