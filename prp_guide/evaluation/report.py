"""Writes what was measured to docs/evaluation.md, with its charts beside it in docs/evaluation/."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prp_guide.evaluation import charts
from prp_guide.evaluation.figures import VERDICT_ORDER, Figures, Judged, Point, Tally, by, confusions
from prp_guide.evaluation.markdown import bullets, literal, paragraph, table
from prp_guide.evaluation.verdicts import CLAIMS, Reply, Share, Verdict
from prp_guide.language.decision import Thresholds

_KIND_ORDER = (
    "answer",
    "staff",
    "callback",
    "handoff",
    "chat",
    "urgent",
    "crisis",
    "clinical",
    "out_of_scope",
)
_RED_FLAG_NAMES = {
    "urgent": "emergencies and poisoning",
    "crisis": "self-harm",
    "clinical": "worrying symptoms",
}
_MISSES = ("Red flags missed", "False alarms", "Wrong, in scope", "Out of scope, taken for a question of ours")
_MOST_PAIRS = 20
_WORTH_SHOWING = 0.02  # confusions of the phrases are shown from this share of the topic's phrases on


@dataclass(frozen=True)
class Evaluation:
    """All that was measured.

    `sealed` and `development` are the sets in `sizes`, by name, through the running assistant. `phrases` are our own
    phrases, each judged by a head that had not seen it; `curves` are points by what they were measured on, those of
    the phrases first. `clean` and `slipped` are the development messages through the model alone, as written and with
    a slip each; `agreed` is how often the model alone said what the assistant says. `strangers` are the verdicts on
    the sealed messages in scope that no phrase of ours happens to equal, and `familiar` how many of all rows one does.
    """

    date: dt.date
    sizes: Mapping[str, Mapping[str, int]]
    sealed: Figures
    development: Figures
    phrases: tuple[Judged, ...]
    intents: int
    curves: Mapping[str, Sequence[Point]]
    clean: Tally
    slipped: Tally
    agreed: Share
    strangers: Tally
    familiar: Share

    @property
    def held_out(self) -> Figures:
        """Both sets together, for what single topics and styles have too few messages for."""
        return Figures(
            (*self.sealed.singles, *self.development.singles), (*self.sealed.multis, *self.development.multis)
        )


def write(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write evaluation.md and its charts under `folder`; gives the files."""
    drawn = folder / "evaluation"
    drawn.mkdir(parents=True, exist_ok=True)
    files = {folder / "evaluation.md": document(evaluation)}
    files |= {drawn / f"{name}.svg": chart for name, chart in _charts(evaluation).items()}
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")
    return list(files)


def document(evaluation: Evaluation) -> str:
    """The text of docs/evaluation.md."""
    parts = (_head, _in_short, _method, _by_kind, _by_topic, _safety, _out_of_scope, _confused, _curve, _slips, _misses)
    return "\n\n".join(block for part in parts for block in part(evaluation)) + "\n"


def _charts(evaluation: Evaluation) -> dict[str, str]:
    figures = evaluation.held_out
    safety = {_RED_FLAG_NAMES[kind]: share for kind, share in figures.safety.caught.items() if share.total}
    return {
        "kinds": charts.bars("Sealed and development messages, by kind", _kinds(figures)),
        "topics": charts.bars("Sealed and development messages, by topic, the weakest first", _topics(figures)),
        "safety": charts.intervals("Red flags caught, with 95 % intervals", safety),
        "out-of-scope": charts.bars("Out of scope, by style", _styles(figures)),
        "curve": charts.curve("Answered against wrong, by how sure it must be", evaluation.curves, Thresholds().sure),
        "slips": charts.bars("Development messages, model alone", _slip_rows(evaluation)),
    }


def _head(evaluation: Evaluation) -> Iterator[str]:
    yield "# How well it understands"
    yield f"*Measured on {evaluation.date.isoformat()} and written by `make evaluate`: edit nothing here by hand.*"


def _in_short(evaluation: Evaluation) -> Iterator[str]:
    sets = (evaluation.sealed, evaluation.development)
    tally = evaluation.sealed.in_scope
    yield "## In short"
    yield paragraph(
        f"""Of {tally.total} sealed messages about PRP, the clinic or the patient's own state, through the running
        assistant; beside them the {evaluation.development.in_scope.total} of the development set, on which thresholds
        were chosen and misses were read:"""
    )
    meanings: dict[Verdict, str] = {
        "right": "the reply that was due, or one that a careful grader accepts",
        "assisted": "it asked back, and the right button was there",
        "declined": "it said that it cannot help with this, or asked back in vain",
        "noisy": "the right reply, and beside it one on another topic",
        "wrong": "a reply on another topic",
    }
    yield table(
        ("verdict", "sealed", "development", "what it means"),
        [
            (f"**{name}**", *(figures.in_scope.share(name) for figures in sets), meaning)
            for name, meaning in meanings.items()
        ],
    )
    yield f"Wrong and noisy together, sealed: {_with_interval(tally.share('wrong', 'noisy'))}."
    yield table(
        ("", "sealed", "development"),
        [
            ("out of scope, not taken for anything else", *(figures.not_answered for figures in sets)),
            *(
                (f"{name} caught", *(figures.safety.caught[kind] for figures in sets))
                for kind, name in _RED_FLAG_NAMES.items()
            ),
            ("false alarms, of harmless messages", *(figures.safety.alarms for figures in sets)),
            ("several questions in one message, every one met", *(figures.whole for figures in sets)),
        ],
    )


