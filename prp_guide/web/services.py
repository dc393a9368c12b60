"""What the web process works with, put together once from an installation's home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request

from prp_guide import clock, keys, replicas
from prp_guide.chat import Conversation, RasaClient, RasaReplicas, Sessions, Turns
from prp_guide.chat.rasa_client import TIMEOUT
from prp_guide.clinic import Clinic, load_clinic
from prp_guide.content import Library
from prp_guide.database import open_database
from prp_guide.frontdesk import Attendance, CallbackStore, DraftStore, Inbox, OpeningHours, Outbox
from prp_guide.home import Home
from prp_guide.red_flags import Screen
from prp_guide.replies import Replies
from prp_guide.web.crowd import Crowd
from prp_guide.web.limits import Limits
from prp_guide.web.proxies import Proxies


@dataclass(frozen=True)
class Services:
    """`database` commits without waiting for the disk, `durable` waits (see prp_guide.database)."""

    home: Home
    clinic: Clinic
    library: Library
    replies: Replies
    database: sa.engine.Engine
    durable: sa.engine.Engine
    callbacks: CallbackStore
    inbox: Inbox
    outbox: Outbox
    attendance: Attendance
    drafts: DraftStore
    hours: OpeningHours
    screen: Screen
    sessions: Sessions
    turns: Turns
    rasa: RasaReplicas
    conversation: Conversation
    limits: Limits
    crowd: Crowd
    proxies: Proxies

    @classmethod
    def open(cls, home: Home, *, rasa_timeout: float = TIMEOUT) -> Services:
        """The services of `home`, its database being migrated. Raises DataError, SetupError."""
        clinic = load_clinic(home.clinic_file)
        library = Library.load(home)
        replies = Replies(library, clinic, clinic.page_url)
        plain, durable = open_database(home), open_database(home, durable=True)
        hours = OpeningHours(clinic)
        drafts = DraftStore(plain, keys.fernet(home, keys.DRAFT))
        screen = Screen.load(home)
        key = keys.read_key(home, keys.SESSION)
        sessions, turns, limits = Sessions(plain, key), Turns(plain), Limits.from_env(key)
        secret = keys.loopback_secret(home)
        rasa = RasaReplicas(
            [RasaClient(url, secret, timeout=rasa_timeout) for url in replicas.addresses(replicas.RASA)]
        )
        conversation = Conversation(
            sessions=sessions,
            turns=turns,
            drafts=drafts,
            rasa=rasa,
            replies=replies,
            screen=screen,
            open_now=lambda: hours.open_at(clock.now()),
        )
        return cls(
            home=home,
            clinic=clinic,
            library=library,
            replies=replies,
            database=plain,
            durable=durable,
            callbacks=CallbackStore.of(durable, clinic),
            inbox=Inbox.of(durable, hours),
            outbox=Outbox(durable),
            attendance=Attendance(durable, clinic),
            drafts=drafts,
            hours=hours,
            screen=screen,
            sessions=sessions,
            turns=turns,
            rasa=rasa,
            conversation=conversation,
            limits=limits,
            crowd=Crowd(plain, enabled=limits.enabled),
            proxies=Proxies.from_env(),
        )

    @property
    def watched(self) -> dict[str, Callable[[], float]]:
        """What prp_guide.metrics looks at when it is asked."""
        return {
            "turns_waiting": lambda: self.conversation.waiting,
            "rasas_answering": lambda: self.rasa.answering,
            "rasas": lambda: len(self.rasa),
        }

    async def close(self) -> None:
        """End what is under way, and the connections to Rasa."""
        await self.conversation.close()
        await self.rasa.close()
        await self.limits.close()


def services_of(request: Request) -> Services:
    """The services that answer `request`."""
    found: Services = request.app.state.services
    return found
