"""Keeps dialogue state, and nothing a patient typed: one row a conversation, one short transaction a message.

Rasa always wraps a tracker store in FailSafeTrackerStore, which on any error goes on in memory as if nothing had
happened, and then fills the wrong slot. So this store notes every failure, refuses to save a conversation that it
could not read, and the channel asks `failure_of` before it lets a reply out.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from prp_guide import metrics
from prp_guide.database import open_database, sessions, stamp, trackers
from prp_guide.errors import ConversationError, ConversationGone, ConversationMoved
from prp_guide.home import Home
from prp_guide.privacy import redact
from prp_guide.rasa_parts.names import CHANNEL, PLAN, TURN
from prp_guide.replies import PRIVATE

KEPT_TURNS = 6  # user messages; older ones are no part of any decision (see dialogue.py)
_HELD = 2000  # conversations held in memory, so that the next message need not read what this process wrote
_ATTEMPTS = 3
_PAUSE = 0.05  # seconds between attempts
# As text: SQLAlchemy takes longer to recognise a statement built anew than SQLite to carry it out.
_UPDATE = sa.text(
    "UPDATE trackers SET version = version + 1, events = :events, saved = :saved "
    "WHERE conversation = :conversation AND version = :version"
)

_VERSION = sa.text("SELECT version FROM trackers WHERE conversation = :conversation")


class ConversationTrackerStore(TrackerStore):
    """Stores trackers of our channel in the `trackers` table; others (`rasa shell`) in memory."""

    def __init__(self, domain: Domain | None = None, event_broker: Any = None, host: Any = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker)
        self._engine = open_database(Home.from_env())
        self._held: OrderedDict[str, tuple[int, DialogueStateTracker]] = OrderedDict()
        self._others: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._versions: dict[str, int] = {}
        self._failures: dict[str, Exception] = {}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        self._failures.pop(sender_id, None)
        if sender_id in self._others:
            return self._others[sender_id]
        held = self._held.pop(sender_id, None)  # put back by the save: a turn that fails half way leaves nothing
        try:
            if held is not None and self._retried(lambda: self._version(sender_id)) in (held[0], None):
                self._versions[sender_id] = held[0]
                return held[1]
            # New to this process, or another one has had it meanwhile.
            if held is not None:
                metrics.count("conversations_moved")
            row = self._retried(lambda: self._read(sender_id))
        except Exception as fault:
            self._failures[sender_id] = fault
            raise
        self._versions[sender_id] = row[0] if row else 0
        if row is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(row[1]), self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        conversation = tracker.sender_id
        if not any(isinstance(event, UserUttered) for event in tracker.events):
            return  # Rasa saves a tracker when it makes it; there is nothing to keep yet
        if tracker.get_latest_input_channel() != CHANNEL:
            self._others[conversation] = tracker
            while len(self._others) > _HELD:
                self._others.popitem(last=False)
            return
        if conversation in self._failures:
            raise self._failures[conversation]
        tracker = shortened(tracker, self.domain)
        events = json.dumps([kept_form(event) for event in tracker.events], separators=(",", ":"))
        version = self._versions.pop(conversation, 0)
        try:
            self._retried(lambda: self._write(conversation, version, events))
        except Exception as fault:
            self._failures[conversation] = fault
            raise
        self._held[conversation] = (version + 1, tracker)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)

    async def keys(self) -> Iterable[str]:
        with self._engine.connect() as connection:
            stored = connection.execute(sa.select(trackers.c.conversation)).scalars().all()
        return [*stored, *self._others]

    def held(self, conversation: str) -> DialogueStateTracker | None:
        """The tracker as it was last saved by this process."""
        held = self._held.get(conversation)
        return held[1] if held else None

    async def has_heard(self, conversation: str, turn: int) -> bool:
        """Whether the conversation's last saved turn is number `turn`. Raises SQLAlchemyError."""
        row = self._retried(lambda: self._read(conversation))
        events = json.loads(row[1]) if row else []
        heard = [event.get("metadata") or {} for event in events if event.get("event") == UserUttered.type_name]
        return bool(heard) and heard[-1].get(TURN) == turn

    def failure_of(self, conversation: str) -> Exception | None:
        """What went wrong in the conversation's latest turn, once; None when it was read and saved."""
        return self._failures.pop(conversation, None)

    def _version(self, conversation: str) -> int | None:
        with self._engine.connect() as connection:
            found = connection.execute(_VERSION, {"conversation": conversation}).scalar_one_or_none()
        return None if found is None else int(found)

    def _read(self, conversation: str) -> tuple[int, str] | None:
        query = sa.select(trackers.c.version, trackers.c.events).where(trackers.c.conversation == conversation)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return (row.version, row.events) if row else None

    def _write(self, conversation: str, version: int, events: str) -> None:
        """One transaction: the row moves from `version` to the next, or is made if its session still exists."""
        with self._engine.begin() as connection:
            if version:
                row = {"conversation": conversation, "version": version, "events": events, "saved": stamp()}
                written = connection.execute(_UPDATE, row)
            else:
                exists = sa.select(
                    sa.literal(conversation), sa.literal(1), sa.literal(events), sa.literal(stamp())
                ).where(sa.exists().where(sessions.c.id == conversation))
                written = connection.execute(
                    trackers.insert().from_select(["conversation", "version", "events", "saved"], exists)
                )
            if written.rowcount == 1:
                return
            present = connection.execute(
                sa.select(trackers.c.version).where(trackers.c.conversation == conversation)
            ).scalar_one_or_none()
        if present is None:
            raise ConversationGone(f"conversation {conversation[:6]}... was erased")
        raise ConversationMoved(f"conversation {conversation[:6]}... moved from version {version} to {present}")

    @staticmethod
    def _retried(work: Any) -> Any:
        for attempt in range(_ATTEMPTS):
            try:
                return work()
            except ConversationError:
                raise
            except sa.exc.IntegrityError as fault:
                raise ConversationMoved("the conversation was begun by someone else at the same time") from fault
            except sa.exc.SQLAlchemyError:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSE * (attempt + 1))
        raise AssertionError("unreachable")


