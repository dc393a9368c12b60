"""Sample requests for `prp-guide demo`: marked, of no patient, delivered to nobody, and removed together."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callback_events, callbacks, hold, stamp
from prp_guide.frontdesk.callback import DONE, NORMAL, OPEN, URGENT
from prp_guide.frontdesk.callbacks import free_reference
from prp_guide.frontdesk.consent import CONSENT
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.yaml_file import Strict, read

DONE_OF_THEM, URGENT_OF_THEM, TRIED_OF_THEM, LATE_OF_THEM = 14, 2, 4, 4


class Samples(Strict):
    """data/samples.yml: one request for each of `people`; the rest is dealt out to them."""

    people: tuple[str, ...]
    best_times: tuple[str, ...]
    topics: tuple[str, ...]
    urgent_topic: str
    notes: tuple[str, ...]
    staff: tuple[str, ...]
    staff_notes: tuple[str, ...]


@dataclass
class _Story:
    """What happened to a request, for its history."""

    row: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, at: datetime, actor: str, event: str, detail: str | None = None) -> None:
        self.events.append({"at": stamp(at), "actor": actor, "event": event, "detail": detail})


def load_samples(path: Path) -> Samples:
    """The samples of the file at `path`. Raises DataError."""
    return read(path, Samples)


def add_samples(engine: sa.engine.Engine, hours: OpeningHours, samples: Samples) -> int:
    """Add a request for each of the people, unless there are samples already; returns how many were added."""
    now = clock.now()
    with engine.begin() as connection:
        hold(connection, "callbacks")
        if connection.execute(sa.select(callbacks.c.id).where(callbacks.c.sample).limit(1)).first():
            return 0
        stories = _stories(samples, hours, now)
        for story in stories:
            made = connection.execute(callbacks.insert().values(**story.row, reference=free_reference(connection)))
            number = int(made.inserted_primary_key[0])
            connection.execute(callback_events.insert(), [{"callback": number, **event} for event in story.events])
    return len(stories)


def remove_samples(engine: sa.engine.Engine) -> int:
    """Remove every sample request, its history and drafts; returns how many there were."""
    with engine.begin() as connection:
        return int(connection.execute(callbacks.delete().where(callbacks.c.sample)).rowcount)


def _in_time(hours: OpeningHours, now: datetime, age: timedelta) -> datetime:
    """When a request came that is at most `age` old and still to be called in time, at whatever hour it is now."""
    while (due := hours.due(now - age, NORMAL)) and due <= now and age > timedelta(minutes=1):
        age /= 2
    return now - age


def _stories(samples: Samples, hours: OpeningHours, now: datetime) -> list[_Story]:
    dice = random.Random(7)  # noqa: S311 (the same samples every time)
    stories = []
    for number, name in enumerate(samples.people):
        done = number < DONE_OF_THEM
        urgent = DONE_OF_THEM <= number < DONE_OF_THEM + URGENT_OF_THEM
        tried = DONE_OF_THEM + URGENT_OF_THEM <= number < DONE_OF_THEM + URGENT_OF_THEM + TRIED_OF_THEM
        if done:
            created = now - timedelta(days=dice.uniform(2, 28))
        elif urgent:
            created = now - timedelta(minutes=dice.uniform(5, 45))
        elif number >= len(samples.people) - LATE_OF_THEM:
            created = now - timedelta(days=dice.uniform(5, 6))
        else:
            created = _in_time(hours, now, timedelta(hours=dice.uniform(0.3, 40)))
        priority = URGENT if urgent else NORMAL
        due = hours.due(created, priority)
        spanish = not urgent and dice.random() < 0.2
        best_times = ("any time",) if urgent else samples.best_times[:-1]
        row: dict[str, Any] = {
            "created": stamp(created),
            "name": name,
            "phone": f"+13105550{100 + number}",
            "best_time": samples.best_times[-1] if spanish else dice.choice(best_times),
            "topic": samples.urgent_topic if urgent else dice.choice(samples.topics),
            "note": dice.choice(samples.notes) if dice.random() < 0.3 else None,
            "lang": "es" if spanish else "en",
            "voicemail_ok": dice.choice((True, True, False, None)),
            "priority": priority,
            "status": DONE if done else OPEN,
            "due": stamp(due) if due else None,
            "source": dice.choice(("chat", "chat", "form")),
            "consent": CONSENT.version,
            "idempotency_key": f"sample-{secrets.token_hex(12)}",
            "fingerprint": "sample",
            "sample": True,
        }
        story = _Story(row)
        story.tell(created, "patient", "created", str(row["source"]))
        who = dice.choice(samples.staff)
        if done:
            called = created + timedelta(hours=dice.uniform(0.5, 20))
            story.row["outcome"] = dice.choice(("reached", "reached", "booked", "wrong_number"))
            story.tell(called, who, "claimed")
            story.tell(called + timedelta(minutes=3), who, "noted", dice.choice(samples.staff_notes))
            story.tell(called + timedelta(minutes=4), who, str(story.row["outcome"]))
        elif tried:
            again = now + timedelta(hours=dice.uniform(0.5, 5))
            called = max(created, now - timedelta(minutes=20))
            story.row.update(outcome="no_answer", attempts=1, sleeps_until=stamp(again))
            story.row["due"] = stamp(again + timedelta(hours=1)) if due else None
            story.tell(called, who, "no_answer", again.isoformat(timespec="seconds"))
        stories.append(story)
    held = stories[-1]
    held.row.update(claimed_by=samples.staff[-1], claimed_at=stamp(now))
    held.tell(now, samples.staff[-1], "claimed")
    return stories
