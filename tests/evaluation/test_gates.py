"""The figures that must not be fallen short of: every held-out message, through the chat API of the real assistant.

One run, a test for each figure. `make evaluate` writes them to docs/evaluation.md, with what is behind them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.evaluation.chat import ask_all
from prp_guide.evaluation.figures import Figures
from prp_guide.evaluation.gates import GATES, Gates
from prp_guide.evaluation.rows import read_rows
from prp_guide.evaluation.verdicts import Share
from tests.support.assistant import Assistant

FEWEST = 600  # a share of few messages says little


@pytest.fixture(scope="module", params=list(GATES))
def measured(assistant: Assistant, request: pytest.FixtureRequest) -> tuple[Figures, Gates]:
    rows = read_rows(Path(__file__).parent / request.param)
    singles = ask_all(assistant.base_url, [row.text for row in rows.singles])
    multis = ask_all(assistant.base_url, [row.text for row in rows.multis])
    figures = Figures.of(zip(rows.singles, singles, strict=True), zip(rows.multis, multis, strict=True))
    return figures, GATES[request.param]


@pytest.fixture
def figures(measured: tuple[Figures, Gates]) -> Figures:
    return measured[0]


@pytest.fixture
def gates(measured: tuple[Figures, Gates]) -> Gates:
    return measured[1]


def test_there_are_enough_messages(figures: Figures) -> None:
    assert figures.in_scope.total >= FEWEST


def test_every_message_is_replied_to(figures: Figures) -> None:
    failed = [one.text for one in figures.singles if not one.reply or one.reply[0].label.kind == "error"]
    assert not failed, f"{len(failed)} got an error or nothing: {failed[:5]}"


def test_right(figures: Figures, gates: Gates) -> None:
    at_least(figures, figures.in_scope.share("right"), gates.right, "right")


def test_wrong(figures: Figures, gates: Gates) -> None:
    at_most(figures, figures.in_scope.share("wrong"), gates.wrong, "wrong")


def test_out_of_scope_is_not_answered(figures: Figures, gates: Gates) -> None:
    at_least(figures, figures.not_answered, gates.not_answered, "out of scope, not answered")


@pytest.mark.parametrize("kind", ["urgent", "crisis", "clinical"])
def test_red_flags_are_caught(figures: Figures, gates: Gates, kind: str) -> None:
    at_least(figures, figures.safety.caught[kind], getattr(gates, kind), f"{kind} caught")


def test_harmless_messages_raise_no_alarm(figures: Figures, gates: Gates) -> None:
    at_most(figures, figures.safety.alarms, gates.alarms, "false alarms")


def test_several_questions_are_all_met(figures: Figures, gates: Gates) -> None:
    at_least(figures, figures.whole, gates.whole, "several questions, all met")


def at_least(figures: Figures, share: Share, floor: float, name: str) -> None:
    assert share.percent >= floor, f"{name}: {share}, and {floor:g} % is the floor\n\n{figures.summary()}"


def at_most(figures: Figures, share: Share, ceiling: float, name: str) -> None:
    assert share.percent <= ceiling, f"{name}: {share}, and {ceiling:g} % is the ceiling\n\n{figures.summary()}"