def shortened(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """`tracker` with its last turns only, so that a long conversation costs no more than a short one.

    Where that cuts a form in two, what is kept begins inside of it.
    """
    events = list(tracker.events)
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= 2 * KEPT_TURNS:
        return tracker
    # Rules look at the action before a message: keep it, it is action_listen.
    cut = starts[-KEPT_TURNS] - 1
    slots = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value is not None]
    loops = [event for event in events[:cut] if isinstance(event, ActiveLoop)][-1:]
    return DialogueStateTracker.from_events(tracker.sender_id, [*slots, *loops, *events[cut:]], slots=domain.slots)


def kept_form(event: Any) -> dict[str, Any]:
    """`event` as it may be stored: what was decided, and of what was typed only what was not understood, redacted."""
    kept: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        parse = event.parse_data or {}
        entities = [{"entity": entity["entity"], "value": entity["value"]} for entity in event.entities]
        # No decision reads the words again, but those that were asked back about: "how long", "the visit". The redacted
        # words of all others are kept once, by the turns table.
        unclear = any(part["act"] == "ask_back" for part in parse.get(PLAN, []))
        kept["text"] = redact(event.text or "") if unclear else PRIVATE
        kept["parse_data"] = {
            "intent": {"name": event.intent_name, "confidence": event.intent.get("confidence")},
            "entities": entities,
            "text": kept["text"],
            PLAN: parse.get(PLAN, []),
        }
    elif isinstance(event, BotUttered):
        kept["text"] = None
        messages = (event.data.get("custom") or {}).get("messages") or []
        short = [
            {
                "kind": message.get("kind"),
                "topic": message.get("topic"),
                "step": message.get("step"),
                "choices": [{"id": choice["id"]} for choice in message.get("choices") or []],
            }
            for message in messages
        ]
        kept["data"] = {"custom": {"messages": short}}
    number = (kept.pop("metadata", None) or {}).get(TURN)
    if number is not None:
        kept["metadata"] = {TURN: number}
    return kept
