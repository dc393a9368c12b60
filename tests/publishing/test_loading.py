"""A model goes into every Rasa that runs, or into none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from prp_guide import replicas
from prp_guide.errors import PublishError
from prp_guide.home import Home
from prp_guide.publishing.publish import _catch_up, _load
from tests.support.machine import free_ports
from tests.web.web_process import Channel, running_channel


class Rasa:
    """What a channel answers for a Rasa that has `model` in use, and does not load those of `refuses`."""

    def __init__(self, channel: Channel, *, refuses: str = "") -> None:
        self.channel, self.model, self._refuses = channel, "old.tar.gz", refuses
        channel.answer, channel.ready = self._load, lambda: (200, {"model": self.model})

    def _load(self, body: dict[str, Any]) -> tuple[int, Any]:
        name = Path(body["path"]).name
        if name == self._refuses:
            return 422, {}
        self.model = name
        return 200, {"model": name}


@pytest.fixture
def channels() -> Iterator[list[Channel]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running_channel()) for _ in range(2)]


@pytest.fixture
def home(tmp_path: Path, channels: list[Channel], monkeypatch: pytest.MonkeyPatch) -> Home:
    """Two Rasas run, and a third is configured that does not; old.tar.gz is in use."""
    (closed,) = free_ports(1)
    urls = [*(channel.url for channel in channels), f"http://127.0.0.1:{closed}"]
    monkeypatch.setenv(replicas.RASA, ",".join(urls))
    made = Home(root=tmp_path, state=tmp_path / "var")
    made.models.mkdir()
    made.state.mkdir()
    (made.models / "old.tar.gz").write_bytes(b"model")
    made.current_model_file.write_text("old.tar.gz")
    return made


def test_into_all_that_run(home: Home, channels: list[Channel]) -> None:
    rasas = [Rasa(channel) for channel in channels]
    assert _load(home, home.models / "new.tar.gz")
    assert [rasa.model for rasa in rasas] == ["new.tar.gz"] * 2


def test_into_none_when_one_refuses(home: Home, channels: list[Channel]) -> None:
    rasas = [Rasa(channels[0]), Rasa(channels[1], refuses="new.tar.gz")]
    with pytest.raises(PublishError, match="did not load the model"):
        _load(home, home.models / "new.tar.gz")
    assert [rasa.model for rasa in rasas] == ["old.tar.gz"] * 2


def test_no_rasa_runs(home: Home, channels: list[Channel], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(replicas.RASA, f"http://127.0.0.1:{free_ports(1)[0]}")
    assert not _load(home, home.models / "new.tar.gz")


def test_one_that_was_starting_catches_up(home: Home, channels: list[Channel]) -> None:
    rasas = [Rasa(channel) for channel in channels]
    rasas[0].model = "new.tar.gz"
    _catch_up(home, home.models / "new.tar.gz")
    assert [rasa.model for rasa in rasas] == ["new.tar.gz"] * 2
    assert rasas[0].channel.seen == [], "it has it already"
