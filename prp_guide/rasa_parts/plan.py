"""The last component: one intent to drive Rasa's rules, and the plan of the reply, part by part.

The plan travels in the parse data to prp_guide.rasa_parts.replies, which says it.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from prp_guide.language.classifier import OUT_OF_SCOPE
from prp_guide.language.decision import Thresholds
from prp_guide.language.details import Detail, find_details
from prp_guide.language.intents import CALLBACKS, CARDS, topic_of
from prp_guide.language.meaning import understand
from prp_guide.language.parts import Context, Meaning, Part
from prp_guide.language.phrases import TOPIC_PREFIX
from prp_guide.language.tongue import OTHER, tongue
from prp_guide.rasa_parts.classifier import IN_CONTEXT, PIECES, VERDICT
from prp_guide.rasa_parts.dialogue import context_of
from prp_guide.rasa_parts.names import GIVEN, PLAN, REFUSED, SLOT_OF_STEP, VOICEMAIL
from prp_guide.rasa_parts.red_flag_screen import SEEN

# Buttons that name an intent which is no topic.
_PLAIN = ("human", "phone", "capabilities", *CALLBACKS, *CARDS)
# "Ask for a call" and "go on with my request" are about whatever was spoken of, not about a topic of their own.
_NO_SUBJECT = ("", "resume", *CALLBACKS)
_ABOUT_A_VISIT = ("book_appointment", "change_appointment")
_VOICEMAIL_OF_CHOICE = {"confirm:yes": True, "confirm:no_voicemail": False}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReplyPlan(GraphComponent):
    """Sets `intent`, the callback form's entities, and `plan`."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(vars(Thresholds()))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ReplyPlan:
        return cls(Thresholds(**{name: float(config[name]) for name in vars(Thresholds())}))

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        context = context_of(tracker)
        for message in messages:
            text, metadata = message.get(TEXT), message.get("metadata") or {}
            if not text:
                continue
            choice = metadata.get("choice")
            meaning = meaning_of_choice(choice) if choice else self._meaning(message, text, context)
            form_begins = any(part.intent in CALLBACKS for part in meaning.parts)
            details = meaning.details if context.step or form_begins else ()
            message.set(INTENT, _intent(meaning), add_to_output=True)
            entities = [_entity(detail) for detail in details]
            if choice in _VOICEMAIL_OF_CHOICE:
                entities.append(_voicemail(0, 0, wanted=_VOICEMAIL_OF_CHOICE[choice]))
            message.set(ENTITIES, entities, add_to_output=True)
            plan = _plan(meaning, context, choice)
            if not choice and any(part.act == "decline" for part in meaning.parts) and tongue(text) == OTHER:
                plan = [entry | {"foreign": True} for entry in plan]
            message.set(PLAN, plan, add_to_output=True)
        return messages

    def _meaning(self, message: Message, text: str, context: Context) -> Meaning:
        return understand(
            message.get(VERDICT),
            context,
            text=text,
            pieces=message.get(PIECES) or [],
            seen=message.get(SEEN),
            details=find_details(
                text, asked=context.step, about_visit=message.get(VERDICT).best.intent in _ABOUT_A_VISIT
            ),
            in_context=message.get(IN_CONTEXT),
            thresholds=self._thresholds,
        )


def meaning_of_choice(choice: str) -> Meaning:
    """What a button means, by its id: topic:<topic or intent>, callback:<topic>, confirm:yes, :no_voicemail or :no."""
    kind, _, name = choice.partition(":")
    if kind == "callback":
        return Meaning((Part("reply", (name if name in CALLBACKS else "request_callback",)),))
    if kind == "confirm":
        return Meaning((Part("reply", ("cancel" if name == "no" else "affirm",)),))
    return Meaning((Part("reply", (name if name in _PLAIN else TOPIC_PREFIX + name,)),))


def _intent(meaning: Meaning) -> dict[str, Any]:
    """The intent for Rasa's rules. The first part decides, but a wish for a call must reach the form."""
    if not meaning.parts:
        return {"name": None, "confidence": 1.0}  # an answer to the form's question, and nothing else
    callback = next((part for part in meaning.parts if part.intent in CALLBACKS), None)
    part = callback or meaning.parts[0]
    return {"name": part.intent or OUT_OF_SCOPE, "confidence": part.confidence}


def _plan(meaning: Meaning, context: Context, choice: str | None) -> list[dict[str, Any]]:
    plan: list[dict[str, Any]] = []
    for part in meaning.parts:
        entry: dict[str, Any] = {"act": part.act, "intents": list(part.intents)}
        if part.unsure:
            entry["unsure"] = True
        if context.topic and topic_of(part.intent) == context.topic:
            entry["again"] = True
        if part.intent in CALLBACKS:
            named = choice.partition(":")[2] if choice and choice.startswith("callback:") else ""
            spoken_of = next((topic_of(other.intent) for other in meaning.parts if topic_of(other.intent)), None)
            entry["about"] = named if named not in _NO_SUBJECT else spoken_of or context.topic
        plan.append(entry)
    return plan


def _entity(detail: Detail) -> dict[str, Any]:
    if detail.kind == "voicemail":
        return _voicemail(detail.start, detail.end, wanted=detail.complete)
    return {
        "entity": SLOT_OF_STEP[detail.kind],
        "start": detail.start,
        "end": detail.end,
        "value": GIVEN if detail.complete else "incomplete",
        "confidence_entity": 1.0,
        "extractor": "ReplyPlan",
    }


def _voicemail(start: int, end: int, *, wanted: bool) -> dict[str, Any]:
    return {
        "entity": VOICEMAIL,
        "start": start,
        "end": end,
        "value": GIVEN if wanted else REFUSED,
        "confidence_entity": 1.0,
        "extractor": "ReplyPlan",
    }
