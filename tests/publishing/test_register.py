"""Which models were in use, which stay out, and what a start makes of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide import model, model_register
from prp_guide.commands import start
from prp_guide.errors import PublishError
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.model_register import Register
from prp_guide.publishing import earlier, pending, publish, read_state, rollback
from prp_guide.publishing.state import alone


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """With few phrases, and no Rasa at the port that it would have."""
    (tmp_path / "data" / "phrases").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "encoder").symlink_to(PROJECT_ROOT / "models" / "encoder")
    monkeypatch.setenv("PRP_RASA_URL", "http://127.0.0.1:9")
    return Home(root=tmp_path, state=tmp_path / "var")


def put_model(home: Home, words: str) -> Path:
    """A file in the place of the model that these phrases make, in use."""
    (home.data / "phrases" / "washing.yml").write_text(words, "utf-8")
    path = home.models / model.wanted_name(home)
    path.write_bytes(b"model")
    model.choose(home, path, by="Ana")
    return path


def test_rollback_goes_back_and_stays_back(home: Home) -> None:
    first, second = put_model(home, "one"), put_model(home, "two")
    assert pending(home).current
    said: list[str] = []
    assert rollback(home, by="Ben", tell=said.append) == first
    assert said == [f"{first.name} is chosen; Rasa loads it when it starts."]
    assert read_state(home).outcome == "back"
    # A start would find that the files make the second one: it is known to stay out.
    assert model.wanted_name(home) == second.name
    assert model.current(home) is None
    assert model.may_stay(home)
    assert model.why_out(home) == "Ben brought back the one before it."
    assert pending(home).changed == ("washing",)
    with pytest.raises(PublishError, match="no earlier model"):
        rollback(home, by="Ben", tell=said.append)
    # Chosen again, it is out no more.
    model.choose(home, second, by="Ana")
    assert model.why_out(home) is None
    assert earlier(home) == first


def test_what_was_removed_or_made_by_another_program_is_not_gone_back_to(home: Home) -> None:
    first, second = put_model(home, "one"), put_model(home, "two")
    put_model(home, "three")
    assert earlier(home) == second
    second.unlink()
    assert earlier(home) == first
    model_register._write(
        home, Register(tuple(entry.__class__(**{**vars(entry), "code": "other"}) for entry in Register.read(home).used))
    )
    assert earlier(home) is None
    assert not model.may_stay(home)


def test_a_spoilt_register_is_done_without(home: Home) -> None:
    put_model(home, "one")
    (home.state / "models.json").write_text("{", "utf-8")
    assert Register.read(home) == Register()
    assert not model.may_stay(home)
    assert model.current(home) is not None


def test_one_publishing_at_a_time(home: Home) -> None:
    assert not read_state(home).running
    with alone(home, "Ana"):
        assert read_state(home).running
        with pytest.raises(PublishError, match="being published already"), alone(home, "Ben"):
            pass
        assert read_state(home).by == "Ana"
    # It ended without a word: its process was ended.
    assert read_state(home).interrupted


def test_a_start_keeps_the_model_in_use_where_the_new_one_is_out(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = put_model(home, "one"), put_model(home, "two")
    rollback(home, by="Ben", tell=lambda _line: None)
    assert start.have_model(home) == 0
    assert f"{first.name} stays in use, though the phrases have changed: Ben brought back" in capsys.readouterr().out
    assert model.chosen(home) == first


def test_content_with_faults_is_not_trained_on(home: Home) -> None:
    first = put_model(home, "one")
    (home.data / "phrases" / "washing.yml").write_text("two", "utf-8")
    with pytest.raises(PublishError, match=r"content has faults.*\n.*facts\.yml: the file is missing"):
        publish(home, by="Ana", tell=lambda _line: None)
    assert read_state(home).outcome == "failed"
    assert model.chosen(home) == first
