"""Phrases as Rasa's messages: cheaper to copy and to hash, and otherwise what Rasa's own would be."""

from __future__ import annotations

from copy import deepcopy

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from prp_guide.rasa_parts.importer import TopicImporter


def ours() -> Message:
    data = TopicImporter("config.yml", "domain.yml", ["data"]).get_nlu_data()
    return next(message for message in data.training_examples if message.get(INTENT) == "ask_washing")


def test_a_phrase_is_what_rasa_would_make_of_it() -> None:
    phrase = ours()
    rasas = Message.build(text=phrase.get(TEXT), intent=phrase.get(INTENT))
    assert (phrase.data, phrase.output_properties) == (rasas.data, rasas.output_properties)
    assert phrase == rasas
    assert hash(phrase) == hash(rasas)


def test_a_copy_is_a_copy() -> None:
    phrase = ours()
    copied = deepcopy(phrase)
    assert copied == phrase
    copied.set(INTENT, "ask_sun", add_to_output=True)
    copied.features.append(object())
    assert phrase.get(INTENT) == "ask_washing"
    assert (phrase.features, INTENT in phrase.output_properties) == ([], False)
    assert copied != phrase


def test_a_change_changes_the_hash() -> None:
    phrase = ours()
    before = hash(phrase)
    phrase.set(TEXT, phrase.get(TEXT))
    assert hash(phrase) == before
    phrase.set(TEXT, "something else")
    assert hash(phrase) != before


def test_merging_keeps_every_phrase() -> None:
    phrase = ours()
    merged = TrainingData().merge(TrainingData([phrase]), TrainingData([deepcopy(phrase)]))
    assert merged.training_examples == [phrase]
