"""Several action servers, real HTTP: a conversation stays with one, and goes to the next when that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import aiohttp
import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from prp_guide import request_id
from prp_guide.rasa_parts import action_servers
from prp_guide.rasa_parts.action_servers import ActionServers
from tests.support.machine import free_ports
from tests.web.web_process import Channel, running_channel

GIVEN = EndpointConfig("http://127.0.0.1:1/webhook", headers={"Authorization": "Bearer shared"})


@pytest.fixture
def two() -> Iterator[list[Channel]]:
    with ExitStack() as stack:
        made = [stack.enter_context(running_channel()) for _ in range(2)]
        for one in made:
            one.answer = lambda call: (200, {"events": [], "responses": []})
        yield made


def call(servers: ActionServers, *conversations: str) -> None:
    async def work() -> None:
        request_id.begin("request-one")
        for conversation in conversations:
            body: dict[str, Any] = {"sender_id": conversation}
            assert await servers.request(json=body, method="post", subpath="") == {"events": [], "responses": []}

    asyncio.run(work())


def test_each_conversation_stays(two: list[Channel]) -> None:
    servers = ActionServers(GIVEN, [one.url for one in two])
    call(servers, *[f"c{number}" for number in range(20)] * 2)
    first, second = ({seen["sender_id"] for seen in one.seen} for one in two)
    assert first
    assert second
    assert not first & second
    assert two[0].secrets_seen == {"Bearer shared"}


def test_the_next_one_is_asked(two: list[Channel]) -> None:
    (closed,) = free_ports(1)
    servers = ActionServers(GIVEN, [two[0].url, f"http://127.0.0.1:{closed}"])
    call(servers, *(f"c{number}" for number in range(10)))
    assert len(two[0].seen) == 10


def test_one_that_hangs(two: list[Channel], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_servers, "PATIENCE", 0.5)
    two[0].answer = two[0].hang
    servers = ActionServers(GIVEN, [one.url for one in two])
    call(servers, *(f"c{number}" for number in range(10)))
    assert len(two[0].seen) == 1, "then it is asked last"
    assert len(two[1].seen) == 10


def test_none_answers_or_one_refuses(two: list[Channel]) -> None:
    closed = [f"http://127.0.0.1:{port}" for port in free_ports(2)]
    with pytest.raises(aiohttp.ClientConnectionError):
        call(ActionServers(GIVEN, closed), "c")
    two[0].answer = two[1].answer = lambda call: (500, {"error": "The action failed."})
    with pytest.raises(ClientResponseError):
        call(ActionServers(GIVEN, [one.url for one in two]), "c")
    assert len(two[0].seen) + len(two[1].seen) == 1, "what an action refuses, the next one would refuse"
