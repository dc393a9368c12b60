"""Name, phone, time and voicemail in patients' words: what is found, and what must not be."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
import yaml

from prp_guide.language.details import find_details, says_nothing

TABLE = yaml.safe_load(Path(__file__).with_name("callback_details.yml").read_text(encoding="utf-8"))
ROWS = [(step if step != "none" else None, row) for step, rows in TABLE.items() for row in rows]


@pytest.mark.parametrize(("step", "row"), ROWS, ids=[f"{step}: {row['says']}" for step, row in ROWS])
def test_finds_what_is_there_and_nothing_else(step: str | None, row: dict[str, str]) -> None:
    found = {detail.kind: detail.of(row["says"]) for detail in find_details(row["says"], asked=step)}
    assert found == {kind: words for kind, words in row.items() if kind != "says"}


def test_every_step_has_rows_with_and_without_a_detail() -> None:
    for step, rows in TABLE.items():
        empty = sum(len(row) == 1 for row in rows)
        assert empty >= 10, step
        assert len(rows) - empty >= 10, step


@pytest.mark.parametrize("text", ["310 555 01", "5551234", "310 555", "jo@example.com"])
def test_what_cannot_be_called_is_found_but_not_complete(text: str) -> None:
    (detail,) = find_details(text, asked="phone")
    assert (detail.kind, detail.complete) == ("phone", False)


def test_a_name_before_a_phone_must_stand_alone() -> None:
    text = "ugh I hate typing. have one of the girls give me a buzz? 310 555 0188"
    assert [detail.kind for detail in find_details(text)] == ["phone"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("i need to move my appointment on friday", None),
        ("cancel my tuesday visit please", None),
        ("can you move my friday appointment? call me after 3", "after 3"),
        ("book me for tuesday", None),
        ("call me tomorrow to book a visit", "tomorrow"),
    ],
)
def test_the_day_of_a_visit_is_not_when_to_call(text: str, time: str | None) -> None:
    found = [detail.of(text) for detail in find_details(text, about_visit=True) if detail.kind == "time"]
    assert found == ([time] if time else [])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("yes, voicemail is fine", True),
        ("leave a message if i dont pick up", True),
        ("yes but no voicemail", False),
        ("please don't leave a message", False),
        ("no problem with voicemail, that's fine", True),
        ("sin mensaje de voz por favor", False),
        ("yes", None),
    ],
)
def test_a_voicemail_is_wanted_or_not(text: str, wanted: bool | None) -> None:
    found = [detail.complete for detail in find_details(text, asked="confirm") if detail.kind == "voicemail"]
    assert found == ([] if wanted is None else [wanted])


@pytest.mark.parametrize(
    "text",
    ["no voicemail pls", "no voicemail", "no vm", "no messages please, yes send", "sin mensaje de voz", "no buzón"],
)
def test_to_want_no_voicemail_corrects_no_name(text: str) -> None:
    assert [detail.kind for detail in find_details(text, asked="confirm") if detail.kind != "voicemail"] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("no rush", None), ("no emails", None), ("no, dan", "dan"), ("no Dan", "Dan"), ("no its dan", "dan")],
)
def test_a_plain_no_corrects_only_with_a_comma_or_a_capital(text: str, name: str | None) -> None:
    found = [detail.of(text) for detail in find_details(text, asked="confirm") if detail.kind == "name"]
    assert found == ([name] if name else [])


@pytest.mark.parametrize(
    ("text", "nothing"),
    [("i don't know", True), ("hold on a sec", True), ("", True), ("once the kids sleep", False), ("jo", False)],
)
def test_some_words_answer_nothing(text: str, nothing: bool) -> None:
    assert says_nothing(text) is nothing


@pytest.mark.parametrize(
    "part", ["no ", "ok ", "works for me ", "is good ", "sorry no actually ", "call me ", "monday or ", "1 "]
)
@pytest.mark.parametrize("step", ["name", "time", "confirm"])
def test_a_hostile_message_takes_no_time(part: str, step: str) -> None:
    began = perf_counter()
    find_details(part * 300 + "x", asked=step)
    assert perf_counter() - began < 2  # as a rule some milliseconds


def test_a_detail_at_the_end_of_a_long_story_is_found() -> None:
    story = "i have been thinking about this for years and never dared to ask anyone " * 8
    text = story + "so please call me, my name is Odette Blum, 310 555 0147"
    found = {detail.kind: detail.of(text) for detail in find_details(text)}
    assert found == {"name": "Odette Blum", "phone": "310 555 0147"}
