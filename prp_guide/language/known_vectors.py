"""Vectors of the phrases that the encoder was built with: a training encodes only what is new.

They lie beside the encoder, a byte a number, and were made one phrase at a time, as messages come: in a batch the
int8 encoder rounds a little differently. Without the file a training takes half a minute longer, no more.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prp_guide.language.encoder import Encoder, Vectors, fingerprint, plain

FILE = "vectors.npz"
_STEPS = 127


def phrase_vectors(folder: Path, texts: Sequence[str], *, threads: int = 1) -> Vectors:
    """A vector for each of `texts`, shape (len(texts), size): from `folder`'s file, or else from its encoder."""
    encoder = Encoder(folder, threads=threads)
    keys, stored = _read(folder, encoder.size)
    wanted = _keys(texts)
    places = np.searchsorted(keys, wanted).clip(max=max(len(keys) - 1, 0))
    known = keys[places] == wanted if len(keys) else np.zeros(len(texts), dtype=bool)
    vectors = np.empty((len(texts), encoder.size), dtype=np.float32)
    if known.any():
        found = stored[places[known]].astype(np.float32)
        vectors[known] = found / np.linalg.norm(found, axis=1, keepdims=True)
    if not known.all():
        vectors[~known] = encoder.encode([text for text, seen in zip(texts, known, strict=True) if not seen])
    return vectors


def write(folder: Path, texts: Sequence[str]) -> None:
    """Write `folder`'s file anew, for `texts`, with the encoder that is there."""
    encoder = Encoder(folder)
    keys, first = np.unique(_keys(texts), return_index=True)
    vectors = np.concatenate([encoder.encode([texts[index]]) for index in first])
    steps = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * _STEPS).astype(np.int8)
    buffer = io.BytesIO()
    np.savez(buffer, encoder=np.array(fingerprint(folder)), keys=keys, vectors=steps)
    (folder / FILE).write_bytes(buffer.getvalue())


def _read(folder: Path, size: int) -> tuple[NDArray[np.uint64], NDArray[np.int8]]:
    """The sorted keys and their vectors; none when the file is missing or belongs to another encoder."""
    path = folder / FILE
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["encoder"]) == fingerprint(folder):
                return stored["keys"], stored["vectors"]
    return np.empty(0, dtype=np.uint64), np.empty((0, size), dtype=np.int8)


def _keys(texts: Sequence[str]) -> NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(plain(text).encode(), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, dtype=np.uint64)
