"""docs/callbacks.md: its settings are those of the code, its examples work."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from prp_guide import clock
from prp_guide.delivery_settings import Chat, Deliveries, Email, Webhook
from prp_guide.frontdesk import letters, outbox
from prp_guide.frontdesk.attendance import URGENT_WAITS, WORKING_DAYS
from prp_guide.frontdesk.callback import Callback
from prp_guide.frontdesk.callbacks import MERGE_WITHIN
from prp_guide.frontdesk.letters import HEADLINES, Letter
from prp_guide.frontdesk.wire import CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS
from prp_guide.home import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "callbacks.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    assert found, title
    return found[1]


def table(title: str) -> dict[str, str]:
    """The first two columns of the table under `title`."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section(title), re.M)
    return dict(rows)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def default(field: Any) -> str:
    if field.required:
        return "must be there"
    value = field.default
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(
    ("title", "model"), [("deliveries", Deliveries), ("webhooks", Webhook), ("emails", Email), ("chats", Chat)]
)
def test_the_tables_of_settings_are_those_of_the_code(title: str, model: Any) -> None:
    assert table(title) == {name: default(field) for name, field in model.__fields__.items()}


def test_the_example_is_taken_by_the_code() -> None:
    (example,) = blocks("yaml")
    found = Deliveries.parse_obj(yaml.safe_load(example)["deliveries"])
    assert [type(receiver) for receiver in found.receivers] == [Webhook, Email, Chat]


def test_the_example_in_clinic_yml_is_too() -> None:
    text = (PROJECT_ROOT / "clinic.yml").read_text(encoding="utf-8")
    commented = re.search(r"^# deliveries:\n(?:# .*\n)+", text, re.M)
    assert commented
    plain = re.sub(r"^# ", "", commented[0], flags=re.M)
    found = Deliveries.parse_obj(yaml.safe_load(plain)["deliveries"])
    assert len(found.receivers) == 3


def test_events_are_those_of_the_code() -> None:
    named = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| (?:there|null)", PAGE, re.M))
    assert named == set(HEADLINES)


def example_letter() -> Letter:
    shown = json.loads(blocks("json")[0])
    asked = shown["request"]
    callback = Callback(
        id=1,
        reference=asked["reference"],
        created=datetime.fromisoformat(asked["created"]),
        name=asked["name"],
        phone=asked["phone"],
        best_time=asked["best_times"][0],
        topic=asked["topic"],
        note=asked["notes"][0],
        lang=asked["language"],
        voicemail_ok=asked["voicemail_ok"],
        priority=asked["priority"],
        status=asked["status"],
        due=datetime.fromisoformat(asked["due"]),
        source="form",
        consent="callback-1",
    )
    inbox = shown["link"].partition("/desk")[0]
    return Letter(shown["id"], shown["event"], datetime.fromisoformat(shown["at"]), callback, inbox)


def test_the_example_of_json_is_what_is_sent() -> None:
    assert json.loads(letters.webhook_body(example_letter())) == json.loads(blocks("json")[0])


def test_the_receivers_code_tells_ours_from_others() -> None:
    (code,) = blocks("python")
    names: dict[str, Any] = {}
    exec(compile(code, "docs/callbacks.md", "exec"), names)
    is_genuine = names["is_genuine"]
    letter = example_letter()
    body = letters.webhook_body(letter)
    now = clock.now()
    headers = letters.webhook_headers(letter, body, "shared", now)
    assert is_genuine(headers, body, "shared")
    assert not is_genuine(headers, body, "another")
    assert not is_genuine(headers, body + b" ", "shared")
    assert not is_genuine({**headers, "X-PRP-Timestamp": str(int(now.timestamp()) + 1)}, body, "shared")
    old = letters.webhook_headers(letter, body, "shared", now - timedelta(minutes=6))
    assert not is_genuine(old, body, "shared")


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"for {outbox.KEEP_TRYING // timedelta(hours=1)} hours" in PAGE
    assert f"not older than {MERGE_WITHIN // timedelta(hours=1)} hours" in PAGE.replace("\n", " ")
    assert f"after {outbox.FIRST_DELAY.seconds} seconds" in PAGE
    assert outbox.LONGEST_DELAY.total_seconds() == 3600
    assert f"still open after {URGENT_WAITS // timedelta(minutes=1)} minutes" in PAGE
    assert WORKING_DAYS == 2
    assert f"{CONNECT_SECONDS:g} seconds, each answer {READ_SECONDS:g}, and all together {WHOLE_SECONDS:g}" in PAGE
    assert f"for {outbox.LEASE.seconds} seconds at a time" in PAGE
    assert outbox.LEASE.total_seconds() >= 2 * WHOLE_SECONDS
