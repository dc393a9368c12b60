"""Plain `rasa` commands work at the project's root, and Rasa does not run with parts that are not ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.model import current
from tests.support.assistant import Assistant
from tests.support.machine import free_ports


@pytest.fixture(scope="module")
def model(assistant: Assistant) -> Path:
    """The trained model that the running assistant uses."""
    found = current(Home(root=PROJECT_ROOT, state=assistant.home))
    assert found is not None
    return found


def rasa(home: Path, *arguments: str, typed: str = "", seconds: int = 240) -> subprocess.CompletedProcess[str]:
    """`rasa` with `arguments` at the root, `typed` on its standard input."""
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rasa", *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **quiet, "PRP_HOME": str(home)},
        input=typed,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_data_validate_finds_nothing(assistant: Assistant) -> None:
    done = rasa(assistant.home, "data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_test_nlu_reads_our_phrases(assistant: Assistant, model: Path, tmp_path: Path) -> None:
    phrases, out = tmp_path / "phrases", tmp_path / "out"
    phrases.mkdir()
    for topic in ("washing", "sun"):  # Rasa judges intents from two on
        shutil.copy(PROJECT_ROOT / "data" / "phrases" / "es" / f"{topic}.yml", phrases)
    arguments = ("--nlu", str(phrases), "--model", str(model), "--out", str(out), "--no-plot")
    done = rasa(assistant.home, "test", "nlu", *arguments)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((out / "intent_report.json").read_text())
    assert report["ask_washing"]["support"] > 30
    assert report["ask_washing"]["recall"] > 0.8


def test_shell_answers_in_plain_text(assistant: Assistant, model: Path) -> None:
    port, actions = free_ports(2)
    endpoints = yaml.safe_load((PROJECT_ROOT / "endpoints.yml").read_text())
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{actions}/webhook"
    file = assistant.home / "shell-endpoints.yml"
    file.write_text(yaml.safe_dump(endpoints))
    typed = "when can i wash my hair\n/stop\n"
    arguments = ("shell", "--model", str(model), "--endpoints", str(file), "--port", str(port))
    done = rasa(assistant.home, *arguments, typed=typed)
    assert "Wait 48 hours" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("missing", "says"),
    [("tracker_store", "The tracker store is not prp_guide's"), ("nlg", "Replies do not come from data/topics")],
)
def test_rasa_ends_when_a_part_is_not_ours(
    assistant: Assistant, model: Path, tmp_path: Path, missing: str, says: str
) -> None:
    endpoints = yaml.safe_load((PROJECT_ROOT / "endpoints.yml").read_text())
    del endpoints[missing]
    file = tmp_path / "endpoints.yml"
    file.write_text(yaml.safe_dump(endpoints))
    (port,) = free_ports(1)
    arguments = ("run", "--model", str(model), "--endpoints", str(file), "-i", "127.0.0.1", "--port", str(port))
    done = rasa(assistant.home, *arguments, seconds=120)
    assert done.returncode == 3, done.stderr[-2000:]
    assert says in done.stdout + done.stderr
