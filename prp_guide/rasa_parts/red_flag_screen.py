"""The red-flag screen as the first component of the pipeline, for `rasa shell` and every channel but the web."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from prp_guide.home import Home
from prp_guide.red_flags import Screen

SEEN = "red_flag"
SCREENED = "screened"  # in a message's metadata: what the web process has seen already


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RedFlagScreen(GraphComponent):
    """Leaves the word for what it saw (prp_guide.red_flags.Sight) under `red_flag`.

    The rules are read from disk, so an edit needs no training, and when first needed: behind the web process, which
    has screened every message, they never are.
    """

    @cached_property
    def _screen(self) -> Screen:
        return Screen.load(Home.from_env())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RedFlagScreen:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if seen := self._seen(message):
                message.set(SEEN, seen)
        return messages

    def _seen(self, message: Message) -> str | None:
        metadata = message.get("metadata") or {}
        if SCREENED in metadata:
            return metadata[SCREENED]
        text = message.get(TEXT)
        return self._screen.look(text).word if text and not metadata.get("choice") else None
