"""Conversations in any number, as the tables keep them: made of our phrases and the replies that they get."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.database import callback_events, callbacks, feedback, sessions, stamp, turns
from prp_guide.home import Home
from prp_guide.language.phrases import read_phrases
from prp_guide.replies import Envelope, Replies

Said = Sequence[Envelope]


class Conversations:
    """Gathers rows: `converse` adds a conversation, `request` a callback; `store` writes them all."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {
            table: [] for table in (sessions, turns, feedback, callbacks, callback_events)
        }

    def converse(self, began: datetime, *asked: tuple[str, Said], helpful: bool | None = None) -> str:
        """A conversation in which each of `asked`, words and reply, is a turn; `helpful` is the vote on each reply."""
        session = secrets.token_urlsafe(18)
        row = {"id": session, "created": stamp(began), "last_seen": stamp(began), "lang": "en", "last_turn": len(asked)}
        self._rows[sessions].append(row)
        for number, (words, said) in enumerate(asked, start=1):
            at = stamp(began + timedelta(minutes=number))
            messages = [message.as_dict() for message in said]
            turn = {"session": session, "number": number, "client_id": None, "status": "done", "request": words}
            turn.update(messages=json.dumps(messages), created=at, finished=at)
            self._rows[turns].append(turn)
            if helpful is not None:
                vote = {"session": session, "message": messages[0]["id"], "helpful": helpful, "created": at}
                self._rows[feedback].append(vote)
        return session

    def request(
        self, created: datetime, *, called: timedelta | None = None, due: timedelta | None = None, urgent: bool = False
    ) -> None:
        """A callback request, called after `called`, due after `due`."""
        number = len(self._rows[callbacks]) + 1
        row = {
            "id": number,
            "reference": f"PRP-{number:05}",
            "created": stamp(created),
            "name": "Rosalind Marsh",
            "phone": "+13105550147",
            "best_time": "any time",
            "priority": "urgent" if urgent else "normal",
            "status": "done" if called else "open",
            "due": stamp(created + due) if due else None,
            "source": "chat",
            "consent": "callback-1",
            "idempotency_key": str(number),
            "fingerprint": "x",
        }
        self._rows[callbacks].append(row)
        if called is not None:
            event = {"callback": number, "at": stamp(created + called), "actor": "Ana", "event": "reached"}
            self._rows[callback_events].append(event)

    def store(self) -> None:
        with self._engine.begin() as connection:
            for table, rows in self._rows.items():
                if rows:
                    connection.execute(table.insert(), rows)
                rows.clear()


def many(engine: sa.engine.Engine, home: Home, clinic: Clinic, number: int) -> int:
    """Store `number` conversations of the last four weeks, with all that happens in them; returns how many turns."""
    dice, now = random.Random(11), clock.now()
    replies = Replies(Library.load(home), clinic)
    topics: dict[str, list[str]] = {}
    for phrase in read_phrases(home):
        if "/es/" not in phrase.path.as_posix():
            topics.setdefault(phrase.intent.removeprefix("ask_"), []).append(phrase.text)
    names = sorted(Library.load(home).topics)
    weights = [1 / (1 + place) ** 0.7 for place in range(len(names))]
    made, count = Conversations(engine), 0
    for _ in range(number):
        began = now - timedelta(days=dice.uniform(0.1, 27.9))
        asked: list[tuple[str, Said]] = []
        for _ in range(dice.randint(1, 4)):
            topic = dice.choices(names, weights)[0]
            words, chance = dice.choice(topics[topic]), dice.random()
            if chance < 0.05:
                asked.append((words, [replies.clarify([topic, "cost"])]))
            elif chance < 0.09:
                asked.append((dice.choice(topics["out_of_scope"]), [replies.out_of_scope()]))
            elif chance < 0.1:
                tier = dice.choice(("emergency", "poison", "self_harm", "same_day"))
                asked.append((words, [replies.card(tier), replies.topic(topic)]))
            elif chance < 0.16:
                other = dice.choice(names)
                asked.append((f"{words} {dice.choice(topics[other])}", [replies.topic(topic), replies.topic(other)]))
            else:
                asked.append((words, [replies.topic(topic)]))
        count += len(asked)
        made.converse(began, *asked, helpful=dice.choice((True, True, False, None, None, None, None, None)))
        if dice.random() < 0.1:
            called = timedelta(minutes=dice.expovariate(1 / 300)) if dice.random() < 0.9 else None
            made.request(began, called=called, due=timedelta(hours=9), urgent=dice.random() < 0.05)
    made.store()
    return count
