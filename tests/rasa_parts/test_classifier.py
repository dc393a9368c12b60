"""Rasa's cache of trained components: what must make it train ours anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prp_guide import language
from prp_guide.rasa_parts.classifier import SentenceClassifier


def test_another_way_of_learning_is_not_answered_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = SentenceClassifier.fingerprint_addon({})
    shutil.copytree(Path(language.__file__).parent, tmp_path / "language")
    monkeypatch.setattr(language, "__file__", str(tmp_path / "language" / "__init__.py"))
    assert SentenceClassifier.fingerprint_addon({}) == before
    with (tmp_path / "language" / "wording.py").open("a", encoding="utf-8") as module:
        module.write("# edited\n")
    assert SentenceClassifier.fingerprint_addon({}) != before
