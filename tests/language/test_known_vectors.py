"""Known vectors: taken where the encoder is the same, made anew where not, and alike either way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.language.encoder import MAX_TOKENS, Encoder, shortened
from prp_guide.language.known_vectors import FILE, phrase_vectors, write
from prp_guide.language.phrases import read_phrases

HOME = Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")
TEXTS = ["when can i wash my hair", "how much is it", "¿duele?", "🧘 ok?"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("encoder.onnx", "tokenizer.json"):
        (tmp_path / name).symlink_to(HOME.encoder / name)
    return tmp_path


def test_known_and_new_texts_keep_their_order(folder: Path) -> None:
    write(folder, TEXTS[:3])
    asked = [TEXTS[3], TEXTS[1], TEXTS[0], "a message that nobody wrote before", TEXTS[2], TEXTS[1]]
    vectors = phrase_vectors(folder, asked)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    expected = np.concatenate([Encoder(folder).encode([text]) for text in asked])
    assert (vectors * expected).sum(axis=1).min() > 0.99


def test_what_is_stored_is_taken(folder: Path) -> None:
    write(folder, TEXTS)
    with np.load(folder / FILE) as stored:
        content = dict(stored)
    content["vectors"] = np.roll(content["vectors"], 1, axis=0)
    np.savez(folder / FILE, **content)
    assert not np.allclose(phrase_vectors(folder, TEXTS), Encoder(folder).encode(TEXTS), atol=0.2)


def test_another_encoders_vectors_are_not_taken(folder: Path) -> None:
    write(folder, TEXTS)
    with np.load(folder / FILE) as stored:
        content = dict(stored)
    content["encoder"] = np.array("another")
    content["vectors"] = np.zeros_like(content["vectors"])
    np.savez(folder / FILE, **content)
    assert np.array_equal(phrase_vectors(folder, TEXTS), Encoder(folder).encode(TEXTS))


def test_no_file(folder: Path) -> None:
    assert np.array_equal(phrase_vectors(folder, TEXTS), Encoder(folder).encode(TEXTS))
    assert phrase_vectors(folder, []).shape == (0, Encoder(folder).size)


def test_ours_hold_nearly_all_phrases() -> None:
    """Else training takes long: run models/encoder/vectors.py after adding many phrases."""
    texts = {phrase.text for phrase in read_phrases(HOME)}
    with np.load(HOME.encoder / FILE) as stored:
        assert len(stored["keys"]) > 0.9 * len(texts)


def test_long_messages_keep_both_ends() -> None:
    tokens = list(range(MAX_TOKENS + 50))
    kept = shortened(tokens, MAX_TOKENS)
    assert len(kept) == MAX_TOKENS
    assert kept[0] == 0
    assert kept[-1] == tokens[-1]
    assert shortened(tokens[:MAX_TOKENS], MAX_TOKENS) == tokens[:MAX_TOKENS]
