"""Token buckets, in memory and in Redis: the same tests for both, then what only one of them can get wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from prp_guide.errors import SetupError
from prp_guide.web.buckets import Buckets, RedisBuckets, Rule, Store
from prp_guide.web.limits import make_store
from tests.support.redis import Redis
from tests.web.web_process import Web

RULE, WIDE = Rule("test", burst=3, rate=0.5), Rule("wide", burst=100, rate=10)
KEY = b"k" * 44
Work = Callable[[Store], Awaitable[list[float]]]


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return ""
    server: Redis = request.getfixturevalue("redis")
    return server.url


def run(url: str, work: Work) -> list[float]:
    async def with_store() -> list[float]:
        store = make_store(url, KEY)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(with_store())


def test_a_bucket_empties(url: str) -> None:
    async def work(store: Store) -> list[float]:
        return [await store.wait((RULE, "a")) for _ in range(4)] + [await store.wait((RULE, "b"))]

    *full, empty, other = run(url, work)
    assert full == [0, 0, 0]
    assert 1 < empty <= 2
    assert other == 0


def test_a_bucket_fills_again(url: str) -> None:
    async def work(store: Store) -> list[float]:
        quick = Rule("quick", burst=1, rate=4)
        waits = [await store.wait((quick, "a")) for _ in range(2)]
        await asyncio.sleep(waits[1] + 0.05)
        return [*waits, await store.wait((quick, "a"))]

    first, empty, later = run(url, work)
    assert (first, later) == (0, 0)
    assert 0 < empty <= 0.25


def test_the_longest_wait_of_several_rules_counts(url: str) -> None:
    async def work(store: Store) -> list[float]:
        return [await store.wait((RULE, "a"), (WIDE, "a")) for _ in range(4)] + [await store.wait((WIDE, "a"))]

    *waits, wide = run(url, work)
    assert waits[:3] == [0, 0, 0]
    assert waits[3] > 1
    assert wide == 0


def test_whoever_comes_at_once_gets_what_there_is_and_no_more(url: str) -> None:
    async def work(store: Store) -> list[float]:
        return list(await asyncio.gather(*(store.wait((RULE, "a")) for _ in range(20))))

    assert run(url, work).count(0) == 3


def test_two_processes_share_what_redis_holds(redis: Redis) -> None:
    async def work(store: Store) -> list[float]:
        return [await store.wait((RULE, "a")) for _ in range(2)]

    assert run(redis.url, work) == [0, 0]
    assert [wait == 0 for wait in run(redis.url, work)] == [True, False]


def test_redis_learns_no_address_and_keeps_nothing_for_long(redis: Redis) -> None:
    async def work(store: Store) -> list[float]:
        return [await store.wait((RULE, "203.0.113.9"))]

    run(redis.url, work)
    held = redis.pages()
    assert b"prp:test:" in held
    assert b"203.0.113.9" not in held

    async def look(store: Store) -> list[float]:
        assert isinstance(store, RedisBuckets)
        return [float(await store._redis.pttl(name)) for name in await store._redis.keys("prp:*")]

    (left,) = run(redis.url, look)
    assert 0 < left <= 8_000


def test_without_redis_this_process_counts_for_itself(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    async def work(store: Store) -> list[float]:
        await store.wait((RULE, "a"))
        redis.stop()
        waits = [await store.wait((RULE, "a")) for _ in range(4)]
        assert isinstance(store, RedisBuckets)
        redis.start()
        store._away_until = 0
        return [*waits, await store.wait((RULE, "a"))]

    *alone, back = run(redis.url, work)
    assert [wait == 0 for wait in alone] == [True, True, True, False]
    assert back == 0
    assert caplog.text.count("Redis does not answer") == 1


def test_limits_of_the_running_application_in_redis(redis: Redis, request: pytest.FixtureRequest) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.web.web_process.REDIS_URL", redis.url)
        web: Web = request.getfixturevalue("limited_web")
        token = web.open()
        statuses = [web.say(token, f"message {number}").status_code for number in range(14)]
    assert statuses[:12] == [200] * 12
    assert statuses[-1] == 429
    held = redis.pages()
    assert b"session-messages" in held
    assert token.split(".")[1].encode() not in held


@pytest.mark.parametrize("url", ["http://127.0.0.1", "localhost:6379", "redis://127.0.0.1:port/0"])
def test_what_is_no_redis(url: str) -> None:
    with pytest.raises(SetupError, match="PRP_REDIS_URL"):
        make_store(url, KEY)


def test_a_password_in_a_bad_address_is_not_repeated() -> None:
    with pytest.raises(SetupError) as fault:
        make_store("http://:geheim@127.0.0.1", KEY)
    assert "geheim" not in str(fault.value)


def test_memory_stays_bounded_whoever_asks() -> None:
    buckets = Buckets(size=100)

    async def work() -> None:
        for number in range(5_000):
            await buckets.wait((RULE, f"address {number}"), (WIDE, f"address {number}"))

    asyncio.run(work())
    assert len(buckets) == 100
