"""The channel between the web process and Rasa, on loopback.

Unlike Rasa's REST channel it trusts nobody who does not hold the installation's secret, keeps `text` and `choice`
apart, carries envelopes whole, says in the status what went wrong, and logs no message.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import re
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from prp_guide import keys, metrics, request_id
from prp_guide.errors import ConversationGone, PRPGuideError
from prp_guide.home import Home
from prp_guide.language.intents import CARDS
from prp_guide.privacy import json_lines, logs
from prp_guide.rasa_parts.direct_runner import quickened
from prp_guide.rasa_parts.names import CHANNEL, PLAN, TURN
from prp_guide.rasa_parts.red_flag_screen import SCREENED
from prp_guide.rasa_parts.replies import TopicReplies
from prp_guide.rasa_parts.startup import foreign_parts, tracker_store_of, use_action_servers
from prp_guide.red_flags import TAKEN_BACK, TIERS

log = logging.getLogger(__name__)

OUTCOMES = {200: "answered", 400: "malformed", 409: "gone"}
_CHOICE = re.compile(r"(?:topic|callback|confirm):[a-z_-]{1,40}")
# Rasa takes a text that begins with a slash for a command that sets intents and slots.
_NO_COMMAND = "\u200b"
_PROBE = "when can i wash my hair"


class EnvelopeCollector(OutputChannel):
    """Collects the envelopes of one turn."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.kept: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        said = custom.get("messages") or []
        self.messages.extend(said)
        self.kept.extend(custom.get("kept") or said)


class ChatChannel(InputChannel):
    """POST turns, GET ready, POST model: for the web process alone."""

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        secret, alone = keys.loopback_secret(Home.from_env()), keys.shared_secret() is None
        logs.keep_clean("rasa")
        blueprint = Blueprint("prp_channel")

        def refused(request: Request) -> HTTPResponse | None:
            if alone and not keys.is_loopback(request.ip):
                return _problem(403, "This server answers its own machine only.")
            given = (request.headers.get("Authorization") or "").removeprefix("Bearer ").encode()
            if not hmac.compare_digest(given, secret):
                return _problem(401, "This server answers the web process only.")
            if not _ready(request.app):
                return _problem(425, "Rasa is loading its model.")  # nothing has begun: another Rasa may be asked
            return None

        @blueprint.post("/turns")
        async def turn(request: Request) -> HTTPResponse:
            request_id.begin(request.headers.get(request_id.HEADER))
            return refused(request) or await _observed(request)

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            return refused(request) or await _probe(request.app.ctx.agent)

        @blueprint.post("/model")
        async def model(request: Request) -> HTTPResponse:
            return refused(request) or await _load_model(request)

        @blueprint.listener("after_server_start")
        async def prove_parts(app: Sanic, _loop: Any) -> None:
            if not _ready(app):
                return
            agent: Agent = app.ctx.agent
            try:
                faults = foreign_parts(agent)
                use_action_servers(agent)
                metrics.serve("rasa")
                logs.keep_clean("rasa")  # again, for handlers that Sanic has made since
            except PRPGuideError as fault:
                faults = [str(fault)]
            for words in faults:
                log.critical(words)
            if faults:
                os._exit(3)  # the supervisor shows these lines; Sanic would swallow an exception here

        return blueprint


async def _observed(request: Request) -> HTTPResponse:
    began = perf_counter()
    answer = await _turn(request)
    took = perf_counter() - began
    metrics.count("rasa_turns", outcome=OUTCOMES.get(answer.status, "failed"))
    metrics.observe("rasa_turn", took)
    json_lines.event(log, "turn", status=answer.status, seconds=round(took, 4))
    return answer


