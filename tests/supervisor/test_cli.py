"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import prp_guide
from prp_guide.cli import main
from prp_guide.clinic import load_clinic
from prp_guide.database import migrate, open_database
from prp_guide.frontdesk import CallbackRequest, CallbackStore, OpeningHours
from prp_guide.frontdesk.sign_in import redeem
from prp_guide.home import PROJECT_ROOT, Home

COLUMNS = ["reference", "name", "phone", "best_time", "topic", "priority", "status", "created", "due"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PRP_HOME", str(tmp_path))
    for name in ("PRP_ROOT", "HOST", "PORT", "RASA_PORT", "ACTIONS_PORT", "PRP_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return Home(root=PROJECT_ROOT, state=tmp_path)


def test_version(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"prp-guide {prp_guide.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["desk"], ["desk", "export", "--format", "xml"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: prp-guide" in capsys.readouterr().err


def test_check_of_what_we_ship(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "43 topics" in capsys.readouterr().out


def test_a_fault_is_one_clear_text(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clinic.yml").write_text("name: The Clinic\nphone: 12\ntime_zone: America/Los_Angeles\n")
    monkeypatch.setenv("PRP_ROOT", str(tmp_path))
    assert main(["check"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{tmp_path}/clinic.yml:2: 'phone':")
    assert "Traceback" not in said.err


@pytest.mark.parametrize("form", ["json", "csv"])
def test_export(home: Home, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["desk", "export", "--format", form]
    assert main(arguments) == 0
    assert _rows(form, capsys.readouterr().out) == []

    store = CallbackStore(open_database(home, durable=True), OpeningHours(load_clinic(home.clinic_file)))
    request = CallbackRequest.checked(name="Zoë", phone="310 555 0147", best_time="after lunch", topic="cost")
    made = store.create(request, "key-1")

    assert main(arguments) == 0
    (row,) = _rows(form, capsys.readouterr().out)
    assert list(row) == COLUMNS
    assert (row["reference"], row["name"], row["topic"], row["status"]) == (
        made.reference,
        "Zoë",
        "cost",
        "open",
    )


def test_sign_in_link(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert main(["desk", "sign-in-link"]) == 0
    address, token = capsys.readouterr().out.strip().split("#")
    assert address == "http://127.0.0.1:9000/desk/sign-in"
    migrate(home.database_url)
    engine = open_database(home)
    assert redeem(engine, token) is not None
    assert redeem(engine, token) is None, "a link is good once"


def _rows(form: str, text: str) -> list[dict[str, str]]:
    return json.loads(text) if form == "json" else list(csv.DictReader(io.StringIO(text)))


def test_embed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--origin", "https://the.site/", "--address", "https://chat.the.site"]) == 0
    said = capsys.readouterr().out
    for line in (
        '<script defer src="https://chat.the.site/widget.js"></script>',
        "script-src https://chat.the.site;",
        "connect-src https://chat.the.site;",
        "allowed_origins: [https://the.site]",
        "start PRP Guide again",
    ):
        assert line in said
    assert "this machine only" not in said


def test_embed_without_an_address_says_that_visitors_need_one(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--origin", "https://the.site"]) == 0
    assert "http://127.0.0.1:8080 is this machine only" in capsys.readouterr().out


def test_embed_knows_what_clinic_yml_says(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clinic.yml").write_text(
        "name: The Clinic\nphone: '+1 310 975 9785'\ntime_zone: America/Los_Angeles\n"
        "allowed_origins: [https://a.site]\ndeliveries: {inbox_url: 'https://chat.the.site'}\n"
    )
    monkeypatch.setenv("PRP_ROOT", str(tmp_path))
    assert main(["embed", "--origin", "https://a.site"]) == 0
    said = capsys.readouterr().out
    assert "where it stands already" in said
    assert "start PRP Guide again" not in said
    assert "https://chat.the.site/widget.js" in said
    assert main(["embed", "--origin", "https://b.site"]) == 0
    assert "allowed_origins: [https://a.site, https://b.site]" in capsys.readouterr().out


@pytest.mark.parametrize("origin", ["the.site", "https://the.site/page", "HTTPS://The.Site", "ftp://the.site", ""])
def test_embed_refuses_what_is_no_origin(home: Home, origin: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--origin", origin]) == 2
    assert "is no origin; write https://the.site" in capsys.readouterr().err
