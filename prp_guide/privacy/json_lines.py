"""Log lines as JSON, with PRP_LOGS=json: one object a line, the same fields in all three processes.

What a line says is clean already when it comes here (see logs.py).
"""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime, timezone

VARIABLE = "PRP_LOGS"
FIELDS = "fields"  # attribute of a record: what it says beside its words


def wanted() -> bool:
    """Whether lines are to be JSON."""
    return os.environ.get(VARIABLE, "").lower() == "json"


def line(process: str, level: str, message: str, **more: object) -> str:
    """One line, dated now."""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": level, "process": process, "message": message, **more}, ensure_ascii=False)


class JsonLines(logging.Formatter):
    """Writes records of the process called `process`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, FIELDS, None) or {})
        if request := getattr(record, "request", ""):
            fields["request"] = request
        return line(self._process, record.levelname.lower(), record.getMessage(), logger=record.name, **fields)


def use(process: str) -> None:
    """From now on every handler that this process has writes JSON."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))]
    for logger in loggers:
        for handler in logger.handlers:
            handler.setFormatter(JsonLines(process))


def event(log: logging.Logger, words: str, **fields: object) -> None:
    """A line about every request, which only those want who read lines by machine. No field holds a patient's words."""
    if wanted():
        log.info(words, extra={FIELDS: fields})