def _method(evaluation: Evaluation) -> Iterator[str]:
    sealed, development = (
        f"{sum(sizes.values())} ({', '.join(f'{name} {size}' for name, size in sizes.items())})"
        for sizes in (evaluation.sizes["sealed"], evaluation.sizes["development"])
    )
    familiar, strangers = evaluation.familiar, evaluation.strangers
    phrases = Tally.of(evaluation.phrases)
    percent = {
        "right": phrases.share("right").percent,
        "assisted": phrases.share("assisted").percent,
        "declined": phrases.share("declined").percent,
        "wrong or noisy": phrases.share("wrong", "noisy").percent,
    }
    yield "## How it was measured"
    yield bullets(
        (
            f"""**Sealed messages** ([tests/evaluation](../tests/evaluation/README.md)): {sealed}. Written apart,
            without sight of the training phrases and rules, by someone else than the phrases. Who works on the
            assistant reads their figures and not the messages, so none of them stands in this document; but the
            36 that raised a card for nothing were read once, and the rules mended by class, so the false alarms
            flatter. They are not messages of real patients. Each goes through the chat API of a running assistant, in a
            conversation of its own. By chance, {familiar.count} of the {familiar.total} stand among our phrases too,
            most of them greetings and fragments; without these, {strangers.share("right").percent:.1f} % of those in
            scope are right and {strangers.share("wrong", "noisy").percent:.1f} % wrong or noisy.""",
            f"""**Development messages**: {development}. Written in the same way, and sealed once; since then thresholds
            are chosen on them and their misses are read, so their figures flatter. Nothing is trained on them, and a
            miss is mended by its class, never by its message.""",
            f"""**Cross-validation** over our own {phrases.total} phrases of {evaluation.intents} intents: the head is
            trained on four fifths and asked about the last, five times. The encoder was tuned on all of them, so these
            figures flatter; they serve to compare settings. They are
            {", ".join(f"{value:.1f} % {name}" for name, value in percent.items())}.""",
            f"""**The model alone** stands for the assistant in the curve and with typing slips: the same encoder, head,
            thresholds and red-flag rules, without a server. On the development messages it says what the assistant says
            for {evaluation.agreed}.""",
        )
    )


def _by_kind(evaluation: Evaluation) -> Iterator[str]:
    yield "## By kind"
    yield _picture("kinds", "Verdicts by kind")
    yield _tallies("kind", _kinds(evaluation.held_out))


def _by_topic(evaluation: Evaluation) -> Iterator[str]:
    yield "## By topic"
    yield _picture("topics", "Verdicts by topic")
    yield _tallies("topic", _topics(evaluation.held_out))


def _safety(evaluation: Evaluation) -> Iterator[str]:
    safety = evaluation.held_out.safety
    yield "## Red flags"
    yield paragraph(
        """Caught means that a card came which is as grave as the message, or graver. *Its own card* counts those that
        got the very kind: 911 or poison control for an emergency, 988 for a crisis, the clinic's same-day call for a
        worrying symptom."""
    )
    yield _picture("safety", "Red flags caught, with intervals")
    yield table(
        ("", "caught", "its own card"),
        [
            (_RED_FLAG_NAMES[kind], _with_interval(share), safety.own_card[kind])
            for kind, share in safety.caught.items()
        ],
    )
    yield paragraph(
        f"""False alarms on harmless messages, those included that were written to sound like a report:
        {_with_interval(safety.alarms)}."""
    )


def _out_of_scope(evaluation: Evaluation) -> Iterator[str]:
    yield "## Out of scope"
    yield f"Not taken for a question about PRP or the clinic: {_with_interval(evaluation.held_out.not_answered)}."
    yield _picture("out-of-scope", "Verdicts on messages out of scope, by style")
    yield _tallies("style", _styles(evaluation.held_out))


def _confused(evaluation: Evaluation) -> Iterator[str]:
    yield "## What is taken for what"
    yield "On sealed and development messages, what happened more than once:"
    yield _pairs(evaluation.held_out.singles)
    yield f"In cross-validation, what befell {100 * _WORTH_SHOWING:g} % or more of the phrases on something:"
    yield _pairs(evaluation.phrases, least=_WORTH_SHOWING)


