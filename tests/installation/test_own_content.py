"""An upgrade brings our new content, and never takes the clinic's own away."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide import own_content
from prp_guide.errors import DataError
from prp_guide.home import Home

FILES = {"topics/washing.yml": "48 hours", "topics/cost.yml": "ask us", "red_flags.yml": "first"}


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        put(tmp_path / "program" / "data" / name, text)
    return tmp_path / "program"


@pytest.fixture
def home(tmp_path: Path, shipped: Path) -> Home:
    made = Home(tmp_path / "clinic", tmp_path / "clinic")
    put(made.clinic_file, "name: The Clinic")
    assert len(renew(made, shipped).taken) == len(FILES)
    return made


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def renew(home: Home, shipped: Path) -> own_content.Renewal:
    return own_content.renew(home, lambda _staged: None, shipped)


def read(home: Home, name: str) -> str | None:
    path = home.data / name
    return path.read_text() if path.exists() else None


@pytest.mark.parametrize(
    ("clinic", "ours", "result", "laid_beside"),
    [
        (None, None, "48 hours", False),  # nobody changed it
        (None, "24 hours", "24 hours", False),  # we did
        ("our own", None, "our own", False),  # the clinic did
        ("our own", "24 hours", "our own", True),  # both did
        ("24 hours", "24 hours", "24 hours", False),  # both, alike
    ],
)
def test_a_file(
    home: Home, shipped: Path, clinic: str | None, ours: str | None, result: str, laid_beside: bool
) -> None:
    name = "topics/washing.yml"
    if clinic:
        put(home.data / name, clinic)
    if ours:
        put(shipped / "data" / name, ours)
    done = renew(home, shipped)
    assert read(home, name) == result
    assert own_content.waiting(home) == ([name] if laid_beside else [])
    assert done.both_changed == ((name,) if laid_beside else ())
    assert renew(home, shipped) == own_content.Renewal(), "said once"
    assert read(home, name) == result


def test_files_that_come_and_go(home: Home, shipped: Path) -> None:
    put(shipped / "data" / "topics" / "new.yml", "new")
    (shipped / "data" / "topics" / "cost.yml").unlink()
    (home.data / "topics" / "washing.yml").unlink()  # by the clinic
    put(home.data / "topics" / "ours.yml", "the clinic's own topic")
    renew(home, shipped)
    found = {path.name for path in (home.data / "topics").iterdir()}
    assert found == {"new.yml", "ours.yml"}


def test_content_that_does_not_fit_is_not_taken_in_part(home: Home, shipped: Path) -> None:
    put(shipped / "data" / "red_flags.yml", "second")
    put(shipped / "data" / "topics" / "cost.yml", "another")

    def refuse(staged: Home) -> None:
        assert (staged.data / "red_flags.yml").read_text() == "second", "what is asked about is the new content"
        raise DataError(staged.data / "facts.yml", 3, "no such fact")

    done = own_content.renew(home, refuse, shipped)
    assert "no such fact" in done.refused
    assert read(home, "red_flags.yml") == "first"
    assert read(home, "topics/cost.yml") == "ask us"
    assert len(renew(home, shipped).taken) == 2, "and it is tried again at the next start"


def test_a_power_cut_between_the_folders(home: Home, shipped: Path) -> None:
    home.data.rename(home.state / ".data-old")
    renew(home, shipped)
    assert read(home, "topics/washing.yml") == "48 hours"


def test_a_checkout_is_left_alone(tmp_path: Path, shipped: Path) -> None:
    assert renew(Home(shipped, tmp_path / "var"), shipped) == own_content.Renewal()