async def _turn(request: Request) -> HTTPResponse:
    body = request.json if isinstance(request.json, dict) else {}
    conversation, text, choice = body.get("conversation"), body.get("text"), body.get("choice")
    if not isinstance(conversation, str) or not conversation:
        return _problem(400, "'conversation' is missing.")
    if isinstance(choice, str) and _CHOICE.fullmatch(choice):
        text = choice
    elif choice is not None or not isinstance(text, str) or not text.strip():
        return _problem(400, "Send either 'text' or a 'choice' that was offered.")
    agent: Agent = request.app.ctx.agent
    store = tracker_store_of(agent)
    assert store is not None, "proven at start"
    number = body.get("turn") if isinstance(body.get("turn"), int) else None
    if body.get("again") and number is not None and await store.has_heard(conversation, number):
        return _problem(503, "The turn was heard before; its reply is lost.")
    collector = EnvelopeCollector()
    message = UserMessage(
        text=_NO_COMMAND + text if text.lstrip().startswith("/") else text,
        output_channel=collector,
        sender_id=conversation,
        input_channel=CHANNEL,
        metadata={"lang": _lang_in(body), "choice": choice, TURN: number, **_screened(body)},
    )
    quickened(agent)
    # Sanic cancels a handler whose client has hung up: a turn that has begun is finished all the same.
    await asyncio.shield(asyncio.ensure_future(agent.handle_message(message)))
    failure = store.failure_of(conversation)
    if isinstance(failure, ConversationGone):
        return _problem(409, str(failure))
    if failure is not None:
        log.error("A conversation could not be read or saved: %s", type(failure).__name__)
        return _problem(503, "The conversation could not be saved.")
    tracker = store.held(conversation)
    _add_missing_card(agent, tracker, collector)
    kept = collector.kept if collector.kept != collector.messages else None
    private = tracker is not None and _is_private(tracker)
    return json({"messages": collector.messages, "kept": kept, "private": private})


def _lang_in(body: dict[str, Any]) -> str:
    return "es" if body.get("lang") == "es" else "en"


def _screened(body: dict[str, Any]) -> dict[str, Any]:
    """What the web process' screen, whose rules are ours, has said of the text; nothing if it was not asked."""
    seen = body.get("seen")
    return {SCREENED: seen if seen in (*TIERS, TAKEN_BACK) else None} if "seen" in body else {}


def _is_private(tracker: DialogueStateTracker) -> bool:
    """Whether the turn's words were entries of the callback form, which only its draft may hold."""
    latest = tracker.latest_message
    return latest is not None and bool(latest.entities or latest.intent.get("name") is None)


def _add_missing_card(agent: Agent, tracker: DialogueStateTracker | None, collector: EnvelopeCollector) -> None:
    """A card must go out though the form, whose action server may be down, stood in its way."""
    plan = (tracker.latest_message.parse_data or {}).get(PLAN) if tracker and tracker.latest_message else None
    cards = [part for part in plan or [] if part["intents"] and part["intents"][0] in CARDS]
    if not cards or any(message["kind"] in ("urgent", "crisis", "clinical") for message in collector.messages):
        return
    assert isinstance(agent.nlg, TopicReplies), "proven at start"
    said = [envelope.as_dict() for envelope in agent.nlg.parts(cards, _lang(tracker))]
    collector.messages[:0] = said
    collector.kept[:0] = said


def _lang(tracker: DialogueStateTracker | None) -> str:
    metadata = tracker.latest_message.metadata if tracker and tracker.latest_message else None
    return str((metadata or {}).get("lang") or "en")


async def _probe(agent: Agent) -> HTTPResponse:
    """Ready means: a real message is understood."""
    assert agent.processor is not None, "ready"
    parsed = await agent.processor.parse_message(UserMessage(_PROBE, metadata={SCREENED: None}))
    if not parsed.get("intent", {}).get("name"):
        return _problem(503, "The model understands nothing.")
    return json({"model": agent.processor.model_filename})


async def _load_model(request: Request) -> HTTPResponse:
    """Put the model at `path` into use without dropping a conversation."""
    path = (request.json or {}).get("path")
    agent: Agent = request.app.ctx.agent
    try:
        await asyncio.to_thread(agent.load_model, path)
    except Exception as fault:
        log.error("The model %s cannot be loaded: %s", path, fault)
        return _problem(422, "This model cannot be loaded; the one before stays in use.")
    return await _probe(agent)


def _ready(app: Sanic) -> bool:
    agent = getattr(app.ctx, "agent", None)
    return agent is not None and agent.is_ready()


def _problem(status: int, title: str) -> HTTPResponse:
    return json({"title": title, "status": status}, status=status, content_type="application/problem+json")
