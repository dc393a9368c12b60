"""Figures for Prometheus: none unless asked for, on loopback, and a clear sentence for a bad port."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from prp_guide import metrics
from prp_guide.errors import SetupError
from prp_guide.home import PROJECT_ROOT
from tests.support.machine import free_ports

SERVED = """
import urllib.request
from prp_guide import metrics
metrics.serve("web", watched={"turns_waiting": lambda: 3})
metrics.count("turns", kind="answer")
metrics.count("conversations_moved")
with metrics.timed("turn"):
    pass
print(urllib.request.urlopen("http://127.0.0.1:%d/metrics").read().decode())
"""


def test_what_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv(metrics.PORT, str(port))
    monkeypatch.delenv(metrics.HOST, raising=False)
    done = subprocess.run(
        [sys.executable, "-c", SERVED % port], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    for line in (
        'prp_turns_total{kind="answer"} 1.0',
        "prp_conversations_moved_total 1.0",
        "prp_turn_seconds_count 1.0",
        "prp_turns_waiting 3.0",
        'prp_process_info{process="web"} 1.0',
    ):
        assert line in done.stdout


def test_nothing_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(metrics.PORT, raising=False)
    metrics.serve("web")
    metrics.count("turns", kind="answer")
    metrics.observe("turn", 1.0)
    assert "prometheus_client" not in sys.modules


def test_a_bad_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.PORT, "many")
    with pytest.raises(SetupError, match=r"PRP_METRICS_PORT is 'many'\. Write a port"):
        metrics.serve("web")


def test_a_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        script = "from prp_guide import metrics; metrics.serve('web')"
        monkeypatch.setenv(metrics.PORT, port)
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert f"PRP_METRICS_PORT={port} on 127.0.0.1 cannot be listened on" in done.stderr
