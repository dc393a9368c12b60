"""How patients put it: questions grouped by meaning, and of each group the words that may be shown.

Redaction takes numbers and addresses out of what is stored, and finds no names. So words are shown only when

- at least SHOWN_FROM conversations asked much the same, and
- every word of the question is one of our own phrases', or was used in as many conversations.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from prp_guide.home import Home
from prp_guide.insight.gaps import Gap, Wording
from prp_guide.language.encoder import Encoder, Vectors
from prp_guide.language.phrases import read_phrases
from prp_guide.privacy import redact

SHOWN_FROM = 3
MOST_TEXTS = 600  # encoding takes 2 ms a text
LONGEST_GROUPED = 200  # whoever tells a story says more than one thing
MOST_WORDINGS, LONGEST = 5, 120
SHORTER = 0.004  # what a letter less is worth, in cosine
# How unlike two questions of one group may be: 1 minus their cosine, on average.
NEAR, NEAR_UNPLACED = 0.27, 0.35

_WORD = re.compile(r"[^\W\d_]+")
Texts = Sequence[tuple[str, str]]  # conversation, redacted words


def find_wordings(home: Home, gaps: Iterable[Gap], *, threads: int = 1) -> dict[str, tuple[Wording, ...]]:
    """The wordings of each of `gaps`, by its id. Raises SetupError, DataError."""
    return group_all(home, {gap.id: gap.texts for gap in gaps}, threads=threads)


def group_all(home: Home, texts: Mapping[str, Texts], *, threads: int = 1) -> dict[str, tuple[Wording, ...]]:
    """Wordings for each list of `texts`, by its key; what most asked comes first."""
    chosen: dict[str, dict[str, set[str]]] = {}
    left = MOST_TEXTS
    # The shortest lists first: what they leave of their share is for the others.
    for number, (key, pairs) in enumerate(sorted(texts.items(), key=lambda item: len(item[1]))):
        chosen[key] = _chosen(pairs, left // (len(texts) - number))
        left -= len(chosen[key])
    known = _known_words(home, texts.values())
    encoder = Encoder(home.encoder, threads=threads)
    every = list(dict.fromkeys(words for said in chosen.values() for words in said))
    vectors = dict(zip(every, encoder.encode(every), strict=True)) if every else {}
    return {
        key: _wordings(said, vectors, known, NEAR_UNPLACED if key.startswith("gap-unplaced") else NEAR)
        for key, said in chosen.items()
    }


def _chosen(pairs: Texts, most: int) -> dict[str, set[str]]:
    """Of `pairs` the `most` frequent texts, and of equals those asked last; each with its conversations."""
    said: dict[str, set[str]] = defaultdict(set)
    for session, words in pairs:
        if len(words) <= LONGEST_GROUPED:
            said[words].add(session)
    newest_first = reversed(list(said))
    kept: dict[str, set[str]] = defaultdict(set)
    for words in sorted(newest_first, key=lambda words: -len(said[words]))[:most]:
        # Redacted when they were stored; once more, as the rules may have grown since.
        kept[" ".join(redact(words).split())] |= said[words]
    return kept


def _wordings(
    said: Mapping[str, set[str]], vectors: Mapping[str, Vectors], known: set[str], near: float
) -> tuple[Wording, ...]:
    texts = list(said)
    found = []
    for group in _groups(np.array([vectors[words] for words in texts]), near):
        sessions = set().union(*(said[texts[place]] for place in group))
        if len(sessions) < SHOWN_FROM:
            continue
        middle = np.mean([vectors[texts[place]] for place in group], axis=0)
        # Of questions that fit alike the short one: it tells less of whoever asked.
        by_fit = sorted(group, key=lambda place: len(texts[place]) * SHORTER - float(vectors[texts[place]] @ middle))
        words = next((texts[place] for place in by_fit if _may_be_shown(texts[place], known)), None)
        if words is not None:
            found.append(Wording(words, len(sessions)))
    return tuple(sorted(found, key=lambda one: (-one.conversations, one.words))[:MOST_WORDINGS])


def _groups(vectors: Vectors, near: float) -> list[list[int]]:
    """Places of `vectors` that lie near each other on average."""
    if len(vectors) < 2:
        return [[0]] if len(vectors) else []
    from sklearn.cluster import AgglomerativeClustering  # half a second, which only a grouping needs

    # Of vectors of length 1, the square of the distance is twice what the cosine lacks to 1.
    grouping = AgglomerativeClustering(n_clusters=None, linkage="average", distance_threshold=(2 * near) ** 0.5)
    groups: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(grouping.fit_predict(vectors)):
        groups[int(label)].append(place)
    return list(groups.values())


def _may_be_shown(words: str, known: set[str]) -> bool:
    return len(words) <= LONGEST and all(word in known for word in _WORD.findall(words.casefold()))


def _known_words(home: Home, texts: Iterable[Texts]) -> set[str]:
    known = set(_WORD.findall("\n".join(phrase.text for phrase in read_phrases(home)).casefold()))
    used: Counter[str] = Counter()
    for pairs in texts:
        by_session: dict[str, set[str]] = defaultdict(set)
        for session, words in pairs:
            by_session[session].update(_WORD.findall(words.casefold()))
        for found in by_session.values():
            used.update(found)
    return known | {word for word, number in used.items() if number >= SHOWN_FROM}
