"""Which of several processes a conversation belongs to, and where they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from prp_guide import replicas
from prp_guide.errors import SetupError
from prp_guide.home import Home

THREE = ("http://a:1", "http://b:1", "http://c:1")
CONVERSATIONS = [f"conversation-{number}" for number in range(3000)]


def test_conversations_spread_evenly_and_stay() -> None:
    first = [replicas.order(conversation, THREE)[0] for conversation in CONVERSATIONS]
    assert all(900 < count < 1100 for count in Counter(first).values())
    assert first == [replicas.order(conversation, reversed(THREE))[0] for conversation in CONVERSATIONS]


def test_none_moves_but_those_of_the_one_that_went() -> None:
    for conversation in CONVERSATIONS:
        before = replicas.order(conversation, THREE)
        after = replicas.order(conversation, THREE[:2])
        assert after == [name for name in before if name != THREE[2]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("http://127.0.0.1:5005",)),
        ("http://127.0.0.1:5005/", ("http://127.0.0.1:5005",)),
        ("http://127.0.0.1:5005, http://localhost:5006", ("http://127.0.0.1:5005", "http://localhost:5006")),
        ("http://127.0.0.1:1 http://127.0.0.1:1", ("http://127.0.0.1:1",)),
    ],
)
def test_addresses(text: str, expected: tuple[str, ...]) -> None:
    assert replicas.addresses(replicas.RASA, {replicas.RASA: text}) == expected


@pytest.mark.parametrize("text", ["127.0.0.1:5005", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port"])
def test_no_address(text: str) -> None:
    with pytest.raises(SetupError, match=r"which is no address\. Write http://127\.0\.0\.1:5055"):
        replicas.addresses(replicas.ACTIONS, {replicas.ACTIONS: f"http://127.0.0.1:5055,{text}"})


def test_another_machine_wants_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {replicas.RASA: "http://127.0.0.1:5005,http://rasa.clinic.lan:5005"}
    monkeypatch.delenv("PRP_SHARED_SECRET", raising=False)
    with pytest.raises(SetupError, match="PRP_SHARED_SECRET"):
        replicas.addresses(replicas.RASA, given)
    monkeypatch.setenv("PRP_SHARED_SECRET", "x" * 32)
    assert len(replicas.addresses(replicas.RASA, given)) == 2


def test_commands_in_another_terminal_know_where_they_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (replicas.RASA, "RASA_PORT"):
        monkeypatch.delenv(name, raising=False)
    home = Home(root=tmp_path, state=tmp_path / "var")
    assert replicas.running(home) == ("http://127.0.0.1:5005",)
    replicas.note_running(home, ["http://127.0.0.1:7001", "http://127.0.0.1:7002"])
    assert replicas.running(home) == ("http://127.0.0.1:7001", "http://127.0.0.1:7002")
    monkeypatch.setenv(replicas.RASA, "http://127.0.0.1:9")
    assert replicas.running(home) == ("http://127.0.0.1:9",)
