"""The hourly clearing runs with the web process and survives a bad hour."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from prp_guide.web import upkeep


def test_it_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    hours: list[int] = []

    def clear(_services: Any) -> None:
        hours.append(len(hours))
        if len(hours) == 1:
            raise OSError("the disk is full")

    monkeypatch.setattr(upkeep, "clear", clear)

    async def run() -> None:
        async with upkeep.upkeep(cast(Any, SimpleNamespace()), every=0.01):
            for _ in range(200):
                if len(hours) >= 3:
                    return
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert len(hours) >= 3
