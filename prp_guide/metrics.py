"""Figures for Prometheus, from each process on a port of its own, when PRP_METRICS_PORT names one; else nothing.

They count what happened and how long it took. No label holds anything of a patient's, and each has few values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from prp_guide.errors import SetupError

PORT, HOST = "PRP_METRICS_PORT", "PRP_METRICS_HOST"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds: 8 are the longest that a patient waits

COUNTED = {
    "requests": ("Requests to the web process", ("handler", "method", "status")),
    "turns": ("Patients' turns, by the kind of the reply; error is the phone number and the plain form", ("kind",)),
    "deliveries": ("Deliveries that were tried", ("receiver", "outcome")),
    "callbacks": ("Callback requests that were stored, merged ones apart", ("source", "how")),
    "rasa_turns": ("Turns that Rasa heard", ("outcome",)),
    "conversations_moved": ("Conversations that another Rasa had had meanwhile", ()),
    "action_servers_away": ("Calls to an action server that did not answer", ()),
    "redis_away": ("Times that Redis was given up for a while", ()),
    "actions": ("Calls of the action server", ("status",)),
}
TIMED = {
    "request": ("How long requests to the web process took", ("handler",)),
    "turn": ("How long patients waited for a reply", ()),
    "rasa_turn": ("How long Rasa took for a turn", ()),
    "action": ("How long an action took", ()),
}
WATCHED = {
    "turns_waiting": "Turns that wait in line for Rasa",
    "rasas_answering": "Rasas that answer",
    "rasas": "Rasas that are configured",
}

_counters: dict[str, Any] = {}
_histograms: dict[str, Any] = {}
_gauges: dict[str, Any] = {}


def serve(process: str, *, watched: dict[str, Callable[[], float]] | None = None) -> None:
    """Offer this process's figures where PRP_METRICS_PORT says; nothing where it is not set. Raises SetupError."""
    text = os.environ.get(PORT)
    if not text:
        return
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise SetupError(f"{PORT} is {text!r}. Write a port, such as {PORT}=9400, or leave it out.")
    import prometheus_client  # of no use where nobody asks

    if not _counters:
        for name, (about, labels) in COUNTED.items():
            _counters[name] = prometheus_client.Counter(f"prp_{name}", about, labels)
        for name, (about, labels) in TIMED.items():
            _histograms[name] = prometheus_client.Histogram(f"prp_{name}_seconds", about, labels, buckets=BUCKETS)
        prometheus_client.Info("prp_process", "Which process this is").info({"process": process})
    for name, look in (watched or {}).items():
        if name not in _gauges:
            _gauges[name] = prometheus_client.Gauge(f"prp_{name}", WATCHED[name])
        _gauges[name].set_function(look)
    host = os.environ.get(HOST) or "127.0.0.1"
    try:
        prometheus_client.start_http_server(int(text), addr=host)
    except OSError as fault:
        raise SetupError(f"{PORT}={text} on {host} cannot be listened on: {fault.strerror}.") from None


def count(name: str, **labels: str) -> None:
    """One more of the `COUNTED`."""
    if (found := _counters.get(name)) is not None:
        (found.labels(**labels) if labels else found).inc()


def observe(name: str, seconds: float, **labels: str) -> None:
    """So long took one of the `TIMED`."""
    if (found := _histograms.get(name)) is not None:
        (found.labels(**labels) if labels else found).observe(seconds)


@contextmanager
def timed(name: str, **labels: str) -> Iterator[None]:
    """Time the block as one of the `TIMED`."""
    began = perf_counter()
    try:
        yield
    finally:
        observe(name, perf_counter() - began, **labels)
