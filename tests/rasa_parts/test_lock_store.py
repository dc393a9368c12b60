"""One message of a conversation at a time: in one process, in two by Redis, and without Redis all the same."""

from __future__ import annotations

import asyncio
import time

import pytest

from prp_guide.rasa_parts import lock_store
from prp_guide.rasa_parts.lock_store import ConversationLocks
from tests.support.redis import Redis


@pytest.fixture
def url(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PRP_REDIS_URL", redis.url)
    return redis.url


async def hold(locks: ConversationLocks, said: list[str], name: str, seconds: float = 0.3) -> None:
    async with locks.lock("conversation"):
        said.append(f"{name} in")
        await asyncio.sleep(seconds)
        said.append(f"{name} out")


def at_once(one: ConversationLocks, other: ConversationLocks) -> list[str]:
    said: list[str] = []

    async def both() -> None:
        await asyncio.gather(hold(one, said, "one"), hold(other, said, "other"))

    asyncio.run(both())
    return said


IN_TURN = ["one in", "one out", "other in", "other out"]


def test_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRP_REDIS_URL", raising=False)
    locks = ConversationLocks()
    assert at_once(locks, locks) == IN_TURN


def test_two_processes_and_redis(url: str) -> None:
    assert at_once(ConversationLocks(), ConversationLocks()) == IN_TURN


def test_what_a_killed_process_held_is_soon_free(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_store, "LONGEST_WAIT", 0.5)
    dead = ConversationLocks()
    assert dead._shared is not None
    dead._shared.issue_ticket("conversation", 60)
    said: list[str] = []
    began = time.monotonic()
    asyncio.run(hold(ConversationLocks(), said, "one", 0))
    assert said == ["one in", "one out"]
    assert time.monotonic() - began < 3


def test_redis_goes_and_comes_back(url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_store, "REST", 0.1)
    one, other = ConversationLocks(), ConversationLocks()
    redis.stop()
    assert at_once(one, one) == IN_TURN
    assert at_once(one, other)[:2] == ["one in", "other in"], "nobody is refused"
    redis.start()
    time.sleep(0.2)
    assert at_once(one, other) == IN_TURN


def test_redis_goes_while_a_message_is_worked_on(url: str, redis: Redis) -> None:
    locks, said = ConversationLocks(), list[str]()

    async def work() -> None:
        async with locks.lock("conversation"):
            redis.stop()
        await hold(locks, said, "next", 0)

    asyncio.run(work())
    assert said == ["next in", "next out"]
