"""`prp-guide evaluate`: measure how well it understands, and write docs/evaluation.md."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from prp_guide import clock
from prp_guide.commands.running import assistant
from prp_guide.content import Library
from prp_guide.evaluation.chat import ask_all
from prp_guide.evaluation.duplicates import folded
from prp_guide.evaluation.figures import Figures, Judged, Tally, curve
from prp_guide.evaluation.phrases import Phrase, read_phrases
from prp_guide.evaluation.report import Evaluation, write
from prp_guide.evaluation.rows import HeldOut, Single, read_rows
from prp_guide.evaluation.slips import slipped
from prp_guide.evaluation.understanding import Heard, Judge
from prp_guide.evaluation.verdicts import OUT_OF_SCOPE, Label, Reply, Share, judge
from prp_guide.home import Home
from prp_guide.language.encoder import Encoder
from prp_guide.red_flags import Screen
from prp_guide.supervisor import shown


def evaluate(home: Home, *, url: str | None) -> int:
    """Ask the assistant at `url`, or one started for the purpose; cross-validate the model; write the documents.

    Raises DataError for the held-out messages or the phrases, SetupError when the assistant does not answer.
    """
    rows, phrases = read_rows(home.root / "tests" / "evaluation"), read_phrases(home)
    library = Library.load(home)
    model = Judge(Encoder(home.encoder, threads=os.cpu_count() or 1), Screen.load(home), library)
    with _asked(home, url) as address:
        shown(f"Asking {len(rows.singles) + len(rows.multis)} held-out messages at {address} ...")
        singles = ask_all(address, [row.text for row in rows.singles])
        multis = ask_all(address, [row.text for row in rows.multis])
    figures = Figures.of(zip(rows.singles, singles, strict=True), zip(rows.multis, multis, strict=True))
    shown(f"\n{figures.summary()}\n")
    shown(f"Cross-validating over {len(phrases)} phrases, which takes minutes ...")
    evaluation = _Measured(model, rows, phrases).against(figures, singles)
    for path in write(evaluation, home.root / "docs"):
        shown(f"Wrote {path.relative_to(home.root)}")
    return 0


@contextmanager
def _asked(home: Home, url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    shown("Starting an assistant to be measured (a minute, longer if it has to train first) ...")
    with assistant(home) as address:
        yield address


class _Measured:
    """What the model alone makes of the held-out messages and of our phrases."""

    def __init__(self, model: Judge, rows: HeldOut, phrases: list[Phrase]) -> None:
        self._model, self._rows, self._phrases = model, rows, phrases
        texts = [row.text for row in rows.singles]
        classifier = model.train(phrases)
        self._clean = model.hear(texts, classifier)
        self._slipped = model.hear(slipped(texts), classifier)
        self._unseen = model.hear_unseen(phrases)

    def against(self, figures: Figures, replies: list[Reply]) -> Evaluation:
        """All that was measured, `figures` and `replies` being those of the running assistant."""
        intents = {phrase.intent for phrase in self._phrases}
        due = {intent: self._model.label(intent) for intent in intents}
        labels = [(due[phrase.intent],) for phrase in self._phrases]
        inside = [number for number, (label,) in enumerate(labels) if label.kind != OUT_OF_SCOPE]
        known = {folded(phrase.text) for phrase in self._phrases}
        strangers = (one for one in figures.singles if one.in_scope and folded(one.text) not in known)
        texts = [row.text for row in (*self._rows.singles, *self._rows.multis)]
        singles = [number for number, row in enumerate(self._rows.singles) if row.due.kind != OUT_OF_SCOPE]
        return Evaluation(
            date=clock.now().date(),
            sizes=self._rows.sizes,
            held_out=figures,
            phrases=tuple(map(self._judged, self._unseen, labels)),
            intents=len(intents),
            curves={
                "phrases": curve(
                    self._model.reply, [self._unseen[number] for number in inside], [labels[n] for n in inside]
                ),
                "held-out": curve(
                    self._model.reply,
                    [self._clean[number] for number in singles],
                    [self._rows.singles[number].labels for number in singles],
                ),
            },
            clean=self._tally(self._clean),
            slipped=self._tally(self._slipped),
            agreed=Share(
                sum(_same(self._model.reply(heard), reply) for heard, reply in zip(self._clean, replies, strict=True)),
                len(replies),
            ),
            strangers=Tally.of(strangers),
            familiar=Share(sum(folded(text) in known for text in texts), len(texts)),
        )

    def _judged(self, heard: Heard, labels: tuple[Label, ...]) -> Judged:
        reply = self._model.reply(heard)
        return Judged(heard.text, labels, reply, judge(reply, labels))

    def _tally(self, heard: list[Heard]) -> Tally:
        """The verdicts on the messages in scope, however they were typed."""
        pairs: Iterator[tuple[Single, Heard]] = zip(self._rows.singles, heard, strict=True)
        return Tally.of(self._judged(one, row.labels) for row, one in pairs if row.due.kind != OUT_OF_SCOPE)


def _same(one: Reply, other: Reply) -> bool:
    return [said.label for said in one] == [said.label for said in other]
