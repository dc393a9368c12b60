"""Which language a message is in, as far as a short one tells."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

OTHER = "other"
SPOKEN = ("en", "es")

# Those that patients here are likely to write in. The fewer, the surer: "cuanto cuesta" could also be Galician.
_HEARD = (
    "en",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "zh",
    "ja",
    "ko",
    "vi",
    "tl",
    "hy",
    "fa",
    "ar",
    "he",
)
_CERTAIN = 0.85
_LIKELY = 0.6  # of a message of some length
_FOREIGN = 0.97
_SOME_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def tongue(text: str) -> str | None:
    """The language of `text`: en, es, or other; None when it could be anyone's ("PRP?", a name)."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return None
    if "¿" in text or "¡" in text:
        return "es"
    if sum(bool(_LATIN.match(word)) for word in words) * 2 < len(words):
        return OTHER
    # Small words tell more of a short, mistyped message than its letters do.
    english, spanish = (sum(word in _small_words()[lang] for word in words) for lang in SPOKEN)
    if english > spanish:
        return "en"
    lang, share = _identifier().classify(" ".join(words))
    some = len(words) >= _SOME_WORDS
    if lang not in SPOKEN and some and not english and share >= _FOREIGN and spanish * 2 <= len(words):
        return OTHER  # Portuguese and French have some of the Spanish words as well
    if spanish > english:
        return "es"
    return str(lang) if lang in SPOKEN and share >= (_LIKELY if some else _CERTAIN) else None


@cache
def _small_words() -> dict[str, frozenset[str]]:
    lists = yaml.safe_load(Path(__file__).with_name("small_words.yml").read_text(encoding="utf-8"))
    return {lang: frozenset(words.split()) for lang, words in lists.items()}


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second, at the first message

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_HEARD)
    # Its own arithmetic is in half precision, in which the counts of long messages overflow.
    identifier.nb_ptc = np.asarray(identifier.nb_ptc, dtype=np.float32)
    identifier.nb_pc = np.asarray(identifier.nb_pc, dtype=np.float32)
    return identifier
