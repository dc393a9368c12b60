"""Tells Rasa which intents there are and what follows each: one reply, by rule, for all but the callback form.

Phrases stay plain Rasa YAML, which RasaFileImporter reads. Listing an intent once more in domain.yml, and writing
sixty rules that say the same, would be two places too many.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from prp_guide.home import Home
from prp_guide.language.meaning import CALLBACKS
from prp_guide.rasa_parts.names import REPLY

_INTENT = re.compile(r"^\s*- intent:\s*(\w+)", re.MULTILINE)


class TopicImporter(TrainingDataImporter):
    """Adds to the files at the project's root: every intent that has phrases, and the rule that replies to it."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self._intents = sorted(intents_with_phrases(Home.from_env()))

    def get_domain(self) -> Domain:
        return Domain.from_dict({"version": "3.1", "intents": list(self._intents)})

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        rules = [
            {"rule": f"reply to {intent}", "steps": [{"intent": intent}, {"action": REPLY}]}
            for intent in self._intents
            if intent not in CALLBACKS  # these begin the form: data/rules.yml
        ]
        return StoryGraph(YAMLStoryReader().read_from_parsed_yaml({"rules": rules}))

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        return None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return TrainingData()


def intents_with_phrases(home: Home) -> set[str]:
    """Every intent named in data/phrases. RasaFileImporter reads the files whole, and judges them; once is enough."""
    return {
        intent
        for path in (home.data / "phrases").rglob("*.yml")
        for intent in _INTENT.findall(path.read_text(encoding="utf-8"))
    }
