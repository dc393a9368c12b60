"""The three real processes: where they listen, and that each comes back."""

from __future__ import annotations

import os
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from prp_guide.ready import ask
from tests.support.assistant import PROCESSES, Assistant
from tests.support.machine import alive, any_alive
from tests.support.waiting import wait_for


def test_it_says_where_to_go(assistant: Assistant) -> None:
    assert f"Chat page   {assistant.base_url}/" in assistant.output
    assert f"Inbox       {assistant.base_url}/desk/sign-in#" in assistant.output
    assert "MB of memory" in assistant.output
    assert "Rate limits are off" in assistant.output
    for name in PROCESSES:
        assert (assistant.home / "logs" / f"{name}.log").exists()


def test_nothing_alarms_at_a_start_that_goes_well(assistant: Assistant) -> None:
    lines = assistant.output.partition("PRP Guide answers")[0].splitlines()
    # The action server's library is imported before anything of ours: what it warns of remains.
    told = [line for line in lines if not line.startswith("actions")]
    assert any(line.startswith("rasa ") for line in told)
    assert not [line for line in told if "DeprecationWarning" in line or "alembic" in line or "not answer;" in line]


def test_each_process_listens_on_loopback_only(assistant: Assistant) -> None:
    own = _address_of_this_machine()
    for url in (assistant.base_url, assistant.rasa_url, assistant.actions_url):
        port = urlsplit(url).port
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        if own:
            with socket.socket() as caller:
                caller.settimeout(2)
                assert caller.connect_ex((own, port)) != 0, f"{url} can be reached from outside"


@pytest.mark.parametrize("path", ["/model/parse", "/conversations/x/tracker", "/model", "/domain"])
def test_rasas_own_api_is_closed(assistant: Assistant, path: str) -> None:
    with (
        pytest.raises(urllib.error.HTTPError) as refused,
        urllib.request.urlopen(assistant.rasa_url + path, timeout=10),
    ):
        pass
    refused.value.close()
    assert refused.value.code == 404


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_comes_back(assistant: Assistant, name: str) -> None:
    before = assistant.pids()
    os.kill(before[name], signal.SIGKILL)
    wait_for(
        lambda: assistant.pids().get(name, before[name]) != before[name], f"{name} to be started again", seconds=60
    )
    others = {other: pid for other, pid in assistant.pids().items() if other != name}
    assert others == {other: pid for other, pid in before.items() if other != name}
    wait_for(lambda: _answers(assistant), "an answer", seconds=120, every=0.5)
    assert f"{name:<7} | was ended by SIGKILL; starting again in " in assistant.output


def test_a_second_one_on_the_same_folder_is_refused(assistant: Assistant) -> None:
    with pytest.raises(AssertionError, match="PRP Guide is running already on"):
        assistant.command("start")
    assert set(assistant.pids()) == set(PROCESSES)


def test_ctrl_c_leaves_none_and_frees_the_ports(tmp_path: Path) -> None:
    other = Assistant(tmp_path / "home")
    other.start()
    pids = list(other.pids().values())
    assert any_alive(pids) == pids
    assert other.stop() == 0
    assert any_alive(pids) == []
    assert not alive(other.supervisor_pid)
    assert other.output.endswith("Stopped.\n")
    for url in (other.base_url, other.rasa_url, other.actions_url):
        with socket.socket() as caller:
            assert caller.connect_ex(("127.0.0.1", urlsplit(url).port)) != 0


def _answers(assistant: Assistant) -> bool:
    try:
        return "answer" in ask(assistant.base_url, "What is PRP?")
    except (OSError, ValueError):
        return False


def _address_of_this_machine() -> str | None:
    """An address of this machine that is not loopback, if it has one. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found = str(probe.getsockname()[0])
    return None if found.startswith("127.") else found
