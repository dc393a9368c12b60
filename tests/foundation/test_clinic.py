"""clinic.yml: what is understood, and what is refused with file, line and what to write."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from prp_guide.clinic import load_clinic, parse_phone, phone_text
from prp_guide.errors import DataError
from prp_guide.home import PROJECT_ROOT

WHOLE = """\
name: The Clinic
phone: "+1 310 975 9785"
time_zone: America/Los_Angeles
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "clinic.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_one_that_is_shipped_names_the_phone_and_no_hours() -> None:
    clinic = load_clinic(PROJECT_ROOT / "clinic.yml")
    assert clinic.phone_text == "(310) 975-9785"
    assert clinic.phone_href == "tel:+13109759785"
    assert clinic.hours is None, "the page gives none, so none is invented"


def test_hours_are_spans_for_each_day(tmp_path: Path) -> None:
    hours = 'hours:\n  mon: "09:00-12:00, 13:00-17:00"\n  sat: closed\n'
    clinic = load_clinic(written(tmp_path, WHOLE + hours))
    assert clinic.hours is not None
    assert clinic.hours["mon"] == ((time(9), time(12)), (time(13), time(17)))
    assert clinic.hours["sat"] == clinic.hours["tue"] == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: The Clinic\ntime_zone: America/Los_Angeles\n", 1, "'phone' is missing"),
        (WHOLE.replace("+1 310 975 9785", "310 97"), 2, "no whole phone number"),
        (WHOLE.replace("+1 310 975 9785", "call us"), 2, "no phone number"),
        (WHOLE.replace("America/Los_Angeles", "Pacific"), 3, "America/Los_Angeles"),
        (WHOLE + "fone: 1\n", 4, "Known here:"),
        (WHOLE + 'hours:\n  mon: "9 to 5"\n', 4, "09:00-17:00"),
        (WHOLE + 'hours:\n  monday: "09:00-17:00"\n', 4, "is no day"),
        (WHOLE + 'hours:\n  mon: "17:00-09:00"\n', 4, "must run forwards"),
        (WHOLE + 'hours:\n  mon: "25:00-26:00"\n', 4, "no such time"),
        (WHOLE + "allowed_origins: [the.site/page]\n", 4, "is no origin"),
        (WHOLE + "overdue: maybe\n", 4, "overdue"),
        ("name: [\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "keys and values"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as refused:
        load_clinic(path)
    assert refused.value.line == line
    assert str(path) in str(refused.value)
    assert says in str(refused.value)


def test_a_file_that_is_missing_or_not_utf_8(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the file is missing"):
        load_clinic(tmp_path / "clinic.yml")
    (tmp_path / "clinic.yml").write_bytes(WHOLE.encode() + b"# caf\xe9\n")
    with pytest.raises(DataError, match="not UTF-8") as refused:
        load_clinic(tmp_path / "clinic.yml")
    assert refused.value.line == 4


@pytest.mark.parametrize(
    ("text", "e164", "shown"),
    [
        ("310 975 9785", "+13109759785", "(310) 975-9785"),
        ("(310) 975-9785", "+13109759785", "(310) 975-9785"),
        ("+44 20 7946 0958", "+442079460958", "+44 20 7946 0958"),
    ],
)
def test_phones(text: str, e164: str, shown: str) -> None:
    assert parse_phone(text) == e164
    assert phone_text(e164) == shown


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("{url: /prp}", "no address of the web"),
        ('{url: "https://c.example", daily: 6 am}', "no time of day"),
        ('{url: "https://c.example", daily: "25:00"}', "no time of day"),
        ('{url: "https://c.example", on_change: hide}', "on_change"),
        ('{url: "https://c.example", each_day: true}', "not a known key"),
        ("{daily: 06:00}", "'page_check.url' is missing"),
    ],
)
def test_a_page_check_that_cannot_be_done_is_refused(tmp_path: Path, settings: str, problem: str) -> None:
    path = tmp_path / "clinic.yml"
    path.write_text(f'name: C\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\npage_check: {settings}\n')
    with pytest.raises(DataError, match=problem) as fault:
        load_clinic(path)
    assert fault.value.line == 4


def test_a_page_check(tmp_path: Path) -> None:
    path = tmp_path / "clinic.yml"
    settings = '{url: "https://c.example/prp", daily: "6:05", on_change: withhold, ignore: [Contact]}'
    path.write_text(f'name: C\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\npage_check: {settings}\n')
    found = load_clinic(path).page_check
    assert found is not None
    assert (found.url, found.daily, found.on_change, found.ignore) == (
        "https://c.example/prp",
        time(6, 5),
        "withhold",
        ("Contact",),
    )
