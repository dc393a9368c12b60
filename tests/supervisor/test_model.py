"""Whether a model is current, and trainings that fail. The fixture `assistant` needs one that succeeds."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from prp_guide import model
from prp_guide.errors import SetupError
from prp_guide.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Files of the right names; nothing that Rasa could be trained on."""
    made = Home(root=tmp_path / "root", state=tmp_path / "state")
    (made.data / "phrases" / "conversation").mkdir(parents=True)
    (made.models / "encoder").mkdir(parents=True)
    for name in ("config.yml", "domain.yml", "data/rules.yml", "models/encoder/SHA256SUMS"):
        (made.root / name).write_text(f"# {name}\n")
    (made.data / "phrases" / "washing.yml").write_text("nlu: []\n")
    (made.data / "phrases" / "conversation" / "greet.yml").write_text("nlu: []\n")
    return made


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in for `python -m rasa`: a file to write the code of a training into."""
    (tmp_path / "stand-in").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stand-in"))
    path = tmp_path / "stand-in" / "rasa.py"
    path.write_text(
        textwrap.dedent("""
            import pathlib, sys
            words = dict(zip(sys.argv[3:-1], sys.argv[4:]))
            print("INFO  Starting to train component 'RulePolicy'.")
            print("INFO  Finished training component 'RulePolicy'.")
            pathlib.Path(words["--out"], words["--fixed-model-name"] + ".tar.gz").write_bytes(b"model")
        """)
    )
    return path


@pytest.mark.parametrize(
    "changed",
    [
        "config.yml",
        "domain.yml",
        "data/rules.yml",
        "data/phrases/washing.yml",
        "data/phrases/conversation/greet.yml",
        "data/phrases/new.yml",
        "models/encoder/SHA256SUMS",
    ],
)
def test_what_a_model_is_made_from_changes_its_hash(home: Home, changed: str) -> None:
    before = model.inputs_hash(home)
    assert model.inputs_hash(home) == before
    path = home.root / changed
    path.write_text((path.read_text() if path.exists() else "") + "# changed\n")
    assert model.inputs_hash(home) != before


def test_a_file_that_is_gone_or_has_moved_changes_the_hash(home: Home) -> None:
    seen = {model.inputs_hash(home)}
    (home.data / "phrases" / "washing.yml").rename(home.data / "phrases" / "sun.yml")
    seen.add(model.inputs_hash(home))
    (home.data / "rules.yml").unlink()
    seen.add(model.inputs_hash(home))
    assert len(seen) == 3


@pytest.mark.parametrize("name", ["data/topics/washing.yml", "data/phrases/notes.txt", "clinic.yml"])
def test_what_is_read_while_running_needs_no_training(home: Home, name: str) -> None:
    before = model.inputs_hash(home)
    (home.root / name).parent.mkdir(exist_ok=True)
    (home.root / name).write_text("something new")
    assert model.inputs_hash(home) == before


def test_a_version_of_rasa_or_our_own_code_changes_the_hash(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = model.inputs_hash(home)
    monkeypatch.setattr(model, "version", lambda _name: "3.6.99")
    other_rasa = model.inputs_hash(home)
    monkeypatch.undo()
    monkeypatch.setattr("prp_guide.__version__", "99")
    assert len({before, other_rasa, model.inputs_hash(home)}) == 3


def test_train_chooses_the_model_and_shows_progress(home: Home, rasa: Path) -> None:
    assert rasa.exists()
    assert model.current(home) is None
    lines: list[str] = []
    path = model.train(home, lines.append)
    assert path == home.models / f"prp-{model.inputs_hash(home)[:8]}.tar.gz"
    assert model.current(home) == model.chosen(home) == path
    assert home.current_model_file.read_text() == f"{path.name}\n"
    assert [line.split("s  ")[-1] for line in lines[1:3]] == ["RulePolicy ...", "RulePolicy done"]
    assert sorted(item.name for item in home.models.iterdir()) == ["encoder", path.name]


def test_a_model_is_trained_once_for_the_same_data(home: Home, rasa: Path, tmp_path: Path) -> None:
    path = model.train(home, lambda _line: None)
    rasa.write_text("raise SystemExit('not again')")
    elsewhere = Home(root=home.root, state=tmp_path / "another-state")
    assert model.current(elsewhere) is None
    assert model.train(elsewhere, lambda _line: None) == path == model.current(elsewhere)
    with pytest.raises(SetupError, match="not again"):
        model.train(elsewhere, lambda _line: None, force=True)
    assert path.exists()


def test_a_changed_phrase_makes_it_old(home: Home, rasa: Path) -> None:
    assert rasa.exists()
    old = model.train(home, lambda _line: None)
    (home.data / "phrases" / "washing.yml").write_text("nlu: [changed]\n")
    assert model.current(home) is None
    assert model.chosen(home) == old


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('domain.yml: no such intent'); raise SystemExit(1)", "exit code 1(?s:.*)no such intent"),
        ("print('I made nothing')", "exit code 0(?s:.*)I made nothing"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "exit code -9"),
    ],
)
def test_a_failed_training_says_why_and_leaves_the_old_model(home: Home, rasa: Path, code: str, words: str) -> None:
    old = model.train(home, lambda _line: None)
    (home.root / "config.yml").write_text("pipeline: nonsense\n")
    rasa.write_text(code)
    with pytest.raises(SetupError, match=words):
        model.train(home, lambda _line: None)
    assert model.chosen(home) == old
    assert sorted(item.name for item in home.models.iterdir()) == ["encoder", old.name]
    assert (home.logs / "train.log").exists()


def test_data_that_changes_under_a_training_is_not_taken(home: Home, rasa: Path) -> None:
    rasa.write_text(rasa.read_text() + "open('config.yml', 'a').write('# edited')\n")
    with pytest.raises(SetupError, match="changed while the model was trained"):
        model.train(home, lambda _line: None)
    assert model.current(home) is None


def test_a_training_that_is_interrupted_leaves_nothing(home: Home, rasa: Path) -> None:
    slow = "print(\"Starting to train component 'Slow'\", flush=True)\nimport time; time.sleep(60)\n"
    rasa.write_text(rasa.read_text() + slow)

    def interrupt(line: str) -> None:
        if "Slow" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.train(home, interrupt)
    assert [item.name for item in home.models.iterdir()] == ["encoder"]


@pytest.mark.parametrize("name", ["prp-gone.tar.gz", "../config.yml", ""])
def test_a_pointer_to_no_model(home: Home, name: str) -> None:
    home.state.mkdir()
    home.current_model_file.write_text(name)
    assert model.current(home) is None
    with pytest.raises(SetupError, match="Run: prp-guide train"):
        model.chosen(home)


def test_the_stand_in_is_what_ran(home: Home, rasa: Path) -> None:
    """The tests above would prove nothing if the real Rasa had been asked."""
    rasa.write_text("import sys; print(sys.argv[0]); raise SystemExit(1)")
    with pytest.raises(SetupError, match=str(rasa)):
        model.train(home, lambda _line: None)
