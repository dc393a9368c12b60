"""One turn of a conversation, from the patient's entry to the reply.

    red-flag screen ── flag ────────────► the card, with Rasa's own reply if that comes within 0.2 s
      │
    a place in line (fair_queue.py) ────► so many wait: the phone number and the plain callback form
      │
    entry ── seen before? ──────────────► the reply of the first run (which may still be under way: wait)
      │
    Rasa ── a reply ────────────────────► the reply, cards first
      └── down, slow, nothing said ─────► the phone number and the plain callback form

A turn goes on when its patient hangs up: it acts once, and a repetition finds its reply.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import anyio
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from prp_guide import metrics
from prp_guide.chat.cards import cards_first, rank, with_card
from prp_guide.chat.entry import LANGUAGES, UNKNOWN_CHOICE, Entry, EntryInvalid
from prp_guide.chat.fair_queue import AT_ONCE, FairQueue, QueueFull
from prp_guide.chat.rasa_client import RasaReply
from prp_guide.chat.rasa_replicas import RasaReplicas
from prp_guide.chat.recent import Recent
from prp_guide.chat.sessions import Session, Sessions
from prp_guide.chat.turns import DONE, FAILED, RUNNING, Message, Turn, Turns
from prp_guide.errors import ConversationGone, RasaUnavailable
from prp_guide.language.intents import CALLBACKS, CARDS
from prp_guide.language.tongue import tongue
from prp_guide.privacy import redact
from prp_guide.red_flags import Flag, Screen, Sight
from prp_guide.replies import PRIVATE, Replies

FLAG_WAIT = 0.2  # how long a card waits for Rasa's own reply
FLAG_PATIENCE = 1.0  # how long it waits for a slow database
SENTENCE = 4  # words
WIPE_AFTER = 0.5  # seconds from an erasure until the disk is wiped: time for others to join
LONGEST_CONVERSATION = 300  # turns
FORM_TOPICS = ("request_callback", "book_appointment", "change_appointment")
# Choices that name no topic.
BUTTONS = frozenset(("human", "phone", "capabilities", "resume", *CALLBACKS, *CARDS))
ANSWERS = ("yes", "no", "no_voicemail")

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Drafts(Protocol):
    """What we need of the front desk's callbacks in progress."""

    def drop(self, conversation: str) -> Any: ...

    def keep(self, conversation: str) -> Any: ...


