"""The two actions of the callback form.

The patient's words go from the message into the encrypted draft, and from there into the request. Slots, which Rasa
stores, learn only that something was given. Nothing but `action_finish_callback`, after its commit, says "sent".
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from prp_guide import keys
from prp_guide.clinic import load_clinic
from prp_guide.content import Library
from prp_guide.database import open_database
from prp_guide.errors import CallbackInvalid, TooManyRequests
from prp_guide.frontdesk import Attendance, CallbackRequest, CallbackStore, Draft, DraftStore, receipt
from prp_guide.home import Home
from prp_guide.language.intents import CALLBACKS, CANCEL, CARDS, topic_of
from prp_guide.rasa_parts.names import (
    FINISH,
    GIVEN,
    OUTCOME,
    PLAN,
    PROBLEM,
    REFERENCE,
    SLOT_OF_STEP,
    STEP_OF_SLOT,
    VALIDATE_FORM,
    VOICEMAIL,
)
from prp_guide.replies import Envelope, Replies, say_plan

# A call that was asked for from a red-flag card goes to the head of the inbox.
URGENT_TOPICS = tuple(CARDS)
SENT, CANCELLED = "sent", "cancelled"
FIELD_OF_STEP = {"name": "name", "phone": "phone", "time": "best_time"}
_REQUESTED = "requested_slot"


class FrontDesk:
    """What both actions need, made once a process."""

    def __init__(self) -> None:
        home = Home.from_env()
        self.clinic = load_clinic(home.clinic_file)
        self.drafts = DraftStore(open_database(home), keys.fernet(home, keys.DRAFT))
        self.callbacks = CallbackStore.of(open_database(home, durable=True), self.clinic)
        self.attendance = Attendance(open_database(home), self.clinic)
        self.replies = Replies(Library.load(home), self.clinic, self.clinic.page_url)


_front_desk: FrontDesk | None = None


def front_desk() -> FrontDesk:
    """The process's one FrontDesk."""
    global _front_desk
    if _front_desk is None:
        _front_desk = FrontDesk()
    return _front_desk


class ValidateCallbackForm(Action):
    """Takes name, phone and time from a message into the draft, and tells the form what is still to be asked."""

    def name(self) -> str:
        return VALIDATE_FORM

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        message = tracker.latest_message
        intent = (message.get("intent") or {}).get("name")
        if intent in CARDS:
            return []  # no slot on such a turn: the form gives way to the card
        requested = tracker.get_slot(_REQUESTED)
        step = STEP_OF_SLOT.get(requested) if requested else None
        if intent == CANCEL or (intent == "deny" and step == "phone"):
            return [SlotSet(OUTCOME, CANCELLED), SlotSet(_REQUESTED, None)]
        desk = front_desk()
        draft = desk.drafts.get(tracker.sender_id) or Draft()
        draft, given, refused = take_details(draft, message)
        draft = _label(_with_voicemail(draft, message), message)
        desk.drafts.put(tracker.sender_id, draft)
        # A draft expires before a conversation does: what it has lost is asked again.
        events = [
            SlotSet(SLOT_OF_STEP[name], GIVEN if getattr(draft, field) else None)
            for name, field in FIELD_OF_STEP.items()
        ]
        problem = refused[0] if refused else None
        confirmed = None
        if step == "confirm" and not given and not refused:
            if intent in ("affirm", "thanks"):
                confirmed = GIVEN
                events.append(SlotSet(OUTCOME, SENT))
            elif intent == "deny":
                problem = "confirm"
        elif step and step != "confirm" and step not in given and intent is None and not given:
            problem = step
        return [*events, SlotSet(SLOT_OF_STEP["confirm"], confirmed), SlotSet(PROBLEM, problem)]


