"""The figures that no model may fall short of: a few for all, and for each topic those of the model in use.

The messages are the open ones of tests/evaluation, which are part of an installed package too: a clinic holds its
models against the same ones as we do. What is due follows the clinic's own topics: an answer that it made of a front
desk's topic is due as one, and a topic that it retired is asked no more.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prp_guide.content import Library
from prp_guide.errors import DataError, SetupError
from prp_guide.evaluation import verdicts
from prp_guide.evaluation.figures import Figures, Judged, by
from prp_guide.evaluation.rows import HeldOut, Multi, Single, read_rows
from prp_guide.evaluation.understanding import Judge
from prp_guide.evaluation.verdicts import Label, Share
from prp_guide.home import Home
from prp_guide.language.classifier import Classifier
from prp_guide.language.phrases import TOPIC_PREFIX, Phrase, read_phrases
from prp_guide.language.spelling import Speller
from prp_guide.red_flags import Screen

PACKAGED = Path(__file__).parent / "messages"
TOPICAL = ("answer", "staff")
# A topic may lose so many of its messages, or this share of them: one or two move with every training.
MOST_LOST, MOST_LOST_SHARE = 2, 0.1
# Of the phrases that a new topic was made with, so many must lead to it, if only by a button.
LEAST_REACHED = 0.25
# Where SentenceClassifier keeps what it has learnt; named again, as that module would load all of Rasa.
CLASSIFIER, WORDS = "classifier.npz", "words.json"


@dataclass(frozen=True)
class Gates:
    """In percent of the messages meant: a little under what was reached, so that a step back is noticed."""

    right: float  # at least
    wrong: float  # at most
    not_answered: float  # at least, of those out of scope
    urgent: float  # at least, of emergencies and poisoning
    crisis: float
    clinical: float
    alarms: float  # at most, of harmless messages
    whole: float  # at least, of messages with several questions


GATES = {
    "sealed": Gates(
        right=86.0, wrong=5.8, not_answered=93.5, urgent=96.0, crisis=95.5, clinical=97.5, alarms=4.0, whole=80.0
    ),
    "development": Gates(
        right=90.0, wrong=2.8, not_answered=95.5, urgent=98.0, crisis=98.5, clinical=97.5, alarms=1.4, whole=76.0
    ),
}
CAUGHT_WORDS = {
    "urgent": "Emergencies and poisoning caught",
    "crisis": "Messages of self-harm caught",
    "clinical": "Worrying symptoms caught",
}


def failed_gates(home: Home, new: Path, old: Path | None) -> list[str]:
    """Why the model at `new` must stay out, as sentences; `old` is the one in use. None when it may go live.

    Takes about a minute. Raises DataError for the messages or the content, SetupError when they are not there.
    """
    library = Library.load(home)
    rows = adapted(_messages(home), library)
    classifier, speller = _learnt(new)
    judge = Judge(home.encoder, speller, Screen.load(home), library)
    figures = figures_of(judge, classifier, rows)
    reasons = short_of(figures, GATES["development"])
    if old is not None:
        before, other = _learnt(old)
        reasons += worse_topics(figures, figures_of(judge.with_speller(other), before, rows), library)
        reasons += unreached_topics(judge, classifier, set(before.intents), read_phrases(home), library)
    return reasons


def figures_of(judge: Judge, classifier: Classifier, rows: HeldOut) -> Figures:
    """What the model alone makes of `rows`."""
    singles = map(judge.reply, judge.hear([row.text for row in rows.singles], classifier))
    multis = map(judge.reply, judge.hear([row.text for row in rows.multis], classifier))
    return Figures.of(zip(rows.singles, singles, strict=True), zip(rows.multis, multis, strict=True))


def short_of(figures: Figures, gates: Gates) -> list[str]:
    """The gates that `figures` fall short of, a sentence each."""
    least = [
        ("Understood", figures.in_scope.share("right"), gates.right),
        ("Left alone, of what is none of ours", figures.not_answered, gates.not_answered),
        ("Met in full, of messages with several questions", figures.whole, gates.whole),
        *((words, figures.safety.caught[kind], getattr(gates, kind)) for kind, words in CAUGHT_WORDS.items()),
    ]
    most = [
        ("Answered wrongly", figures.in_scope.share("wrong"), gates.wrong),
        ("False alarms", figures.safety.alarms, gates.alarms),
    ]
    reasons = [_sentence(words, share, f"at least {floor:g}") for words, share, floor in least if share.percent < floor]
    return reasons + [_sentence(words, share, f"at most {top:g}") for words, share, top in most if share.percent > top]


def worse_topics(new: Figures, old: Figures, library: Library) -> list[str]:
    """The topics that `new` understands clearly less well than `old`, a sentence each."""
    before = {due: _understood(judged) for due, judged in by(old.singles, lambda one: one.due).items()}
    reasons = []
    for due, judged in by(new.singles, lambda one: one.due).items():
        count = _understood(judged)
        lost = before[due] - count
        if due.kind in TOPICAL and lost > max(MOST_LOST, MOST_LOST_SHARE * len(judged)):
            label = library.topics[due.topic].label.en
            reasons.append(f"{label} {count} of {len(judged)} messages about it are understood, {before[due]} before.")
    return reasons


def unreached_topics(
    judge: Judge, new: Classifier, known: Collection[str], phrases: Sequence[Phrase], library: Library
) -> list[str]:
    """The topics that `new` has beside the `known` intents, and that their own phrases hardly lead to."""
    reasons = []
    for topic in library.topics.values():
        intent = TOPIC_PREFIX + topic.id
        own = [phrase.text for phrase in phrases if phrase.intent == intent]
        if intent in known or not own:
            continue
        due = (Label(topic.kind, topic.id),)
        replies = map(judge.reply, judge.hear(own, new))
        count = sum(verdicts.judge(reply, due) in ("right", "assisted") for reply in replies)
        if count < LEAST_REACHED * len(own):
            reasons.append(
                f"{topic.label.en} Of its own {len(own)} phrases {count} lead to it. Write more of them, in words "
                "that no other topic uses."
            )
    return reasons


def adapted(rows: HeldOut, library: Library) -> HeldOut:
    """`rows` with what is due as the clinic's topics are now, without those about topics that are gone."""
    singles = tuple(filter(None, (_single(row, library) for row in rows.singles)))
    multis = tuple(filter(None, (_multi(row, library) for row in rows.multis)))
    return HeldOut(singles, multis, rows.sizes)


