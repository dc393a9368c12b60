"""`prp-guide init`: what it asks, what it writes, and what it never makes up."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from prp_guide.cli import main
from prp_guide.clinic import load_clinic
from prp_guide.commands.init import read_hours
from prp_guide.errors import SetupError
from prp_guide.home import PROJECT_ROOT, Home
from tests.support.assistant import ROOT
from tests.support.waiting import wait_for

NEEDED = ["--name", "Bay Dermatology", "--phone", "310 555 0100", "--time-zone", "America/New_York"]
MAIL = ["--mail-to", "desk@bay.example", "--mail-server", "mail.bay.example:587", "--mail-sender", "chat@bay.example"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "clinic"))
    monkeypatch.delenv("PRP_ROOT", raising=False)
    return tmp_path / "clinic"


def test_only_what_was_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir(mode=0o755)
    assert Home.from_env().root == PROJECT_ROOT, "until there is a clinic, the checkout's content is used"
    assert main(["init", *NEEDED]) == 0
    home = Home.from_env()
    assert (home.root, home.state) == (folder, folder)
    clinic = load_clinic(home.clinic_file)
    assert (clinic.name, clinic.phone_text, clinic.languages) == ("Bay Dermatology", "(310) 555-0100", ("English",))
    assert clinic.hours is None
    assert clinic.address is None
    assert not clinic.deliveries.receivers
    assert "none given" in capsys.readouterr().out
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (home.data / "topics" / "cost.yml").read_bytes() == (PROJECT_ROOT / "data/topics/cost.yml").read_bytes()
    assert main(["check"]) == 0


def test_everything_said(folder: Path) -> None:
    more = ["--hours", "mon-fri 09:00-12:00, 13:00-17:00; sat 10:00-13:00", "--languages", "English, Español"]
    assert main(["init", *NEEDED, *more, *MAIL, "--address", "https://chat.bay.example"]) == 0
    clinic = load_clinic(folder / "clinic.yml")
    assert clinic.hours is not None
    assert {day: len(spans) for day, spans in clinic.hours.items()} == {
        "mon": 2, "tue": 2, "wed": 2, "thu": 2, "fri": 2, "sat": 1, "sun": 0,
    }  # fmt: skip
    assert clinic.languages == ("English", "Español")
    assert clinic.deliveries.inbox_url == "https://chat.bay.example"
    assert [receiver.name for receiver in clinic.deliveries.receivers] == ["front desk mail"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing: --name, --phone, --time-zone"),
        (NEEDED[:4], "Missing: --time-zone"),
        ([*NEEDED[:4], "--time-zone", "Pacific"], "is no time zone; write one such as America/Los_Angeles"),
        ([*NEEDED, "--phone", "12"], "is no whole phone number"),
        ([*NEEDED, "--hours", "weekdays 9-5"], "are no hours; write them such as"),
        ([*NEEDED, "--hours", "mon 17:00-09:00"], "must run forwards"),
        ([*NEEDED, "--address", "chat.bay.example"], "is no site"),
        ([*NEEDED, *MAIL], "needs --mail-server, --mail-sender and --address too"),
        ([*NEEDED, *MAIL[:2], "--address", "https://a.example"], "needs --mail-server, --mail-sender"),
    ],
)
def test_what_cannot_be_used(folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "clinic.yml").exists()


def test_a_clinic_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", *NEEDED]) == 0
    before = (folder / "clinic.yml").read_bytes()
    assert main(["init", *NEEDED[:1], "Another", *NEEDED[2:]]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (folder / "clinic.yml").read_bytes() == before


@pytest.mark.parametrize("name", ['The "Best" Clinic: #1', "Clínica Ñandú", "x: {y}", "- Bay"])
def test_a_name_is_kept_as_it_is(folder: Path, name: str) -> None:
    assert main(["init", "--name", name, *NEEDED[2:]]) == 0
    assert load_clinic(folder / "clinic.yml").name == name


def test_questions_on_a_terminal(tmp_path: Path) -> None:
    """A real terminal. What cannot be used is asked again; mail is not gone into where nobody is to be written to."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "prp_guide", "init"],
        cwd=ROOT,
        env={**os.environ, "PRP_HOME": str(tmp_path / "clinic")},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""

    def sees(words: bytes) -> bool:
        nonlocal seen
        seen += os.read(ours, 4096)
        return words in seen

    try:
        for question, answer in (
            (b"Name of the clinic", "Bay Dermatology"),
            (b"Phone number", "12"),
            (b"is no whole phone number", "310 555 0100"),
            (b"Time zone", "America/New_York"),
            (b"Opening hours", ""),
            (b"Languages", ""),
            (b"Address of your page", ""),
            (b"Address of this server", ""),
            (b"E-mail address", ""),
        ):
            wait_for(lambda wanted=question: sees(wanted), question.decode(), seconds=20, every=0)  # type: ignore[misc]
            os.write(ours, f"{answer}\n".encode())
        wait_for(lambda: sees(b"has its home in"), "the end", seconds=20, every=0)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"Mail server" not in seen
    assert load_clinic(tmp_path / "clinic" / "clinic.yml").hours is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", {}),
        ("sat 10:00-13:00", {"sat": "10:00-13:00"}),
        ("Mon-Tue 09:00-17:00;", {"mon": "09:00-17:00", "tue": "09:00-17:00"}),
        ("mon-wed 09:00-17:00; tue closed", {"mon": "09:00-17:00", "tue": "closed", "wed": "09:00-17:00"}),
    ],
)
def test_hours(text: str, hours: dict[str, str]) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize("text", ["9 to 5", "fri-mon 09:00-17:00", "mon", "xyz 09:00-17:00"])
def test_no_hours(text: str) -> None:
    with pytest.raises(SetupError, match="are no hours"):
        read_hours(text)
