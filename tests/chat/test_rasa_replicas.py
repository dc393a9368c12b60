"""A conversation and its Rasa, over HTTP: it stays, it moves when that one is away, it comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager

import pytest

from prp_guide import replicas
from prp_guide.chat import RasaClient, RasaReplicas
from prp_guide.chat.rasa_client import STARTING
from prp_guide.errors import RasaUnavailable
from tests.support.machine import free_ports
from tests.web.web_process import Channel, running_channel

CONVERSATIONS = [f"conversation-{number}" for number in range(20)]


@pytest.fixture
def two() -> Iterator[list[Channel]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running_channel()) for _ in range(2)]


@asynccontextmanager
async def asking(*urls: str) -> AsyncIterator[RasaReplicas]:
    made = RasaReplicas([RasaClient(url, b"secret", timeout=1.0) for url in urls])
    try:
        yield made
    finally:
        await made.close()


def run(urls: list[str], work: Callable[[RasaReplicas], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with asking(*urls) as rasas:
            await work(rasas)

    asyncio.run(inside())


def heard(channel: Channel) -> list[str]:
    return [turn["conversation"] for turn in channel.seen]


def first_of(two: list[Channel]) -> Channel:
    """Whom the first conversation belongs to."""
    url = replicas.order(CONVERSATIONS[0], [channel.url for channel in two])[0]
    return next(channel for channel in two if channel.url == url)


def test_each_stays_with_its_own(two: list[Channel]) -> None:
    async def work(rasas: RasaReplicas) -> None:
        for _ in range(3):
            for conversation in CONVERSATIONS:
                await rasas.turn(conversation, text="hello")

    run([channel.url for channel in two], work)
    assert not set(heard(two[0])) & set(heard(two[1]))
    assert set(heard(two[0])) | set(heard(two[1])) == set(CONVERSATIONS)
    assert two[0].seen
    assert two[1].seen


def test_the_next_takes_them_when_nobody_listens(two: list[Channel]) -> None:
    (closed,) = free_ports(1)

    async def work(rasas: RasaReplicas) -> None:
        for conversation in CONVERSATIONS:
            await rasas.turn(conversation, text="hello")
        assert rasas.answering == 1
        assert await rasas.ready() == "a-model"

    run([two[0].url, f"http://127.0.0.1:{closed}"], work)
    assert heard(two[0]) == CONVERSATIONS


def test_the_next_takes_them_while_a_model_loads_and_they_come_back(two: list[Channel]) -> None:
    loading = first_of(two)
    answer, ready = loading.answer, loading.ready
    loading.answer, loading.ready = lambda turn: (STARTING, {}), lambda: (STARTING, {})

    async def work(rasas: RasaReplicas) -> None:
        await rasas.turn(CONVERSATIONS[0], text="hello")
        await rasas.turn(CONVERSATIONS[0], text="hello")
        assert len(loading.seen) == 1, "it is left out, not asked first each time"
        loading.answer, loading.ready = answer, ready
        for _ in range(50):
            await asyncio.sleep(0.1)
            if rasas.answering == 2:
                break
        await rasas.turn(CONVERSATIONS[0], text="hello")
        assert len(loading.seen) == 2

    run([channel.url for channel in two], work)


def test_only_who_has_answered_before_is_missed(two: list[Channel], caplog: pytest.LogCaptureFixture) -> None:
    loading = first_of(two)
    ready = loading.ready

    async def work(rasas: RasaReplicas) -> None:
        for does in (lambda: (STARTING, {}), ready, lambda: (STARTING, {})):
            loading.ready = does
            await rasas.ready()

    with caplog.at_level("INFO"):
        run([channel.url for channel in two], work)
    assert [(record.levelname, record.message) for record in caplog.records if loading.url in record.message] == [
        ("INFO", f"Rasa at {loading.url} does not answer yet."),
        ("INFO", f"Rasa at {loading.url} answers."),
        ("WARNING", f"Rasa at {loading.url} does not answer; others take its conversations."),
    ]


def test_a_turn_that_was_begun_is_not_begun_again(two: list[Channel]) -> None:
    broken = first_of(two)
    broken.answer = lambda turn: (503, {})

    async def work(rasas: RasaReplicas) -> None:
        with pytest.raises(RasaUnavailable):
            await rasas.turn(CONVERSATIONS[0], text="Jo")

    run([channel.url for channel in two], work)
    assert sum(len(channel.seen) for channel in two) == 1


def test_a_connection_that_breaks_and_the_next_is_told(two: list[Channel]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        breaking = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def hang_up() -> None:
            for _ in range(2):  # the turn, and the test message afterwards
                connection, _ = listener.accept()
                connection.recv(10_000)
                connection.close()

        ours = next(name for name in map(str, range(99)) if replicas.order(name, [two[0].url, breaking])[0] == breaking)

        async def work(rasas: RasaReplicas) -> None:
            hanging_up = asyncio.get_running_loop().run_in_executor(None, hang_up)
            await rasas.turn(ours, text="Jo", number=3)
            assert rasas.answering == 1
            await asyncio.wait_for(hanging_up, 10)

        run([two[0].url, breaking], work)
    assert [(turn["turn"], turn["again"]) for turn in two[0].seen] == [(3, True)]


def test_one_that_hangs_is_left_out_and_one_that_is_busy_is_not(two: list[Channel]) -> None:
    slow = two[0]
    slow.answer = slow.hang
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and answers nothing
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}"

        def one_of(url: str) -> str:
            names = map(str, range(99))
            return next(name for name in names if replicas.order(name, [slow.url, hanging])[0] == url)

        async def work(rasas: RasaReplicas) -> None:
            for url, patience, answering in ((slow.url, 0.5, 2), (hanging, 3.5, 1)):
                with pytest.raises(RasaUnavailable):
                    await rasas.turn(one_of(url), text="hello")
                await asyncio.sleep(patience)
                assert rasas.answering == answering

        run([slow.url, hanging], work)


def test_a_single_one_is_asked_whatever_happens(two: list[Channel]) -> None:
    two[0].ready = lambda: (STARTING, {})

    async def work(rasas: RasaReplicas) -> None:
        assert await rasas.ready() is None
        await rasas.turn(CONVERSATIONS[0], text="hello")

    run([two[0].url], work)
    assert len(two[0].seen) == 1
