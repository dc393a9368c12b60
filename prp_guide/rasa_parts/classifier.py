"""The intent classifier as a graph component over prp_guide.language."""

from __future__ import annotations

import os
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from prp_guide.home import Home
from prp_guide.language.classifier import Classifier
from prp_guide.language.decision import FAVOUR
from prp_guide.language.encoder import Encoder, fingerprint
from prp_guide.language.questions import pieces

_FILE = "classifier.npz"
VERDICT = "verdict"
PIECES = "pieces"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking`, and leaves the verdicts on message and pieces for ReplyPlan."""

    def __init__(self, storage: ModelStorage, resource: Resource, classifier: Classifier | None = None) -> None:
        self._storage, self._resource = storage, resource
        self._encoder = Encoder(Home.from_env().encoder)
        self._classifier = classifier

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_kwargs: Any,
    ) -> SentenceClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Classifier.from_bytes((folder / _FILE).read_bytes()))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Another encoder means training anew, though neither phrases nor configuration changed."""
        return fingerprint(Home.from_env().encoder)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (message.get(TEXT), message.get(INTENT)) for message in training_data.intent_examples if message.get(TEXT)
        ]
        encoder = Encoder(Home.from_env().encoder, threads=os.cpu_count() or 1)
        vectors = encoder.encode([text for text, _ in examples])
        self._classifier = Classifier.train(vectors, [intent for _, intent in examples], FAVOUR)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(self._classifier.to_bytes())
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        assert self._classifier is not None, "Rasa processes with a loaded component"
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            parts = pieces(text)
            texts = [text, *(piece.text for piece in parts)] if len(parts) > 1 else [text]
            verdict, *verdicts = self._classifier.classify(self._encoder.encode(texts))
            message.set(PIECES, list(zip(parts, verdicts, strict=True)) if verdicts else [])
            ranking = [{"name": guess.intent, "confidence": guess.confidence} for guess in verdict.guesses]
            message.set(VERDICT, verdict)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
