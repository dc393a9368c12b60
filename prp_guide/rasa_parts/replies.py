"""Says what the plan of a turn holds, from topics on disk: Rasa's NaturalLanguageGenerator, in process.

The domain inside a model is frozen, the topics are read when they change: an edited answer is live without training.
"""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

from prp_guide import keys
from prp_guide.clinic import load_clinic, phone_text
from prp_guide.content import Library
from prp_guide.database import open_database
from prp_guide.frontdesk import Attendance, CallbackStore, Draft, DraftStore, receipt
from prp_guide.frontdesk.callback import OPEN
from prp_guide.home import Home
from prp_guide.language.intents import CALLBACKS, CANCEL
from prp_guide.rasa_parts.names import CHANNEL, PLAN, PROBLEM, REFERENCE, REPLY, STEP_OF_SLOT
from prp_guide.replies import Envelope, Replies, say_plan

_ASK = "utter_ask_"
# Inside the form these are answers to a step, not parts to reply to.
_FORM_WORDS = ("affirm", "deny", CANCEL)


class TopicReplies(NaturalLanguageGenerator):
    """Composes one message a turn: envelopes under `custom.messages`, and the same as plain text for `rasa shell`."""

    def __init__(self, endpoint_config: Any = None, domain: Any = None) -> None:
        home = Home.from_env()
        clinic = load_clinic(home.clinic_file)
        self._replies = Replies(Library.load(home), clinic, clinic.page_url)
        self._clinic = clinic
        self._drafts = DraftStore(open_database(home), keys.fernet(home, keys.DRAFT))
        self._attendance = Attendance(open_database(home), clinic)
        self._callbacks = CallbackStore.of(open_database(home), clinic)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The message for `utter_action`, None for an action that is not ours."""
        plan = plan_of(tracker)
        lang = lang_of(tracker)
        reference = tracker.get_slot(REFERENCE)
        if utter_action == REPLY:
            said = self.parts(plan, lang, reference)
            kept = [envelope.without_details() for envelope in said]
        elif utter_action.removeprefix(_ASK) in STEP_OF_SLOT:
            before = self.parts([part for part in plan if not _belongs_to_form(part)], lang, reference)
            step, kept_step = self._step(STEP_OF_SLOT[utter_action.removeprefix(_ASK)], tracker, lang)
            said, kept = [*before, step], [*(envelope.without_details() for envelope in before), kept_step]
        else:
            return None
        return as_bot_message(said, kept, output_channel)

    def parts(self, plan: list[dict[str, Any]], lang: str, reference: str | None = None) -> list[Envelope]:
        """An envelope for each part of `plan`, in its order; `reference` is that of the last request sent."""
        return say_plan(self._replies, plan, lang, status=lambda: self._status(reference, lang))

    def _status(self, reference: str | None, lang: str) -> Envelope:
        """When they will call: the receipt again while the request is open, else the front desk's number."""
        callback = self._callbacks.find(reference) if reference else None
        if callback is None or callback.status != OPEN:
            return self._replies.handoff("callback_status", lang=lang)
        told = receipt(callback, self._clinic, lang, promised=self._attendance.promised)
        return self._replies.callback_done(told, callback.topic, lang=lang)

    def _step(self, step: str, tracker: DialogueStateTracker, lang: str) -> tuple[Envelope, Envelope]:
        """The envelope that asks for `step`, and the form in which it may be stored."""
        error = "entry" if tracker.get_slot(PROBLEM) == step else None
        if step != "confirm":
            asked = (i for part in plan_of(tracker) for i in part["intents"] if i in CALLBACKS)
            opening = next(asked, CALLBACKS[0])
            envelope = self._replies.callback_step(step, lang, error=error, topic=opening)
            return envelope, envelope
        draft = self._drafts.get(tracker.sender_id) or Draft()
        read_back = {
            "name": draft.name or "",
            "phone": phone_text(draft.phone) if draft.phone else "",
            "time": draft.best_time or "",
        }
        if draft.voicemail_ok is not None:
            read_back["voicemail"] = self._replies.text(
                f"callback_voicemail_{'yes' if draft.voicemail_ok else 'no'}", lang
            )
        shown = self._replies.callback_step(step, lang, error=error, read_back=read_back)
        stored = self._replies.callback_step(step, lang, error=error)
        stored.id = shown.id
        return shown, stored


def plan_of(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The plan of the turn that `tracker` is in."""
    plan: list[dict[str, Any]] = (tracker.latest_message.parse_data or {}).get(PLAN) or []
    return plan


def lang_of(tracker: DialogueStateTracker) -> str:
    """The language of the turn that `tracker` is in."""
    metadata = tracker.latest_message.metadata or {}
    return str(metadata.get("lang") or "en")


def as_bot_message(said: list[Envelope], kept: list[Envelope], output_channel: str) -> dict[str, Any]:
    """Envelopes as Rasa carries them: `custom` for our channel, plain text for all others."""
    message: dict[str, Any] = {"text": "\n\n".join(envelope.text for envelope in said)}
    if output_channel == CHANNEL:
        message["custom"] = {"messages": [envelope.as_dict() for envelope in said]}
        if kept != said:
            message["custom"]["kept"] = [envelope.as_dict() for envelope in kept]
    return message


def _belongs_to_form(part: dict[str, Any]) -> bool:
    return any(intent in CALLBACKS or intent in _FORM_WORDS for intent in part["intents"])
