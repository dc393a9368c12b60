"""The tables to download: figures only."""

from __future__ import annotations

import csv
import io

import pytest

from prp_guide.frontdesk.export import inert
from prp_guide.insight.page import TABLE_WORDS, document
from prp_guide.insight.tables import TABLES, table
from prp_guide.replies import Replies
from tests.insight.conftest import Gather, ago
from tests.support.conversations import Conversations

WORDS = "is it cheaper for Rosalind"


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_no_word_of_a_patients(name: str, figures: Gather, said: Conversations, replies: Replies) -> None:
    for _ in range(4):
        said.converse(ago(days=1), (WORDS, [replies.topic("cost")]), helpful=False)
        said.converse(ago(days=1), ("i am bleeding", [replies.card("emergency")]))
    said.request(ago(days=1))
    insight = figures()
    rows = list(csv.reader(io.StringIO(table(insight, name))))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    text = table(insight, name)
    assert not any(words in text for words in ("Rosalind", "cheaper", "bleeding", "555"))
    assert name in TABLE_WORDS


def test_the_numbers_of_a_table(figures: Gather, said: Conversations, replies: Replies) -> None:
    said.converse(ago(days=1), ("price", [replies.topic("cost")]), helpful=True)
    insight = figures()
    assert table(insight, "gaps").splitlines()[1] == "silent,cost,What does it cost?,1,1,0,0"
    assert table(insight, "topics").splitlines()[1] == "cost,What does it cost?,staff,1,1,0,0,0,0,1"
    assert "2026-11-22,0,1,0,0,0" in table(insight, "days").splitlines()


def test_no_cell_is_a_formula() -> None:
    assert inert("=1+1") == "'=1+1"


def test_a_report_needs_nothing_beside_it_and_names_nobody(
    figures: Gather, said: Conversations, replies: Replies
) -> None:
    said.converse(ago(days=1), (WORDS, [replies.topic("cost")]))
    said.request(ago(days=1))
    text = document(figures(), write=lambda _gap: None)
    assert "Rosalind" not in text
    assert "data/topics/cost.yml" in text
    for outside in ("http", "src=", "<script", "url(", "@import", "href="):
        assert outside not in text
