"""Sentences to vectors: the fine-tuned MiniLM of models/encoder, int8, on one thread."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from prp_guide.errors import SetupError

Vectors = NDArray[np.float32]

MAX_TOKENS = 128
_BATCH = 64
_RUN = 14  # what a run of the network costs by itself, in tokens


class Encoder:
    """Encodes texts as unit vectors, so that a dot product is their cosine similarity."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Loads `encoder.onnx` and `tokenizer.json` from `folder`. Raises SetupError when they are not there.

        One thread answers a message soonest where three processes share two cores; a training may take more.
        """
        model, tokenizer = folder / "encoder.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.exists():
                raise SetupError(f"{file} is missing. It is part of the project: check out models/encoder again.")
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.size: int = self._session.get_outputs()[0].shape[-1]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, shape (len(texts), size), float32, each of length 1."""
        tokens = [shortened(self._tokenizer.encode(plain(text)).ids, MAX_TOKENS) for text in texts]
        vectors = np.empty((len(texts), self.size), dtype=np.float32)
        for batch in _batches([len(row) for row in tokens]):
            width = len(tokens[batch[-1]])
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for row, index in enumerate(batch):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            vectors[batch] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Places in `lengths`, from short to long: those of like length together, so that little is spent on padding."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and len(batches[-1]) < _BATCH:
            padding = (lengths[place] - lengths[batches[-1][-1]]) * len(batches[-1])
            if padding <= _RUN:
                batches[-1].append(place)
                continue
        batches.append([place])
    return batches


def shortened(tokens: list[int], most: int) -> list[int]:
    """`tokens` if they are `most` or less, else their beginning and their end: there people say what they want."""
    begin = most // 3
    return tokens if len(tokens) <= most else tokens[:begin] + tokens[begin - most :]


def plain(text: str) -> str:
    """`text` with odd spaces, quotes and letters repeated for emphasis ("sooooo") made ordinary, and emoji named.

    The tokenizer knows no emoji: to it a thumb up and a skull would be the same.
    """
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = "".join(_named(letter) for letter in text)
    text = re.sub(r"(\w)\1{2,}", r"\1\1", text)
    return re.sub(r"\s+", " ", text).strip()


def _named(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "So":
        return f" {unicodedata.name(letter, '').lower()} "
    return "" if kind in ("Cf", "Sk", "Mn") and not letter.isascii() else letter


def fingerprint(folder: Path) -> str:
    """A hash of the encoder's files: a model trained with another one is not current."""
    digest = hashlib.sha256()
    for name in ("encoder.onnx", "tokenizer.json"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
