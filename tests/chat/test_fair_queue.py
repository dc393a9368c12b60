"""The queue before Rasa: who asks much waits behind themselves, not before others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from prp_guide.chat.fair_queue import FairQueue, QueueFull

Work = Callable[[], Coroutine[Any, Any, None]]


def run(work: Work) -> None:
    asyncio.run(asyncio.wait_for(work(), 10))


def test_callers_are_taken_in_turn() -> None:
    async def work() -> None:
        queue, order = FairQueue(at_once=1), []

        async def visit(name: str) -> None:
            async with queue.place(name[0]):
                order.append(name)
                await asyncio.sleep(0)

        await asyncio.gather(*map(visit, ["a1", "a2", "a3", "a4", "b1", "c1", "b2"]))
        assert order == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]
        assert queue.waiting == 0

    run(work)


def test_so_many_at_once_and_no_more() -> None:
    async def work() -> None:
        queue, here, most = FairQueue(at_once=3), 0, 0

        async def visit(number: int) -> None:
            nonlocal here, most
            async with queue.place(str(number % 4)):
                here += 1
                most = max(most, here)
                await asyncio.sleep(0.001)
                here -= 1

        await asyncio.gather(*map(visit, range(60)))
        assert (here, most) == (0, 3)

    run(work)


def test_a_line_has_an_end() -> None:
    async def work() -> None:
        queue = FairQueue(at_once=1, most_of_one=2, most=3)
        async with queue.place("a"):
            waiting = [asyncio.create_task(visit(queue, name)) for name in ("a", "a", "b")]
            await asyncio.sleep(0)
            for name in ("a", "b", "c"):
                with pytest.raises(QueueFull):
                    await visit(queue, name)
        await asyncio.gather(*waiting)
        assert queue.waiting == 0

    run(work)


async def visit(queue: FairQueue, name: str) -> None:
    async with queue.place(name):
        await asyncio.sleep(0)


@pytest.mark.parametrize("late", [False, True])
def test_who_gives_up_takes_no_place_along(late: bool) -> None:
    """Also in the moment in which it is called."""

    async def work() -> None:
        queue = FairQueue(at_once=1)
        async with queue.place("a"):
            gone = asyncio.create_task(visit(queue, "b"))
            await asyncio.sleep(0)
            if not late:
                gone.cancel()
        if late:
            gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        await asyncio.wait_for(visit(queue, "c"), 1)
        assert queue.waiting == 0

    run(work)


def test_a_fault_inside_gives_the_place_back() -> None:
    async def work() -> None:
        queue = FairQueue(at_once=1)
        with pytest.raises(ValueError):
            async with queue.place("a"):
                raise ValueError
        await asyncio.wait_for(visit(queue, "b"), 1)

    run(work)
