"""The intent classifier as a graph component over prp_guide.language."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from prp_guide import language
from prp_guide.content import Library
from prp_guide.home import Home
from prp_guide.language.classifier import Classifier, Verdict
from prp_guide.language.encoder import Encoder, fingerprint
from prp_guide.language.follow_ups import may_follow, meant
from prp_guide.language.known_vectors import phrase_vectors
from prp_guide.language.questions import pieces
from prp_guide.language.spelling import Speller, words_of
from prp_guide.rasa_parts.dialogue import context_of

_FILE = "classifier.npz"
_WORDS = "words.json"
VERDICT = "verdict"
PIECES = "pieces"
IN_CONTEXT = "in_context"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceClassifier(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking`, and leaves the verdicts on message and pieces for ReplyPlan."""

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        classifier: Classifier | None = None,
        speller: Speller | None = None,
    ) -> None:
        self._storage, self._resource = storage, resource
        home = Home.from_env()
        self._encoder = Encoder(home.encoder)
        self._library = Library.load(home)
        self._classifier, self._speller = classifier, speller

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
            return cls(
                model_storage,
                resource,
                Classifier.from_bytes((folder / _FILE).read_bytes()),
                Speller(json.loads((folder / _WORDS).read_text(encoding="utf-8"))),
            )

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Another encoder, or another way of learning, means training anew: Rasa's cache sees this file only."""
        digest = hashlib.sha256(fingerprint(Home.from_env().encoder).encode())
        for module in sorted(Path(language.__file__).parent.rglob("*.py")):
            digest.update(module.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (message.get(TEXT), message.get(INTENT)) for message in training_data.intent_examples if message.get(TEXT)
        ]
        texts = [text for text, _ in examples]
        vectors = phrase_vectors(Home.from_env().encoder, texts, threads=os.cpu_count() or 1)
        self._classifier = Classifier.train(texts, vectors, [intent for _, intent in examples])
        words = words_of(texts)
        self._speller = Speller(words)
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_bytes(self._classifier.to_bytes())
            (folder / _WORDS).write_text(json.dumps(words), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        assert self._classifier is not None, "Rasa processes with a loaded component"
        assert self._speller is not None
        before = context_of(tracker)
        for message in messages:
            if not message.get(TEXT) or (message.get("metadata") or {}).get("choice"):
                continue  # a button says itself what it means
            text = self._speller.correct(message.get(TEXT))
            if not before.step:
                text = meant(text)
            parts = pieces(text)
            texts = [text, *(piece.text for piece in parts)] if len(parts) > 1 else [text]
            verdict, *verdicts = self._classifier.classify(texts, self._encoder.encode(texts))
            message.set(PIECES, list(zip(parts, verdicts, strict=True)) if verdicts else [])
            ranking = [{"name": guess.intent, "confidence": guess.confidence} for guess in verdict.guesses]
            message.set(VERDICT, verdict)
            if before.unclear:
                message.set(IN_CONTEXT, self._together(before.unclear, text))
            elif before.topic and not before.step and may_follow(text, verdict):
                message.set(IN_CONTEXT, self._in_context(before.topic, text))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _in_context(self, topic: str, text: str) -> Verdict | None:
        """The verdict on the question that `topic` stands for and `text` together."""
        self._library = self._library.fresh()
        if (known := self._library.topics.get(topic)) is None:
            return None
        return self._together(known.label.en, text)

    def _together(self, before: str, text: str) -> Verdict:
        """The verdict on what was said before and `text`, read as one."""
        assert self._classifier is not None
        together = [f"{before} {text}"]
        return self._classifier.classify(together, self._encoder.encode(together))[0]
