"""All that the inbox works with, on one durable engine."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.note_drafts import NoteDrafts
from prp_guide.frontdesk.queue import Queue
from prp_guide.frontdesk.users import Users
from prp_guide.frontdesk.work import Work


@dataclass(frozen=True)
class Inbox:
    """Who works, on what, and what they have begun to write."""

    users: Users
    queue: Queue
    work: Work
    drafts: NoteDrafts

    @classmethod
    def of(cls, engine: sa.engine.Engine, hours: OpeningHours) -> Inbox:
        return cls(users=Users(engine), queue=Queue(engine), work=Work(engine, hours), drafts=NoteDrafts(engine))