def _curve(evaluation: Evaluation) -> Iterator[str]:
    yield "## How sure it must be"
    yield paragraph(
        """From the confidence `sure` on, the best guess is answered; below, it asks back or declines. The lower it is,
        the more is answered, and the more of that wrongly (noisy replies counted). Messages in scope only."""
    )
    yield _picture("curve", "Answered against wrong, by threshold")
    rows = []
    for points in zip(*evaluation.curves.values(), strict=True):
        chosen = " (chosen)" if abs(points[0].sure - Thresholds().sure) < 1e-6 else ""
        shares = [f"{share.percent:.1f} %" for point in points for share in (point.answered, point.wrong)]
        rows.append((f"{points[0].sure:.2f}{chosen}", *shares))
    yield table(("`sure`", *(f"{name}: {what}" for name in evaluation.curves for what in ("answered", "wrong"))), rows)


def _slips(evaluation: Evaluation) -> Iterator[str]:
    yield "## Typing slips"
    yield paragraph(
        """The development messages in scope once more, each with one slip at a random letter: lost, doubled, swapped,
        or the key beside it. Many of them hold typing errors from the start."""
    )
    yield _picture("slips", "Verdicts with and without slips")
    yield _tallies("", _slip_rows(evaluation))


def _misses(evaluation: Evaluation) -> Iterator[str]:
    figures = evaluation.development
    yield "## What it still gets wrong"
    yield "Every development message with a wrong or noisy reply, a red flag that was missed, or a false alarm."
    groups: dict[str, list[Judged]] = {name: [] for name in _MISSES}
    for one in figures.singles:
        if name := _miss(one):
            groups[name].append(one)
    for name, ones in groups.items():
        yield f"### {name}: {len(ones)}"
        ordered = sorted(ones, key=lambda one: (_KIND_ORDER.index(one.due.kind), one.due.topic))
        yield table(
            ("message", "due", "said"),
            [(literal(one.text), literal(str(one.due)), _said(one.reply)) for one in ordered],
        )
    unmet = [(row, reply) for row, reply, good in figures.multis if not good]
    yield f"### Several questions, not all met: {len(unmet)}"
    yield table(
        ("message", "due", "said"),
        [(literal(row.text), literal(", ".join(map(str, row.expect))), _said(reply)) for row, reply in unmet],
    )


def _miss(one: Judged) -> str | None:
    """The group of _MISSES that `one` belongs to; the gravest counts."""
    missed, alarm, wrong, outside = _MISSES
    if one.missed:
        return missed
    if one.alarm:
        return alarm
    if one.verdict not in ("wrong", "noisy"):
        return None
    return wrong if one.in_scope else outside


def _kinds(figures: Figures) -> dict[str, Tally]:
    groups = by(figures.singles, lambda one: one.due.kind)
    return {kind: Tally.of(groups[kind]) for kind in _KIND_ORDER if kind in groups}


def _topics(figures: Figures) -> dict[str, Tally]:
    answers = [one for one in figures.singles if one.due.kind in ("answer", "staff")]
    tallies = {topic: Tally.of(ones) for topic, ones in by(answers, lambda one: one.due.topic).items()}
    return dict(sorted(tallies.items(), key=lambda item: (item[1].share("right").percent, item[0])))


def _styles(figures: Figures) -> dict[str, Tally]:
    outside = by((one for one in figures.singles if not one.in_scope), lambda one: one.style)
    return {style: Tally.of(ones) for style, ones in outside.items()}


def _slip_rows(evaluation: Evaluation) -> dict[str, Tally]:
    return {"as written": evaluation.clean, "one slip in each": evaluation.slipped}


def _pairs(judged: Sequence[Judged], *, least: float = 0.0) -> str:
    totals = by(judged, lambda one: one.due)
    common = [
        (literal(str(due)), literal(str(said)), f"{count} of {len(totals[due])}")
        for (due, said), count in confusions(judged).most_common()
        if count > 1 and count >= least * len(totals[due])
    ]
    return table(("due", "said", "how often"), common[:_MOST_PAIRS])


def _tallies(name: str, tallies: Mapping[str, Tally]) -> str:
    rows = [
        (literal(group), tally.total, *(f"{tally.share(verdict).percent:.1f} %" for verdict in VERDICT_ORDER))
        for group, tally in tallies.items()
    ]
    return table((name, "messages", *VERDICT_ORDER), rows)


def _with_interval(share: Share) -> str:
    low, high = share.interval
    return f"{share}, 95 % interval {low:.1f} to {high:.1f} %"


def _picture(name: str, what: str) -> str:
    return f"![{what}; the figures stand in the table below](evaluation/{name}.svg)"


def _said(reply: Reply) -> str:
    spoken = [said.label for said in reply]
    claims = [label for label in spoken if label.kind in CLAIMS]
    return literal(", ".join(map(str, claims or spoken))) or "nothing"