class FinishCallback(Action):
    """Stores the request, then says so; or drops it when the patient did not want it."""

    def name(self) -> str:
        return FINISH

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        desk = front_desk()
        lang = _lang(tracker.latest_message)
        draft = desk.drafts.get(tracker.sender_id)
        if tracker.get_slot(OUTCOME) == CANCELLED:
            desk.drafts.drop(tracker.sender_id)
            _say(dispatcher, desk.replies.callback_step("cancelled", lang=lang), *_asked_besides(desk, tracker, lang))
            return _emptied()
        if draft is None or not (draft.name and draft.phone and draft.best_time):
            # It expired between the read-back and the "yes": begin again rather than store a part.
            _say(dispatcher, desk.replies.callback_step("name", error="expired", lang=lang))
            return _emptied()
        request = CallbackRequest.checked(
            name=draft.name,
            phone=draft.phone,
            best_time=draft.best_time,
            topic=draft.topic,
            note=draft.note,
            lang=draft.lang or lang,
            voicemail_ok=draft.voicemail_ok,
            priority=draft.priority or "normal",
            source="chat",
        )
        try:
            callback = desk.callbacks.create(request, draft.key or f"chat-{secrets.token_hex(8)}")
        except TooManyRequests:
            desk.drafts.drop(tracker.sender_id)
            _say(dispatcher, desk.replies.callback_many(lang=lang))
            return _emptied()
        desk.drafts.drop(tracker.sender_id)
        told = receipt(callback, desk.clinic, lang, promised=desk.attendance.promised)
        shown = desk.replies.callback_done(told, callback.topic, lang=lang)
        _say(dispatcher, shown)
        return [*_emptied(), SlotSet(REFERENCE, callback.reference)]


def take_details(draft: Draft, message: dict[str, Any]) -> tuple[Draft, list[str], list[str]]:
    """`draft` with what `message` gives, the steps given, and the steps whose entry cannot be used."""
    given: list[str] = []
    refused: list[str] = []
    for entity in message.get("entities") or []:
        step = STEP_OF_SLOT.get(entity["entity"])
        if step is None:
            continue
        words = str(message["text"])[entity["start"] : entity["end"]].strip(" ,.;:!-\u200b")
        field = FIELD_OF_STEP[step]
        try:
            if entity["value"] != GIVEN:
                raise CallbackInvalid({field: "incomplete"})
            draft = _with_field(draft, field, checked_field(field, words))
            given.append(step)
        except CallbackInvalid:
            refused.append(step)
    return draft, given, refused


def _with_field(draft: Draft, field: str, words: str) -> Draft:
    changed: dict[str, Any] = {field: words}
    return replace(draft, **changed)


def checked_field(field: str, words: str) -> str:
    """One field of a request, checked as the whole request will be. Raises CallbackInvalid."""
    standing = {"name": "Jo", "phone": "+13105550147", "best_time": "any time"}
    return str(getattr(CallbackRequest.checked(**{**standing, field: words}), field))


def _with_voicemail(draft: Draft, message: dict[str, Any]) -> Draft:
    said = [entity["value"] for entity in message.get("entities") or [] if entity["entity"] == VOICEMAIL]
    return replace(draft, voicemail_ok=said[-1] == GIVEN) if said else draft


def _label(draft: Draft, message: dict[str, Any]) -> Draft:
    """The draft with its key, language, and what the call is about."""
    about = next((part.get("about") for part in message.get(PLAN) or [] if part.get("about")), None)
    kind = next((i for part in message.get(PLAN) or [] for i in part["intents"] if i in CALLBACKS), None)
    topic = about or draft.topic or (kind if kind != "request_callback" else None)
    return replace(
        draft,
        key=draft.key or f"chat-{secrets.token_hex(12)}",
        lang=_lang(message),
        topic=topic,
        priority="urgent" if topic in URGENT_TOPICS else draft.priority,
    )


def _lang(message: dict[str, Any]) -> str:
    return str((message.get("metadata") or {}).get("lang") or "en")


def _emptied() -> list[EventType]:
    return [SlotSet(name, None) for name in (*SLOT_OF_STEP.values(), PROBLEM, OUTCOME)]


def _asked_besides(desk: FrontDesk, tracker: Tracker, lang: str) -> list[Envelope]:
    """What a message that drops the request asks as well: "never mind the call, just tell me how long it takes"."""
    plan = tracker.latest_message.get(PLAN) or []
    topics = [part for part in plan if part["act"] == "reply" and topic_of(part["intents"][0])]
    return say_plan(desk.replies, topics, lang, status=lambda: desk.replies.handoff("callback_status", lang=lang))


def _say(dispatcher: CollectingDispatcher, *shown: Envelope) -> None:
    """Envelopes as our channel carries them. The receipt holds the phone number: its stored form does not."""
    dispatcher.utter_message(
        text="\n\n".join(envelope.text for envelope in shown),
        json_message={
            "messages": [envelope.as_dict() for envelope in shown],
            "kept": [envelope.without_details().as_dict() for envelope in shown],
        },
    )
