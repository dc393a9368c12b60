"""What the assistant would say to a message, without the assistant: language and red flags alone, in batches.

It leaves out sessions, the callback form and the wording: good for thousands of messages and for trying other
thresholds. What a patient really gets is what `chat` asks for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prp_guide.content import Library
from prp_guide.evaluation.cross_validation import classify, folds
from prp_guide.evaluation.verdicts import OUT_OF_SCOPE, Label, Reply, Said
from prp_guide.language.classifier import Classifier, Verdict
from prp_guide.language.decision import Thresholds
from prp_guide.language.encoder import Vectors
from prp_guide.language.intents import CALLBACKS, CANCEL, CARDS
from prp_guide.language.known_vectors import phrase_vectors
from prp_guide.language.meaning import understand
from prp_guide.language.parts import Context, Part
from prp_guide.language.phrases import TOPIC_PREFIX, Phrase
from prp_guide.language.questions import Piece, pieces
from prp_guide.language.spelling import Speller
from prp_guide.red_flags import Screen
from prp_guide.replies.replies import CARDS as CARD_LABELS
from prp_guide.replies.replies import HANDOFF_TOPICS

_HUMAN = Label("handoff", "human")


@dataclass(frozen=True)
class Heard:
    """One message as the classifier sees it. Thresholds come later, so that several can be tried."""

    text: str
    verdict: Verdict
    pieces: tuple[tuple[Piece, Verdict], ...]
    seen: str | None


@dataclass(frozen=True)
class _Read:
    """Messages and their pieces as rows, with a vector for each: row `places[n][0]` is message n, its pieces follow."""

    texts: Sequence[str]
    parts: list[list[Piece]]
    places: list[range]
    rows: list[str]
    vectors: Vectors


class Judge:
    """Runs messages through language and screen, and says what would be replied."""

    def __init__(self, encoder: Path, speller: Speller, screen: Screen, library: Library) -> None:
        """`encoder` is the folder of the sentence encoder."""
        self._encoder, self._speller, self._screen, self._library = encoder, speller, screen, library
        self._known: dict[str, Vectors] = {}  # encoding is what takes the time, and texts come again

    def with_speller(self, speller: Speller) -> Judge:
        """The same, with the spelling of another model. What one has encoded the other need not."""
        other = Judge(self._encoder, speller, self._screen, self._library)
        other._known = self._known
        return other

    def train(self, phrases: Sequence[Phrase]) -> Classifier:
        """The head as `prp-guide train` makes it of `phrases`."""
        texts = [phrase.text for phrase in phrases]
        return Classifier.train(texts, self._encode(texts), [phrase.intent for phrase in phrases])

    def hear(self, texts: Sequence[str], classifier: Classifier) -> list[Heard]:
        """Each of `texts` with the verdicts of `classifier` on it and on its pieces."""
        read = self._read(texts)
        verdicts = classify(classifier, read.rows, read.vectors)
        return [self._heard(read, number, verdicts) for number in range(len(texts))]

    def hear_unseen(self, phrases: Sequence[Phrase]) -> list[Heard]:
        """Each of `phrases` as heard by a head that has not seen it."""
        read = self._read([phrase.text for phrase in phrases])
        wholes = read.vectors[[place[0] for place in read.places]]
        heard: dict[int, Heard] = {}
        for classifier, unseen in folds(phrases, wholes):
            rows = [row for number in unseen for row in read.places[number]]
            found = classify(classifier, [read.rows[row] for row in rows], read.vectors[rows])
            verdicts = dict(zip(rows, found, strict=True))
            heard.update((int(number), self._heard(read, number, verdicts)) for number in unseen)
        return [heard[number] for number in range(len(phrases))]

    def reply(self, heard: Heard, thresholds: Thresholds | None = None) -> Reply:
        """What is said to a message that begins a conversation."""
        meaning = understand(
            heard.verdict,
            Context(),
            text=heard.text,
            pieces=heard.pieces,
            seen=heard.seen,
            thresholds=thresholds or Thresholds(),
        )
        said = [self._said(part) for part in meaning.parts if part.intent not in CALLBACKS]
        form = [self._said(part) for part in meaning.parts if part.intent in CALLBACKS]
        return tuple(said + form[:1])  # the form asks for one thing, after all else

    def label(self, intent: str) -> Label:
        """The reply that `intent` leads to. A topic whose file was removed is handed to the front desk."""
        if intent.startswith(TOPIC_PREFIX):
            topic = self._library.topics.get(intent.removeprefix(TOPIC_PREFIX))
            return Label(topic.kind, topic.id) if topic else _HUMAN
        if intent in CARDS:
            return Label(*CARD_LABELS[CARDS[intent]])
        if intent in CALLBACKS:
            return Label("callback", intent)
        if intent == OUT_OF_SCOPE:
            return Label(OUT_OF_SCOPE, OUT_OF_SCOPE)
        if intent in HANDOFF_TOPICS or intent == "callback_status":
            return Label("handoff", HANDOFF_TOPICS.get(intent, "human"))
        return Label("chat", "deny" if intent == CANCEL else intent)

    def _read(self, texts: Sequence[str]) -> _Read:
        mended = [self._speller.correct(text) for text in texts]
        parts = [pieces(text) for text in mended]
        rows: list[str] = []
        places: list[range] = []
        for text, found in zip(mended, parts, strict=True):
            begin = len(rows)
            rows += [text, *(piece.text for piece in found)] if len(found) > 1 else [text]
            places.append(range(begin, len(rows)))
        return _Read(texts, parts, places, rows, self._encode(rows))

    def _encode(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, phrase_vectors(self._encoder, new, threads=os.cpu_count() or 1), strict=True))
        return np.stack([self._known[text] for text in texts])

    def _heard(self, read: _Read, number: int, verdicts: dict[int, Verdict] | list[Verdict]) -> Heard:
        place, text = read.places[number], read.texts[number]
        found = read.parts[number] if len(place) > 1 else []
        return Heard(
            text,
            verdicts[place[0]],
            tuple((piece, verdicts[row]) for piece, row in zip(found, place[1:], strict=True)),
            self._screen.look(text).word,
        )

    def _said(self, part: Part) -> Said:
        if part.intent:
            return Said(self.label(part.intent))
        if part.act == "decline":
            return Said(self.label(OUT_OF_SCOPE))
        topics = frozenset(intent.removeprefix(TOPIC_PREFIX) for intent in part.intents)
        return Said(Label("clarify", ""), topics | {"human"})
