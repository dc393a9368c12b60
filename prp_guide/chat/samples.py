"""A month of sample conversations for `prp-guide demo`: questions of data/phrases with the replies that they get now.

Their sessions' ids begin with SAMPLE, which no patient's session does; they are removed together.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import SAMPLE, feedback, sessions, stamp, turns
from prp_guide.replies import Envelope, Replies

# How often, of all conversations, one ends in something that is no question of ours.
RARE = {"out_of_scope": 0.06, "post_treatment_concern": 0.03}
ASKED_BACK = 0.05
DAYS, MOST_A_DAY, MOST_TURNS = 29, 16, 4


def add_sample_questions(engine: sa.engine.Engine, replies: Replies, questions: Mapping[str, Sequence[str]]) -> int:
    """Add conversations with `questions`, phrases by topic, unless there are some; returns how many questions.

    Those under the intents of RARE come up now and then.
    """
    dice = random.Random(7)  # noqa: S311 (the same samples every time)
    now = clock.now()
    topics = sorted(set(questions) - set(RARE))
    # Some things are asked far more often than others.
    weights = [1 / (1 + place) ** 0.7 for place in range(len(topics))]
    dice.shuffle(weights)
    rows: dict[str, list[dict[str, Any]]] = {"sessions": [], "turns": [], "feedback": []}
    for day in range(DAYS):
        for _ in range(dice.randint(4, MOST_A_DAY)):
            began = now - timedelta(days=day, hours=dice.uniform(1, 12))
            asked = dice.choices(topics, weights, k=dice.randint(1, MOST_TURNS))
            for intent, share in RARE.items():
                if intent in questions and dice.random() < share:
                    asked[-1] = intent
            _converse(rows, dice, began, [(topic, dice.choice(questions[topic])) for topic in asked], replies)
    with engine.begin() as connection:
        if connection.execute(sa.select(sessions.c.id).where(_samples()).limit(1)).first():
            return 0
        connection.execute(sessions.insert(), rows["sessions"])
        connection.execute(turns.insert(), rows["turns"])
        connection.execute(feedback.insert(), rows["feedback"])
    return len(rows["turns"])


def remove_sample_questions(engine: sa.engine.Engine) -> int:
    """Remove the sample conversations; returns how many there were."""
    with engine.begin() as connection:
        return int(connection.execute(sessions.delete().where(_samples())).rowcount)


def _converse(
    rows: dict[str, list[dict[str, Any]]],
    dice: random.Random,
    began: datetime,
    asked: Sequence[tuple[str, str]],
    replies: Replies,
) -> None:
    session = SAMPLE + secrets.token_hex(12)
    last = began + timedelta(minutes=len(asked))
    rows["sessions"].append(
        {"id": session, "created": stamp(began), "last_seen": stamp(last), "lang": "en", "last_turn": len(asked)}
    )
    for number, (topic, question) in enumerate(asked, start=1):
        at = began + timedelta(minutes=number)
        said = _reply(replies, topic, dice).as_dict()
        row = {"session": session, "number": number, "client_id": None, "status": "done", "request": question}
        row.update(messages=json.dumps([said], ensure_ascii=False), created=stamp(at), finished=stamp(at))
        rows["turns"].append(row)
        if dice.random() < 0.15:
            helpful = dice.random() < 0.8
            rows["feedback"].append(
                {"session": session, "message": said["id"], "helpful": helpful, "created": stamp(at)}
            )


def _reply(replies: Replies, topic: str, dice: random.Random) -> Envelope:
    if topic == "out_of_scope":
        return replies.out_of_scope()
    if topic == "post_treatment_concern":
        return replies.card("same_day")
    return replies.clarify([topic]) if dice.random() < ASKED_BACK else replies.topic(topic)


def _samples() -> Any:
    return sessions.c.id.like(f"{SAMPLE}%")