def _single(row: Single, library: Library) -> Single | None:
    due = _due([row.due], library)
    return row.copy(update={"kind": due[0].kind, "alt": _due(row.alt, library)}) if due else None


def _multi(row: Multi, library: Library) -> Multi | None:
    expect = _due(row.expect, library)
    if len(expect) < len(row.expect):
        return None
    return row.copy(update={"expect": expect, "alt": _due(row.alt, library)})


def _due(labels: Iterable[Label], library: Library) -> tuple[Label, ...]:
    found = []
    for label in labels:
        if label.kind not in TOPICAL:
            found.append(label)
        elif topic := library.topics.get(label.topic):
            found.append(Label(topic.kind, topic.id))
    return tuple(found)


def _understood(judged: Sequence[Judged]) -> int:
    return sum(one.verdict in ("right", "assisted") for one in judged)


def _sentence(words: str, share: Share, gate: str) -> str:
    return f"{words}: {share}; {gate} % are needed."


def _messages(home: Home) -> HeldOut:
    for folder in (PACKAGED, home.root / "tests" / "evaluation" / "development"):
        if folder.is_dir():
            return read_rows(folder)
    raise SetupError(
        "The messages that a model is held against are not there: prp_guide/evaluation/messages of the package,\n"
        "    or tests/evaluation/development of a checkout. Install the package anew."
    )


def _learnt(model: Path) -> tuple[Classifier, Speller]:
    """What the classifier of the model at `model` has learnt."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(model) as archive:
            for member in archive:
                name = Path(member.name).name
                if name in (CLASSIFIER, WORDS) and (file := archive.extractfile(member)):
                    found[name] = file.read()
        return Classifier.from_bytes(found[CLASSIFIER]), Speller(json.load(io.BytesIO(found[WORDS])))
    except (OSError, tarfile.TarError, KeyError, ValueError) as fault:
        raise DataError(model, None, f"this is no model of ours ({type(fault).__name__})", "Run: make train") from None
