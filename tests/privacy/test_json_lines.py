"""Logs as JSON: the same fields everywhere, with the id of the request, and as clean as the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from prp_guide import request_id
from prp_guide.home import PROJECT_ROOT

LOGGED = """
import logging
from prp_guide import request_id
from prp_guide.privacy import json_lines, logs
logging.basicConfig(level=logging.INFO)
logs.keep_clean("web")
log = logging.getLogger("a.name")
log.warning("Call %s", "310 555 0147")
request_id.begin("an-id-of-ours")
json_lines.event(log, "turn", seconds=0.25)
try:
    int("Zebulon Quatermass")
except ValueError:
    log.exception("It failed")
"""


def logged(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOGGED], cwd=PROJECT_ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stderr.splitlines()


def test_lines() -> None:
    first, turn, failed = map(json.loads, logged(PRP_LOGS="json"))
    assert first.pop("time").endswith("+00:00")
    assert first == {"level": "warning", "process": "web", "message": "Call [phone]", "logger": "a.name"}
    assert (turn["message"], turn["seconds"], turn["request"]) == ("turn", 0.25, "an-id-of-ours")
    assert failed["message"].startswith("It failed (ValueError at ")
    assert "Quatermass" not in json.dumps(failed)


def test_plain_lines_unless_asked_for() -> None:
    plain = logged(PRP_LOGS="")
    assert plain[0] == "WARNING:a.name:Call [phone]"
    assert len(plain) == 2, "no line for each request"


def test_ids() -> None:
    made = request_id.begin()
    assert made == request_id.current()
    assert made.isalpha(), "digits might be taken for somebody's number"
    assert request_id.begin("from-a-proxy-7") == "from-a-proxy-7"
    for bad in ("short", "x" * 65, "a line\nmore", "Zebulon Quatermass", ""):
        assert request_id.begin(bad) != bad
