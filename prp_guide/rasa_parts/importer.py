"""Tells Rasa what is at the project's root: its own files, the phrases, and for every intent the rule that replies.

Phrases stay plain Rasa YAML, for `rasa test nlu` and other tools of Rasa. Here they are read by `read_phrases`, for
Rasa's own reader parses every file six times over, half a minute for what takes half a second. Listing an intent
once more in domain.yml, and writing sixty rules that say the same, would be two places too many.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rasa.shared.data
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from prp_guide.home import Home
from prp_guide.language.intents import CALLBACKS
from prp_guide.language.phrases import read_phrases
from prp_guide.rasa_parts.names import REPLY

_NOT_RASAS = ("phrases", "topics", "facts.yml", "replies.yml", "red_flags.yml")  # of data/: ours to read


class TopicImporter(RasaFileImporter):
    """Rasa's importer of files, with the phrases, their intents and the rule that replies to each."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        *_args: Any,
        **_kwargs: Any,
    ) -> None:
        """Raises DataError when a line of data/phrases is no phrase."""
        home = Home.from_env()
        self._phrases = read_phrases(home)
        self._intents = sorted({phrase.intent for phrase in self._phrases})
        ours = tuple((home.data / name).resolve() for name in _NOT_RASAS)
        files = rasa.shared.data.get_data_files(training_data_paths, lambda _path: True)
        rasas = [file for file in files if not _within(Path(file).resolve(), ours)]
        super().__init__(config_file, domain_path, rasas)

    def get_domain(self) -> Domain:
        return super().get_domain().merge(Domain.from_dict({"version": "3.1", "intents": list(self._intents)}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        rules = [
            {"rule": f"reply to {intent}", "steps": [{"intent": intent}, {"action": REPLY}]}
            for intent in self._intents
            if intent not in CALLBACKS  # these begin the form: data/rules.yml
        ]
        replies = StoryGraph(YAMLStoryReader().read_from_parsed_yaml({"rules": rules}))
        return super().get_stories(exclusion_percentage).merge(replies)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        messages: list[Message] = [_Phrase({TEXT: phrase.text, INTENT: phrase.intent}) for phrase in self._phrases]
        if self._nlu_files:
            messages += super().get_nlu_data(language).training_examples
        return TrainingData(messages)


class _Phrase(Message):
    """A phrase as Rasa's message. Rasa copies the whole training data at each of nine merges, and hashes it again:
    fifteen seconds of Python's deepcopy for values that nobody changes.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> _Phrase:
        """A copy whose properties and features can be set without touching this one."""
        copied = _Phrase(self.data, set(self.output_properties), self.time, list(self.features))
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        if add_to_output or self.data.get(prop) != info:  # the same again leaves the fingerprint as it is
            super().set(prop, info, add_to_output)


def _within(file: Path, places: tuple[Path, ...]) -> bool:
    return any(file == place or place in file.parents for place in places)
