"""Rate limits: token buckets by session and by client address, in memory and bounded.

A bucket holds `burst` tokens and gets `rate` back a second; who finds it empty is told when to come again. An
address stands for a household, an office or a mobile network: its buckets are wide.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import os
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request

from prp_guide.errors import SetupError
from prp_guide.web.problems import Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """What one kind of request may cost."""

    burst: float
    rate: float  # tokens a second


SESSION_MESSAGES = Rule(burst=12, rate=0.5)
SESSION_READS = Rule(burst=30, rate=2)
ADDRESS_MESSAGES = Rule(burst=120, rate=10)
ADDRESS_SESSIONS = Rule(burst=60, rate=1)
ADDRESS_CALLBACKS = Rule(burst=12, rate=1 / 60)


class Buckets:
    """The buckets of all callers. The least used are forgotten when there are more than `size`."""

    def __init__(self, size: int = 20_000) -> None:
        self.size = size
        self._kept: OrderedDict[tuple[Rule, str], tuple[float, float]] = OrderedDict()

    def take(self, rule: Rule, caller: str, now: float | None = None) -> float:
        """Take a token: 0 when there was one, else the seconds until there will be."""
        now = monotonic() if now is None else now
        tokens, seen = self._kept.get((rule, caller), (rule.burst, now))
        tokens = min(rule.burst, tokens + (now - seen) * rule.rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rule.rate
        self._kept[rule, caller] = (tokens - 1 if wait == 0 else tokens, now)
        self._kept.move_to_end((rule, caller))
        if len(self._kept) > self.size:
            self._kept.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._kept)


class Limits:
    """The limits of this process; `enabled` is False in evaluation and load runs on loopback."""

    def __init__(self, enabled: bool = True) -> None:
        self.enabled = enabled
        self._buckets = Buckets()

    @classmethod
    def from_env(cls) -> Limits:
        """On, unless `PRP_LIMITS=off`, which is for loopback only. Raises SetupError elsewhere."""
        if os.environ.get("PRP_LIMITS", "").lower() != "off":
            return cls()
        host = os.environ.get("HOST") or "127.0.0.1"
        if not is_loopback(host):
            raise SetupError(
                f"PRP_LIMITS=off is refused with HOST={host}: rate limits may be off on 127.0.0.1 only. "
                "Leave PRP_LIMITS or HOST unset."
            )
        log.warning("Rate limits are off (PRP_LIMITS=off). This is for evaluation and load runs only.")
        return cls(enabled=False)

    def wait(self, *claims: tuple[Rule, str]) -> float:
        """Take a token for each claim: 0 when all had one, else the seconds to wait."""
        if not self.enabled:
            return 0.0
        return max(self._buckets.take(rule, caller) for rule, caller in claims)

    def check(self, *claims: tuple[Rule, str]) -> None:
        """The same; raises Problem 429 instead of returning a wait."""
        if wait := self.wait(*claims):
            raise too_many(wait)


def too_many(wait: float) -> Problem:
    seconds = math.ceil(wait)
    detail = f"Too many requests. Please try again in {seconds} s."
    return Problem(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})


def address_of(request: Request) -> str:
    """The client's address; for IPv6 the network of 64 bits that one customer commonly has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
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
