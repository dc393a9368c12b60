"""Addresses, ports and endpoints: what is refused before anything is started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from prp_guide import replicas
from prp_guide.errors import DataError, SetupError
from prp_guide.home import Home
from prp_guide.processes import Addresses, check_limits, endpoints_file, programs, single, write_endpoints
from tests.support.assistant import ROOT
from tests.support.machine import free_ports


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An installation with endpoints and a model, none of them real."""
    made = Home(root=tmp_path / "root", state=tmp_path / "state")
    made.models.mkdir(parents=True)
    made.state.mkdir()
    (made.root / "endpoints.yml").write_text(
        "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\nnlg:\n  type: some.Nlg\n"
    )
    (made.models / "prp-00000000.tar.gz").write_bytes(b"model")
    made.current_model_file.write_text("prp-00000000.tar.gz\n")
    return made


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Addresses("127.0.0.1", 8080, 5005, 5055, rasa=min(2, os.cpu_count() or 1))),
        ({"PORT": "", "HOST": "", "PRP_RASA": "1"}, Addresses("127.0.0.1", 8080, 5005, 5055)),
        (
            {"HOST": "0.0.0.0", "PORT": "80", "RASA_PORT": "1", "PRP_RASA": "1", "ACTIONS_PORT": "65535"},
            Addresses("0.0.0.0", 80, 1, 65535),
        ),
    ],
)
def test_addresses(given: dict[str, str], expected: Addresses) -> None:
    assert Addresses.from_env(given) == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PORT": "http"}, "PORT is 'http'.*PORT=8080"),
        ({"PORT": "0"}, "from 1 to 65535"),
        ({"RASA_PORT": "65536"}, "RASA_PORT is '65536'"),
        ({"ACTIONS_PORT": "-5"}, "ACTIONS_PORT is '-5'"),
        ({"PORT": "８０８０"}, "PORT is"),
        ({"PORT": "5005"}, "PORT and RASA_PORT are both 5005"),
    ],
)
def test_no_port(given: dict[str, str], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        Addresses.from_env(given)


@pytest.mark.parametrize(
    ("host", "local", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:8080"),
        ("localhost", True, "http://localhost:8080"),
        ("::1", True, "http://[::1]:8080"),
        ("0.0.0.0", False, "http://127.0.0.1:8080"),
        ("::", False, "http://[::1]:8080"),
        ("192.168.1.20", False, "http://192.168.1.20:8080"),
        ("clinic.example", False, "http://clinic.example:8080"),
    ],
)
def test_hosts(host: str, local: bool, url: str) -> None:
    addresses = Addresses(host)
    assert (addresses.local_only, addresses.url) == (local, url)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_taken_port_is_named_with_what_to_do(place: int) -> None:
    addresses = Addresses("127.0.0.1", *free_ports(3))
    addresses.check_free()
    variable, _, port = addresses.all()[place]
    with socket.create_server(("127.0.0.1", port)):
        sentence = rf"Port {port} on 127.0.0.1 is taken(?s:.*){variable}=\d+ make start"
        with pytest.raises(SetupError, match=sentence):
            addresses.check_free()
    addresses.check_free()


def test_a_port_taken_on_all_addresses_is_taken() -> None:
    addresses = Addresses("127.0.0.1", *free_ports(3))
    with socket.create_server(("0.0.0.0", addresses.port)), pytest.raises(SetupError, match="is taken"):
        addresses.check_free()


def test_a_host_that_is_not_this_machine() -> None:
    with pytest.raises(SetupError, match=r"HOST=192\.0\.2\.1 cannot be listened on"):
        Addresses("192.0.2.1", *free_ports(3)).check_free()


@pytest.mark.parametrize(
    ("host", "given", "limits"),
    [
        ("127.0.0.1", {}, True),
        ("0.0.0.0", {}, True),
        ("127.0.0.1", {"PRP_LIMITS": "off"}, False),
        ("localhost", {"PRP_LIMITS": "OFF"}, False),
    ],
)
def test_limits(host: str, given: dict[str, str], limits: bool) -> None:
    assert check_limits(Addresses(host), given) is limits


@pytest.mark.parametrize(
    ("host", "given", "words"),
    [("0.0.0.0", "off", "lets others in"), ("127.0.0.1", "no", "Write PRP_LIMITS=off")],
)
def test_limits_refused(host: str, given: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        check_limits(Addresses(host), {"PRP_LIMITS": given})


def test_endpoints_are_adapted_to_the_port(home: Home) -> None:
    write_endpoints(home, Addresses(actions_port=6000))
    assert endpoints_file(home) == home.state / "run" / "endpoints.yml"
    assert yaml.safe_load(endpoints_file(home).read_text()) == {
        "action_endpoint": {"url": "http://127.0.0.1:6000/webhook"},
        "nlg": {"type": "some.Nlg"},
    }
    write_endpoints(home, Addresses())
    assert endpoints_file(home) == home.root / "endpoints.yml"


@pytest.mark.parametrize("text", ["nlg: {}\n", "action_endpoint: http://x\n", "- 1\n"])
def test_endpoints_without_an_address(home: Home, text: str) -> None:
    (home.root / "endpoints.yml").write_text(text)
    with pytest.raises(DataError, match=r"no address of the action server\n +Add: action_endpoint"):
        write_endpoints(home, Addresses())


def test_how_each_process_is_started(home: Home) -> None:
    web, rasa, actions = programs(home, Addresses("0.0.0.0", 80, 6001, 6002))
    assert [program.name for program in (web, rasa, actions)] == ["web", "rasa", "actions"]
    assert web.command()[1:] == ["-m", "prp_guide.web"]
    assert {name: web.environment[name] for name in ("HOST", "PORT", "PRP_RASA_URL", "PRP_HOME")} == {
        "HOST": "0.0.0.0",
        "PORT": "80",
        "PRP_RASA_URL": "http://127.0.0.1:6001",
        "PRP_HOME": str(home.state),
    }
    command = list(rasa.command())
    assert command[command.index("--model") + 1] == str(home.models / "prp-00000000.tar.gz")
    assert command[command.index("-i") + 1] == "127.0.0.1"
    assert "--enable-api" not in command
    assert actions.environment["SANIC_HOST"] == "127.0.0.1"
    assert actions.command()[-1] == "6002"


def test_rasa_loads_the_model_that_is_chosen_when_it_starts(home: Home) -> None:
    _, rasa, _ = programs(home, Addresses())
    (home.models / "prp-11111111.tar.gz").write_bytes(b"newer")
    home.current_model_file.write_text("prp-11111111.tar.gz")
    assert str(home.models / "prp-11111111.tar.gz") in rasa.command()
    home.current_model_file.write_text("../escape.tar.gz")
    with pytest.raises(SetupError, match="Run: prp-guide train"):
        rasa.command()


def test_several_of_a_kind(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(replicas.RASA, raising=False)
    addresses = Addresses.from_env({"PRP_RASA": "2", "PRP_ACTIONS": "3", "RASA_PORT": "6001", "ACTIONS_PORT": "6003"})
    found = {program.name: program for program in programs(home, addresses)}
    assert list(found) == ["web", "rasa", "rasa-2", "actions", "actions-2", "actions-3"]
    assert found["web"].environment["PRP_RASA_URL"] == "http://127.0.0.1:6001,http://127.0.0.1:6002"
    assert found["rasa-2"].command()[-1] == "6002"
    actions = "http://127.0.0.1:6003,http://127.0.0.1:6004,http://127.0.0.1:6005"
    assert found["rasa-2"].environment["PRP_ACTIONS_URL"] == actions
    assert [found[name].command()[-1] for name in ("actions", "actions-2", "actions-3")] == ["6003", "6004", "6005"]
    assert found["actions-3"].environment["SANIC_HOST"] == "127.0.0.1"
    assert replicas.running(home) == ("http://127.0.0.1:6001", "http://127.0.0.1:6002")
    assert [port for _, _, port in addresses.all()] == [8080, 6001, 6002, 6003, 6004, 6005]


def test_one_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(replicas.RASA, "http://127.0.0.1:1")
    addresses = Addresses("127.0.0.1", 80, 6001, 6002)
    web, rasa, actions = (single(home, addresses, kind) for kind in ("web", "rasa", "actions"))
    assert web.command()[1:] == ["-m", "prp_guide.web"]
    assert web.environment[replicas.RASA] == "http://127.0.0.1:1", "as it was set, for others run elsewhere"
    assert list(rasa.command())[-4:] == ["-i", "127.0.0.1", "-p", "6001"]
    assert actions.environment["SANIC_HOST"] == "127.0.0.1"
    assert not (home.state / "run" / "rasa-urls").exists()


def test_one_alone_that_others_can_reach(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRP_SHARED_SECRET", raising=False)
    for kind in ("rasa", "actions"):
        with pytest.raises(SetupError, match=rf"lets others speak to {kind}\. Set PRP_SHARED_SECRET"):
            single(home, Addresses("0.0.0.0"), kind)
    assert single(home, Addresses("0.0.0.0"), "web").name == "web"
    monkeypatch.setenv("PRP_SHARED_SECRET", "x" * 32)
    assert single(home, Addresses("0.0.0.0"), "actions").environment["SANIC_HOST"] == "0.0.0.0"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PRP_RASA": "0"}, "PRP_RASA is '0'. Write how many are to run, from 1 to 16: PRP_RASA=2"),
        ({"PRP_ACTIONS": "two"}, "PRP_ACTIONS is 'two'"),
        ({"PRP_RASA": "17"}, "PRP_RASA is '17'"),
        ({"PRP_RASA": "2", "ACTIONS_PORT": "5006"}, "RASA_PORT and ACTIONS_PORT are both 5006"),
        ({"RASA_PORT": "65535", "PRP_RASA": "2"}, "RASA_PORT is 65536 for the last"),
    ],
)
def test_no_number_of_them(given: dict[str, str], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        Addresses.from_env(given)


def test_start_with_a_taken_port_starts_nothing(tmp_path: Path) -> None:
    ports = free_ports(3)
    with socket.create_server(("127.0.0.1", ports[1])):
        done = _start(tmp_path, ports)
    assert done.returncode == 2
    assert f"Port {ports[1]} on 127.0.0.1 is taken" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "prp-guide.db").exists()


def test_start_with_a_broken_file_starts_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "clinic.yml").write_text("name: The Clinic\ntime_zone: America/Los_Angeles\n")
    done = _start(tmp_path / "state", free_ports(3), PRP_ROOT=str(root))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"{root}/clinic.yml:1: 'phone' is missing\n    Add a line: phone: ...\n"


def _start(state: Path, ports: list[int], **more: str) -> subprocess.CompletedProcess[str]:
    named = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, ports), strict=True))
    return subprocess.run(
        [sys.executable, "-m", "prp_guide", "start"],
        cwd=ROOT,
        env={**os.environ, "PRP_HOME": str(state), "PRP_RASA": "1", **named, **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
