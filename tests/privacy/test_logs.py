"""Log lines: what happened and where, and no word of what somebody typed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from prp_guide.home import PROJECT_ROOT
from prp_guide.privacy.logs import clean, places

SECRET = "Zebulon Quatermass"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("A turn was answered without Rasa.", "A turn was answered without Rasa."),
        ("call 310 555 0147 failed", "call [phone] failed"),
        ("two\nlines\r\nof one", "two lines of one"),
        ("Access log: head 7:" + "0a" * 32, "Access log: head 7:" + "0a" * 32),
        ("2026-11-23 15:39:22 INFO on http://127.0.0.1:42205", "2026-11-23 15:39:22 INFO on http://127.0.0.1:42205"),
    ],
)
def test_a_line(line: str, kept: str) -> None:
    assert clean(line) == kept


def test_hashes_stay() -> None:
    for number in range(300):
        line = f"Access log: head {number}:{hashlib.sha256(str(number).encode()).hexdigest()}"
        assert clean(line) == line


def test_a_structured_line_of_rasa_keeps_what_happened() -> None:
    line = {"event": "processor.message.parse", "level": "error", "text": SECRET, "parse_data_text": SECRET}
    line["exception"] = json.dumps([{"locals": {"text": SECRET}}])
    assert json.loads(clean(json.dumps(line))) == {"event": "processor.message.parse", "level": "error"}


def test_a_traceback_keeps_kinds_and_places() -> None:
    told = f'It failed: Traceback (most recent call last):\n  File "/a/b.py", line 3, in go\n    say("{SECRET}")\n'
    told += f"rasa.utils.endpoints.ClientResponseError: 500, {SECRET}\n"
    kept = clean(told)
    assert SECRET not in kept
    assert "rasa.utils.endpoints.ClientResponseError" in kept
    assert '"/a/b.py", line 3, in go' in kept


def test_places() -> None:
    try:
        int(SECRET)
    except ValueError as fault:
        told = places(fault)
    assert told.startswith("ValueError at ")
    assert "test_logs.py" in told
    assert SECRET not in told


SPEAKS = f"""
import logging, sys, threading
from prp_guide.privacy import logs
logging.basicConfig(level=logging.DEBUG)
logs.keep_clean()
log = logging.getLogger("a.b")
log.info("said %s", "my name is {SECRET}")
try:
    raise ValueError("{SECRET}")
except ValueError:
    log.exception("It failed")
log.info("%d", "no number")
def fail():
    raise KeyError("{SECRET}")
thread = threading.Thread(target=fail); thread.start(); thread.join()
raise RuntimeError("{SECRET}")
"""


def test_a_process_and_its_last_words() -> None:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run([sys.executable, "-c", SPEAKS], capture_output=True, text=True, env=environment, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert SECRET not in said
    for kept in (
        "said my name is [name]",
        "It failed (ValueError at",
        "Unexpected KeyError at",
        "Unexpected RuntimeError at",
    ):
        assert kept in said
