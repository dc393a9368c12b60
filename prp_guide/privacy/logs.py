"""Logs without patients: each of the three processes calls `keep_clean` before it serves anybody.

A line keeps what happened and where. What an exception says may be what a patient typed, so of an exception its kind
and its places stay; the rest of a line is redacted and stays one line. The supervisor redacts once more what comes
from a process that did not get so far.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

from prp_guide import request_id
from prp_guide.privacy import json_lines
from prp_guide.privacy.redaction import redact

LONGEST = 4000
# Of Rasa's structured lines. Others carry messages, slots, and tracebacks with local variables.
PUBLIC_KEYS = ("event", "event_info", "event_key", "level", "url", "filename", "action", "model", "key")
_PLACE = re.compile(r'^\s*File "[^"]*", line \d+, in \S+', re.MULTILINE)
_KIND = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?=:|$)", re.MULTILINE)
_BEGUN = "Traceback (most recent call last)"


def keep_clean(process: str = "") -> None:
    """From now on no line of this process's loggers holds what a person typed, nor do its last words.

    With PRP_LOGS=json the lines become JSON, in which the process is called `process`.
    """
    logging.setLogRecordFactory(_record)
    if process and json_lines.wanted():
        json_lines.use(process)
    sys.excepthook = _last_words
    threading.excepthook = lambda fault: _last_words(fault.exc_type, fault.exc_value, fault.exc_traceback)


def clean(line: str) -> str:
    """`line` as it may be logged: redacted, with no private value of Rasa's and no exception's message, in one line."""
    if line.startswith("{") and (structured := _structured(line)) is not None:
        line = structured
    if _BEGUN in line:
        before, _, told = line.partition(_BEGUN)
        line = (
            f"{before} {' '.join(_KIND.findall(told))} at {' < '.join(map(str.strip, reversed(_PLACE.findall(told))))}"
        )
    return redact(" ".join(line.split())[:LONGEST])


def places(fault: BaseException) -> str:
    """What kind of exception `fault` is and where it was raised, without a word of its message."""
    frames = reversed(traceback.extract_tb(fault.__traceback__))
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(fault).__qualname__} at {where or 'an unknown place'}"


def _record(*given: Any, **more: Any) -> logging.LogRecord:
    record = logging.LogRecord(*given, **more)
    try:
        record.msg = clean(record.getMessage())
    except Exception:  # a line that cannot be put together must not take anything down
        record.msg = f"a line of {record.name} that cannot be read"
    record.args = ()
    record.request = request_id.current()
    if record.exc_info and record.exc_info[1] is not None:
        record.msg += f" ({places(record.exc_info[1])})"
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _structured(line: str) -> str | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return json.dumps({name: value for name, value in fields.items() if name in PUBLIC_KEYS}, ensure_ascii=False)


def _last_words(_kind: type[BaseException], fault: BaseException | None, _trace: TracebackType | None) -> None:
    if fault is not None and not isinstance(fault, KeyboardInterrupt):
        print(f"Unexpected {places(fault)}", file=sys.stderr, flush=True)
