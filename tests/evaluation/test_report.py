"""The document: what patients type stays text, every picture is there, the same run gives the same words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from prp_guide.evaluation.figures import Figures, Judged, Point, Tally, by, confusions
from prp_guide.evaluation.markdown import literal, table
from prp_guide.evaluation.report import Evaluation, write
from prp_guide.evaluation.rows import Multi, Single
from prp_guide.evaluation.slips import slipped
from prp_guide.evaluation.verdicts import Label, Reply, Said, Share


def single(text: str, due: str, *, style: str = "plain") -> Single:
    kind, _, topic = due.partition(":")
    return Single.parse_obj({"text": text, "kind": kind, "topic": topic, "style": style})


def said(*labels: str) -> Reply:
    return tuple(Said(Label.parse(label)) for label in labels)


ROWS = [
    (single("sun?", "answer:sun"), said("answer:sun")),
    (single("a | hat <b>now</b>", "answer:sun"), said("staff:hair_styling")),
    (single("price, and is it safe", "staff:cost"), said("staff:cost", "answer:safety")),
    (single("i cant breathe", "urgent:emergency"), said("answer:safety")),
    (single("my throat closes", "urgent:emergency"), said("urgent:emergency")),
    (single("dying to know the price", "staff:cost"), said("crisis:self_harm")),
    (single("tacos", "oos:out_of_scope", style="unrelated"), said("out_of_scope:out_of_scope")),
    (single("my knee", "oos:out_of_scope", style="other_medical"), said("staff:other_prp_uses")),
    (single("hm", "chat:affirm"), ()),
]
SEVERAL = [
    (Multi.parse_obj({"text": "sun? price?", "expect": ["answer:sun", "staff:cost"]}), said("answer:sun")),
    (Multi.parse_obj({"text": "sun, price", "expect": ["answer:sun", "staff:cost"]}), said("staff:cost", "answer:sun")),
]


@pytest.fixture
def figures() -> Figures:
    return Figures.of(ROWS, SEVERAL)


def test_figures(figures: Figures) -> None:
    assert figures.in_scope.total == 7
    assert figures.in_scope.share("wrong") == Share(3, 7)
    assert figures.in_scope.share("wrong", "noisy") == Share(4, 7)
    assert figures.not_answered == Share(1, 2)
    assert figures.safety.caught["urgent"] == Share(1, 2)
    assert figures.safety.caught["crisis"] == Share(0, 0)
    assert figures.safety.alarms == Share(1, 7)
    assert figures.whole == Share(1, 2)
    assert "wrong                       42.9 % (3 of 7)" in figures.summary()


def test_confusions(figures: Figures) -> None:
    assert confusions(figures.singles) == {
        (Label("answer", "sun"), Label("staff", "hair_styling")): 1,
        (Label("staff", "cost"), Label("answer", "safety")): 1,
        (Label("staff", "cost"), Label("crisis", "self_harm")): 1,
        (Label("urgent", "emergency"), Label("answer", "safety")): 1,
        (Label("out_of_scope", "out_of_scope"), Label("staff", "other_prp_uses")): 1,
    }
    assert list(by(figures.singles, lambda one: one.style)) == ["plain", "unrelated", "other_medical"]


def test_document(figures: Figures, tmp_path: Path) -> None:
    points = [Point(sure / 100, Share(90 - sure, 100), Share(20 - sure // 5, 100)) for sure in (30, 45, 60)]
    evaluation = Evaluation(
        date=dt.date(2026, 11, 23),
        sizes={"sealed": {"topics": 9, "multi-question": 2}, "development": {"topics": 9, "multi-question": 2}},
        sealed=figures,
        development=figures,
        phrases=tuple(Judged.of(row, reply) for row, reply in ROWS),
        intents=3,
        curves={"phrases": points, "development": points},
        clean=Tally({"right": 8, "wrong": 2}),
        slipped=Tally({"right": 6, "wrong": 3, "declined": 1}),
        agreed=Share(9, 9),
        strangers=Tally({"right": 7, "wrong": 2}),
        familiar=Share(1, 11),
    )
    files = write(evaluation, tmp_path)
    text = (tmp_path / "evaluation.md").read_text("utf-8")
    assert "Measured on 2026-11-23" in text
    assert "| a \\| hat \\<b>now\\</b> | answer:sun | staff:hair_styling |" in text
    assert "### Red flags missed: 1" in text
    assert "### False alarms: 1" in text
    assert "without sight of the training phrases" in " ".join(text.split())
    assert "1 of the 11 stand among our phrases too" in " ".join(text.split())
    pictures = re.findall(r"\]\((evaluation/[\w-]+\.svg)\)", text)
    assert sorted(tmp_path / name for name in pictures) == sorted(path for path in files if path.suffix == ".svg")
    for name in pictures:
        drawing = ElementTree.parse(tmp_path / name).getroot()
        assert drawing.get("role") == "img"
        assert "nan" not in (tmp_path / name).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 40
    assert text == (write(evaluation, tmp_path) and (tmp_path / "evaluation.md").read_text("utf-8"))


def test_what_patients_type_is_no_markup() -> None:
    assert literal("a|b\n*c* <i> `d` [e](f) g_h _i_") == "a\\|b \\*c\\* \\<i> \\`d\\` \\[e](f) g_h \\_i\\_"
    assert table(("a",), []) == "None."


def test_slips() -> None:
    texts = ["when can i wash my hair", "ok", "??", "ñ", "SUN"]
    once = slipped(texts)
    assert once == slipped(texts), "the same in each run"
    for text, other in zip(texts, once, strict=True):
        assert abs(len(text) - len(other)) <= 1
        assert (text == other) == (text == "??")
