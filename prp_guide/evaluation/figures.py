"""From judged replies to figures: tallies by kind and topic, red flags, confusions, the curve."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from prp_guide.evaluation.rows import Multi, Single
from prp_guide.evaluation.understanding import Heard
from prp_guide.evaluation.verdicts import (
    CLAIMS,
    OUT_OF_SCOPE,
    RED_FLAGS,
    Label,
    Reply,
    Share,
    Verdict,
    accepted,
    caught,
    flagged,
    judge,
    own_card,
    whole,
)
from prp_guide.language.decision import Thresholds

SURE_TRIED = tuple(step / 20 for step in range(4, 20))  # 0.20 to 0.95

_Group = TypeVar("_Group", bound=Hashable)


@dataclass(frozen=True)
class Judged:
    """A message, the replies that were due, the one that came, and the verdict on it."""

    text: str
    labels: tuple[Label, ...]
    reply: Reply
    verdict: Verdict
    style: str = ""

    @classmethod
    def of(cls, row: Single, reply: Reply) -> Judged:
        return cls(row.text, row.labels, reply, judge(reply, row.labels), row.style)

    @property
    def due(self) -> Label:
        return self.labels[0]

    @property
    def in_scope(self) -> bool:
        return self.due.kind != OUT_OF_SCOPE

    @property
    def harmless(self) -> bool:
        """Whether a card would be a false alarm."""
        return not any(label.kind in RED_FLAGS for label in self.labels)

    @property
    def missed(self) -> bool:
        """Whether a red flag was overlooked."""
        return self.due.kind in RED_FLAGS and not caught(self.reply, self.labels)

    @property
    def alarm(self) -> bool:
        """Whether a card came for nothing."""
        return self.harmless and flagged(self.reply) > 0


@dataclass(frozen=True)
class Tally:
    """How many replies had which verdict."""

    counts: Mapping[Verdict, int]

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Tally:
        return cls(Counter(one.verdict for one in judged))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def share(self, *verdicts: Verdict) -> Share:
        """How many had one of `verdicts`."""
        return Share(sum(self.counts.get(verdict, 0) for verdict in verdicts), self.total)


@dataclass(frozen=True)
class Safety:
    """How red flags fared: cards that came, by kind, those of the very kind, and those that came for nothing."""

    caught: Mapping[str, Share]
    own_card: Mapping[str, Share]
    alarms: Share

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Safety:
        groups = {kind: [one for one in judged if one.due.kind == kind] for kind in ("urgent", "crisis", "clinical")}
        harmless = [one for one in judged if one.harmless]
        return cls(
            {kind: _share(group, lambda one: not one.missed) for kind, group in groups.items()},
            {kind: _share(group, lambda one: own_card(one.reply, one.due)) for kind, group in groups.items()},
            _share(harmless, lambda one: one.alarm),
        )


@dataclass(frozen=True)
class Point:
    """With the threshold `sure`: how many messages got a reply that claims something, and how many a wrong one."""

    sure: float
    answered: Share
    wrong: Share


@dataclass(frozen=True)
class Figures:
    """What the held-out messages say of the assistant."""

    singles: tuple[Judged, ...]
    multis: tuple[tuple[Multi, Reply, bool], ...]

    @classmethod
    def of(cls, singles: Iterable[tuple[Single, Reply]], multis: Iterable[tuple[Multi, Reply]]) -> Figures:
        """The figures of rows, each with the reply that came."""
        return cls(
            tuple(Judged.of(row, reply) for row, reply in singles),
            tuple((row, reply, whole(reply, row.expect, row.alt)) for row, reply in multis),
        )

    @property
    def in_scope(self) -> Tally:
        return Tally.of(one for one in self.singles if one.in_scope)

    @property
    def out_of_scope(self) -> Tally:
        return Tally.of(one for one in self.singles if not one.in_scope)

    @property
    def not_answered(self) -> Share:
        """The messages out of scope that were not taken for something else."""
        return self.out_of_scope.share("right", "assisted", "declined")

    @property
    def safety(self) -> Safety:
        return Safety.of(self.singles)

    @property
    def whole(self) -> Share:
        """The messages with several questions of which every one was met."""
        return Share(sum(good for _, _, good in self.multis), len(self.multis))

    def summary(self) -> str:
        """The figures in a few lines, for a terminal."""
        tally, safety = self.in_scope, self.safety
        lines = [f"{verdict:<28}{tally.share(verdict)}" for verdict in VERDICT_ORDER]
        lines.append(f"{'out of scope, not answered':<28}{self.not_answered}")
        for kind, share in safety.caught.items():
            low, high = share.interval
            lines.append(f"{kind + ' caught':<28}{share}, 95 % interval {low:.1f} to {high:.1f}")
        lines.append(f"{'false alarms':<28}{safety.alarms}")
        lines.append(f"{'several questions, all met':<28}{self.whole}")
        return "\n".join(lines)


VERDICT_ORDER: tuple[Verdict, ...] = ("right", "assisted", "declined", "noisy", "wrong")


def by(judged: Iterable[Judged], group: Callable[[Judged], _Group]) -> dict[_Group, list[Judged]]:
    """`judged` in groups, in the order in which they first appear."""
    groups: dict[_Group, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[group(one)].append(one)
    return dict(groups)


def confusions(judged: Iterable[Judged]) -> Counter[tuple[Label, Label]]:
    """How often which reply was due, and which came in its place or beside it."""
    pairs: Counter[tuple[Label, Label]] = Counter()
    for one in judged:
        if one.verdict not in ("wrong", "noisy"):
            continue
        claims = [said.label for said in one.reply if said.label.kind in CLAIMS]
        for label in claims or [one.reply[0].label]:
            if not accepted(label, one.labels):
                pairs[one.due, label] += 1
    return pairs


def curve(
    said_to: Callable[[Heard, Thresholds], Reply],
    heard: Sequence[Heard],
    labels: Sequence[Sequence[Label]],
    tried: Sequence[float] = SURE_TRIED,
) -> list[Point]:
    """A point for each threshold of `tried`; `labels` are the replies due to each of `heard`."""
    points = []
    for sure in tried:
        thresholds = dataclasses.replace(Thresholds(), sure=sure)
        verdicts = Counter(judge(said_to(one, thresholds), due) for one, due in zip(heard, labels, strict=True))
        wrong = verdicts["wrong"] + verdicts["noisy"]
        points.append(Point(sure, Share(verdicts["right"] + wrong, len(heard)), Share(wrong, len(heard))))
    return points


def _share(judged: Sequence[Judged], test: Callable[[Judged], bool]) -> Share:
    return Share(sum(test(one) for one in judged), len(judged))
