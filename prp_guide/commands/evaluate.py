"""`prp-guide evaluate`: measure how well it understands, and write docs/evaluation.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prp_guide import clock
from prp_guide.commands.running import assistant
from prp_guide.content import Library
from prp_guide.evaluation.chat import ask_all
from prp_guide.evaluation.duplicates import folded
from prp_guide.evaluation.figures import Figures, Judged, Tally, curve
from prp_guide.evaluation.report import Evaluation, write
from prp_guide.evaluation.rows import HeldOut, Single, read_rows
from prp_guide.evaluation.slips import slipped
from prp_guide.evaluation.understanding import Heard, Judge
from prp_guide.evaluation.verdicts import OUT_OF_SCOPE, Label, Reply, Share, judge
from prp_guide.home import Home
from prp_guide.language.phrases import Phrase, read_phrases
from prp_guide.language.spelling import Speller, words_of
from prp_guide.red_flags import Screen
from prp_guide.supervisor import shown


def evaluate(home: Home, *, url: str | None) -> int:
    """Ask the assistant at `url`, or one started for the purpose; cross-validate the model; write the documents.

    Raises DataError for the held-out messages or the phrases, SetupError when the assistant does not answer.
    """
    folder = home.root / "tests" / "evaluation"
    sealed, development = read_rows(folder / "sealed"), read_rows(folder / "development")
    phrases = read_phrases(home)
    speller = Speller(words_of([phrase.text for phrase in phrases]))
    model = Judge(home.encoder, speller, Screen.load(home), Library.load(home))
    with _asked(home, url) as address:
        asked = {"sealed": _figures(sealed, address), "development": _figures(development, address)}
    for name, figures in asked.items():
        shown(f"\n{name} messages\n{figures.summary()}\n")
    shown(f"Cross-validating over {len(phrases)} phrases, which takes minutes ...")
    measured = _Measured(model, development, phrases)
    evaluation = measured.against(asked["sealed"], asked["development"], sealed)
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


def _figures(rows: HeldOut, address: str) -> Figures:
    shown(f"Asking {len(rows.singles) + len(rows.multis)} held-out messages at {address} ...")
    singles = ask_all(address, [row.text for row in rows.singles])
    multis = ask_all(address, [row.text for row in rows.multis])
    return Figures.of(zip(rows.singles, singles, strict=True), zip(rows.multis, multis, strict=True))


class _Measured:
    """What the model alone makes of the development messages and of our phrases."""

    def __init__(self, model: Judge, rows: HeldOut, phrases: list[Phrase]) -> None:
        self._model, self._rows, self._phrases = model, rows, phrases
        texts = [row.text for row in rows.singles]
        classifier = model.train(phrases)
        self._clean = model.hear(texts, classifier)
        self._slipped = model.hear(slipped(texts), classifier)
        self._unseen = model.hear_unseen(phrases)

    def against(self, sealed: Figures, development: Figures, rows: HeldOut) -> Evaluation:
        """All that was measured: `sealed`, on `rows`, and `development` are those of the running assistant."""
        intents = {phrase.intent for phrase in self._phrases}
        due = {intent: self._model.label(intent) for intent in intents}
        labels = [(due[phrase.intent],) for phrase in self._phrases]
        inside = [number for number, (label,) in enumerate(labels) if label.kind != OUT_OF_SCOPE]
        known = {folded(phrase.text) for phrase in self._phrases}
        strangers = (one for one in sealed.singles if one.in_scope and folded(one.text) not in known)
        texts = [row.text for row in (*rows.singles, *rows.multis)]
        singles = [number for number, row in enumerate(self._rows.singles) if row.due.kind != OUT_OF_SCOPE]
        agreed = [
            _same(self._model.reply(heard), one.reply)
            for heard, one in zip(self._clean, development.singles, strict=True)
        ]
        return Evaluation(
            date=clock.now().date(),
            sizes={"sealed": rows.sizes, "development": self._rows.sizes},
            sealed=sealed,
            development=development,
            phrases=tuple(map(self._judged, self._unseen, labels)),
            intents=len(intents),
            curves={
                "phrases": curve(
                    self._model.reply, [self._unseen[number] for number in inside], [labels[n] for n in inside]
                ),
                "development": curve(
                    self._model.reply,
                    [self._clean[number] for number in singles],
                    [self._rows.singles[number].labels for number in singles],
                ),
            },
            clean=self._tally(self._clean),
            slipped=self._tally(self._slipped),
            agreed=Share(sum(agreed), len(agreed)),
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