class Conversation:
    """Leads every session's turns, one at a time in each."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        turns: Turns,
        drafts: Drafts,
        rasa: RasaReplicas,
        replies: Replies,
        screen: Screen,
        open_now: Callable[[], bool | None],
    ) -> None:
        """`open_now` says whether the clinic is open, None when it has given no hours."""
        self._sessions, self._turns, self._drafts, self._rasa = sessions, turns, drafts, rasa
        self._replies, self._screen, self._open_now = replies, screen, open_now
        self._running: dict[tuple[str, str], asyncio.Task[list[Message]]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._recent = Recent()
        self._wiping: asyncio.Task[None] | None = None
        self._wipe_again = False
        self._queue = FairQueue(AT_ONCE * len(rasa))

    async def open(self, lang: str) -> tuple[str, list[Message]]:
        """A new session's token and the greeting."""
        greeting = [self._replies.greeting(lang=lang).as_dict()]
        token, session = await run_in_threadpool(self._sessions.open, lang)
        await run_in_threadpool(self._turns.greet, session.id, greeting)
        return token, greeting

    async def history(self, session: Session) -> list[Message]:
        """What was said so far."""
        return await run_in_threadpool(self._turns.history, session.id)

    async def keep(self, session_id: str) -> None:
        """The session, and a callback in progress, live 30 minutes from now. Raises ConversationGone."""
        await run_in_threadpool(self._sessions.keep, session_id)
        await run_in_threadpool(self._drafts.keep, session_id)

    async def erase(self, session_id: str) -> None:
        """Erase the session everywhere. Raises ConversationGone when that has been done already."""
        await run_in_threadpool(self._sessions.erase, session_id)
        self._recent.forget(session_id)
        await run_in_threadpool(self._drafts.drop, session_id)
        # Off the disk as well, soon; those who erase at the same time share the work.
        if self._wiping is None or self._wiping.done():
            self._wiping = self._keep(self._wipe())
        self._wipe_again = True

    async def _wipe(self) -> None:
        await asyncio.sleep(WIPE_AFTER)
        while self._wipe_again:
            self._wipe_again = False
            await run_in_threadpool(self._sessions.wipe)

    def card(self, text: str | None, lang: str = "en") -> Message | None:
        """The card that `text` calls for, or None. Needs neither Rasa nor the database."""
        flag = self._screen.check(text) if text else None
        return None if flag is None else self._card(flag, lang)

    def _card(self, flag: Flag, lang: str, *, resume: bool = False) -> Message:
        return self._replies.card(flag.tier, lang, open_now=self._open_now(), resume=resume).as_dict()

    async def say(self, session_id: str, entry: Entry, caller: str | None = None) -> list[Message]:
        """The reply to `entry`. Raises ConversationGone when the session has expired or was erased, EntryInvalid for a
        choice that no message offers.

        `caller` is who waits in line with others for Rasa, an address; the session when nothing is known.
        """
        if entry.choice is not None and not self._knows(entry.choice):
            # Nobody can tap it, and its letters would be written down.
            raise EntryInvalid({"choice": UNKNOWN_CHOICE})
        with metrics.timed("turn"):
            messages = await self._reply(session_id, entry, caller or session_id)
        metrics.count("turns", kind=str(messages[0].get("kind")) if messages else "none")
        return messages

    async def _reply(self, session_id: str, entry: Entry, caller: str) -> list[Message]:
        sight = self._screen.look(entry.text or "")
        flag = sight.flag
        task = self._task(session_id, entry, sight, caller)
        if flag is None:
            return await asyncio.shield(task)
        # The database may be slow or away: the card does not depend on it.
        await asyncio.wait({task}, timeout=FLAG_PATIENCE)
        fault = task.exception() if task.done() else TimeoutError()
        if fault is not None and not isinstance(fault, ConversationGone):
            log.error("A card went out without being stored: %s.", type(fault).__name__)
            return [self._card(flag, "en")]
        messages = task.result()
        # An id that came before with other words gets their reply: the card is not lost over that.
        return messages if any(map(rank, messages)) else [self._card(flag, "en"), *messages]

    @property
    def waiting(self) -> int:
        """How many turns wait in line for Rasa."""
        return self._queue.waiting

    def _knows(self, choice: str) -> bool:
        kind, _, name = choice.partition(":")
        if kind in ("topic", "callback"):
            return name in BUTTONS or self._replies.topic_label(name) is not None
        return kind == "lang" or name in ANSWERS

    async def close(self) -> None:
        """Give up what is still under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _task(self, session_id: str, entry: Entry, sight: Sight, caller: str) -> asyncio.Task[list[Message]]:
        """The entry's turn, or the one that is running under its id. It goes on when nobody waits."""
        if entry.id is None:
            return self._keep(self._turn(session_id, entry, sight, caller))
        key = (session_id, entry.id)
        if key not in self._running:
            self._running[key] = self._keep(self._turn(session_id, entry, sight, caller))
            self._running[key].add_done_callback(lambda _: self._running.pop(key, None))
        return self._running[key]

    async def _turn(self, session_id: str, entry: Entry, sight: Sight, caller: str) -> list[Message]:
        if sight.flag is not None:  # it waits for nobody
            turn = await run_in_threadpool(self._turns.begin, session_id, entry.id)
            if turn.fresh:
                turn = await self._in_the_language_of(entry, turn)
                return await self._answer_flagged(turn, entry, sight.flag, caller)
        else:
            give_up = anyio.current_time() + self._rasa.timeout
            async with contextlib.AsyncExitStack() as held:
                try:
                    with anyio.fail_after(self._rasa.timeout):
                        await held.enter_async_context(self._place(session_id, caller))
                except (QueueFull, TimeoutError):
                    log.warning("A turn was answered without Rasa: so many wait for it.")
                    return [self._replies.unavailable(lang=_language_of(entry)).as_dict()]
                turn = await run_in_threadpool(self._turns.begin, session_id, entry.id)
                if turn.fresh and turn.number > LONGEST_CONVERSATION:
                    await run_in_threadpool(self._turns.withdraw, turn)
                    return [self._replies.handoff("long", turn.lang).as_dict()]
                if turn.fresh:
                    return await self._answer(turn, entry, give_up, sight)
        return self._recent.get(session_id, str(entry.id)) or await self._first_run(turn)

    async def _answer(self, turn: Turn, entry: Entry, give_up: float, sight: Sight) -> list[Message]:
        if entry.choice is not None and entry.choice.startswith("lang:"):
            return await self._change_language(turn, entry.choice.removeprefix("lang:"))
        turn = await self._in_the_language_of(entry, turn)
        try:
            reply = await self._ask(turn, entry, give_up, sight)
        except RasaUnavailable as fault:
            log.warning("A turn was answered without Rasa. %s", fault)
            return await self._fail(turn, entry)
        except ConversationGone:
            await self._finish(turn, entry, None, [], status=FAILED)
            raise
        if _form_went_unheard(entry, reply):
            log.warning("A turn of the callback form was answered without Rasa: its reply asked for nothing.")
            return await self._fail(turn, entry)
        return await self._finish(turn, entry, reply.private, cards_first(reply.messages), cards_first(reply.kept))

    @contextlib.asynccontextmanager
    async def _place(self, session_id: str, caller: str) -> AsyncIterator[None]:
        """Where few are at a time: after the session's earlier turns, and after other callers' next ones."""
        lock = self._locks.get(session_id)
        if lock is None:
            lock = self._locks[session_id] = asyncio.Lock()
        async with lock, self._queue.place(caller):
            yield

    async def _answer_flagged(self, turn: Turn, entry: Entry, flag: Flag, caller: str) -> list[Message]:
        asking = self._keep(self._ask_in_line(turn, entry, flag, caller))
        # The card interrupts the callback form and offers to go on with it.
        interrupts = await run_in_threadpool(self._turns.form_is_open, turn.session, turn.number)
        card = self._card(flag, turn.lang, resume=interrupts)
        await asyncio.wait({asking}, timeout=FLAG_WAIT)
        reply = None
        if asking.done():
            try:
                reply = asking.result()
            except (RasaUnavailable, ConversationGone) as fault:
                log.warning("A card went out without Rasa. %s", fault)
        else:
            self._keep(self._sweep_after(asking, turn))
        if reply is None:
            return await self._finish(turn, entry, None, [card])
        return await self._finish(
            turn, entry, reply.private, with_card(card, reply.messages), with_card(card, reply.kept)
        )

    async def _ask_in_line(self, turn: Turn, entry: Entry, flag: Flag, caller: str) -> RasaReply:
        give_up = anyio.current_time() + self._rasa.timeout
        try:
            with anyio.fail_after(self._rasa.timeout):
                async with self._place(turn.session, caller):
                    return await self._ask(turn, entry, give_up, Sight(flag))
        except (QueueFull, TimeoutError):
            raise RasaUnavailable("So many turns wait for Rasa.") from None

    async def _ask(self, turn: Turn, entry: Entry, give_up: float, sight: Sight) -> RasaReply:
        """Rasa's reply, within what is left of the time limit that began before the turn's place in the line."""
        try:
            with anyio.fail_after(max(0.0, give_up - anyio.current_time())):
                return await self._rasa.turn(
                    turn.session,
                    text=entry.text,
                    choice=entry.choice,
                    lang=turn.lang,
                    seen=sight.word,
                    number=turn.number,
                )
        except TimeoutError:
            limit = f"{self._rasa.timeout:g} s"
            raise RasaUnavailable(f"Rasa gave no reply within {limit}, earlier turns included.") from None

    async def _sweep_after(self, asking: asyncio.Task[RasaReply], turn: Turn) -> None:
        await asyncio.wait({asking})
        if not await run_in_threadpool(self._sessions.exists, turn.session):
            await run_in_threadpool(self._drafts.drop, turn.session)

    async def _in_the_language_of(self, entry: Entry, turn: Turn) -> Turn:
        """`turn` in the language of `entry`, where that is clear and we speak it; the session goes on in it."""
        heard = tongue(entry.text) if entry.text else None
        if heard is None or heard == turn.lang or heard not in LANGUAGES:
            return turn
        # In the callback form a few words are a name or a time, whatever they look like.
        few = len((entry.text or "").split()) < SENTENCE
        if few and await run_in_threadpool(self._turns.form_is_open, turn.session, turn.number):
            return turn
        await run_in_threadpool(self._sessions.set_lang, turn.session, heard)
        return dataclasses.replace(turn, lang=heard)

    async def _change_language(self, turn: Turn, lang: str) -> list[Message]:
        await run_in_threadpool(self._sessions.set_lang, turn.session, lang)
        greeting = self._replies.greeting(lang=lang).as_dict()
        entry = Entry(choice=f"lang:{lang}")
        return await self._finish(turn, entry, False, [greeting])

    async def _fail(self, turn: Turn, entry: Entry) -> list[Message]:
        messages = [self._replies.unavailable(lang=turn.lang).as_dict()]
        return await self._finish(turn, entry, None, messages, status=FAILED)

    async def _finish(
        self,
        turn: Turn,
        entry: Entry,
        private: bool | None,
        messages: Sequence[Message],
        kept: Sequence[Message] | None = None,
        *,
        status: str = DONE,
    ) -> list[Message]:
        """Store the turn and return `messages`; `private` is None when Rasa has not told."""
        kept = messages if kept is None else kept
        try:
            request = await self._request(turn, entry, private)
            await run_in_threadpool(self._turns.finish, turn, request, kept, status)
        except ConversationGone:
            # Erased while Rasa was at it: what the callback form has put down since goes as well.
            await run_in_threadpool(self._drafts.drop, turn.session)
            raise
        except SQLAlchemyError as fault:
            # Rasa has acted and the patient waits: the reply counts for more than its place in the history.
            log.error("A turn could not be stored: %s.", type(fault).__name__)
        if kept != messages and entry.id is not None:
            self._recent.put(turn.session, entry.id, list(messages))
        return list(messages)

    async def _first_run(self, turn: Turn) -> list[Message]:
        """The reply of a turn that was begun before, perhaps by another process: wait for it."""
        give_up = monotonic() + self._rasa.timeout + 1.0
        while turn.status == RUNNING and monotonic() < give_up:
            await asyncio.sleep(0.1)
            turn = await run_in_threadpool(self._turns.find, turn)
        if not turn.messages:
            return [self._replies.unavailable(lang=turn.lang).as_dict()]
        return list(turn.messages)

    async def _request(self, turn: Turn, entry: Entry, private: bool | None) -> str:
        """What the history keeps of the entry. An open form's words are private unless Rasa says no."""
        if entry.text is not None:
            if private is None:
                private = await run_in_threadpool(self._turns.form_is_open, turn.session, turn.number)
            return PRIVATE if private else redact(entry.text)
        choice = str(entry.choice)
        offered = await run_in_threadpool(self._turns.label_of, turn.session, choice, turn.number)
        if offered is not None:
            return offered
        name = choice.partition(":")[2]
        return self._replies.topic_label(name, turn.lang) or re.sub("[_-]", " ", name).capitalize()

    def _keep(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """`work` as a task that is not lost when nobody waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.debug("A turn ended with %s.", type(fault).__name__)


def _form_went_unheard(entry: Entry, reply: RasaReply) -> bool:
    """Whether the form should have asked for something and did not: its action server is down."""
    kind, _, name = (entry.choice or "").partition(":")
    for_form = reply.private or kind in ("callback", "confirm") or (kind == "topic" and name in FORM_TOPICS)
    return for_form and not any(_stands_alone(message) for message in reply.messages)


def _language_of(entry: Entry) -> str:
    """The language to answer in while nothing is known of the session."""
    heard = tongue(entry.text) if entry.text else None
    return heard if heard in LANGUAGES else "en"


def _stands_alone(message: Mapping[str, Any]) -> bool:
    return bool(message.get("step")) or message.get("kind") in ("urgent", "crisis", "clinical", "error")
