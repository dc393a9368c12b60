"""Token buckets: a bucket holds `burst` tokens and gets `rate` back a second; who finds it
empty is told when to come again.

`Buckets` are those of this process; `RedisBuckets` are shared by all web processes that name the same Redis. There,
callers are known by keyed hashes: an address is nobody's business but ours.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

import redis.asyncio
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """What one kind of request may cost; `name` tells its buckets from those of other rules."""

    name: str
    burst: float
    rate: float  # tokens a second


Claim = tuple[Rule, str]


class Store(Protocol):
    """Where buckets are kept."""

    async def wait(self, *claims: Claim) -> float:
        """Take a token for each claim: 0 when all had one, else the seconds until all will."""
        ...

    async def close(self) -> None: ...


class Buckets:
    """The buckets of all callers. The least used are forgotten when there are more than `size`."""

    def __init__(self, size: int = 20_000) -> None:
        self.size = size
        self._kept: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, rule: Rule, caller: str, now: float | None = None) -> float:
        """Take a token: 0 when there was one, else the seconds until there will be."""
        now = monotonic() if now is None else now
        key = (rule.name, caller)
        tokens, seen = self._kept.get(key, (rule.burst, now))
        tokens = min(rule.burst, tokens + (now - seen) * rule.rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rule.rate
        self._kept[key] = (tokens - 1 if wait == 0 else tokens, now)
        self._kept.move_to_end(key)
        if len(self._kept) > self.size:
            self._kept.popitem(last=False)
        return wait

    async def wait(self, *claims: Claim) -> float:
        return max((self.take(rule, caller) for rule, caller in claims), default=0.0)

    async def close(self) -> None:
        pass

    def __len__(self) -> int:
        return len(self._kept)


class RedisBuckets:
    """Buckets in the Redis at `url`; `key` hashes the callers.

    While Redis does not answer, this process counts for itself: whoever takes Redis down has not taken the limits down,
    and no patient waits for it.
    """

    PATIENCE = 0.25  # seconds for one look
    AWAY = 5.0  # seconds until Redis is asked again after it has failed

    # Redis' own clock, so that processes on several machines agree. A bucket goes when it would be full anyway.
    _TAKE = """
        local clock = redis.call('TIME')
        local now = clock[1] + clock[2] / 1000000
        local longest = 0
        for i, key in ipairs(KEYS) do
            local burst, rate = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
            local kept = redis.call('HMGET', key, 'tokens', 'seen')
            local tokens, seen = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
            tokens = math.min(burst, tokens + math.max(0, now - seen) * rate)
            if tokens >= 1 then tokens = tokens - 1 else longest = math.max(longest, (1 - tokens) / rate) end
            redis.call('HSET', key, 'tokens', tostring(tokens), 'seen', string.format('%.6f', now))
            redis.call('PEXPIRE', key, math.ceil((burst - tokens) / rate * 1000) + 1000)
        end
        return tostring(longest)
    """

    def __init__(self, url: str, key: bytes) -> None:
        self._key = key
        self._redis: Any = redis.asyncio.Redis.from_url(
            url, socket_timeout=self.PATIENCE, socket_connect_timeout=self.PATIENCE, max_connections=64
        )
        self._take = self._redis.register_script(self._TAKE)
        self._own = Buckets()
        self._away_until = float("-inf")

    async def wait(self, *claims: Claim) -> float:
        if claims and monotonic() >= self._away_until:
            numbers = [number for rule, _ in claims for number in (rule.burst, rule.rate)]
            try:
                return float(await self._take(keys=[self._name(*claim) for claim in claims], args=numbers))
            except (RedisError, OSError, TimeoutError) as fault:
                self._away_until = monotonic() + self.AWAY
                log.warning("Redis does not answer (%s): this process counts for itself.", type(fault).__name__)
        return await self._own.wait(*claims)

    async def close(self) -> None:
        await self._redis.close(close_connection_pool=True)

    def _name(self, rule: Rule, caller: str) -> str:
        hashed = hmac.new(self._key, f"limits {caller}".encode(), hashlib.sha256).hexdigest()[:32]
        return f"prp:{rule.name}:{hashed}"
