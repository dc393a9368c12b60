"""Name, phone and time in patients' words: what is found, and what must not be."""

import pytest

from prp_guide.language.details import find_details

FOUND = [
    # words, step asked, name, phone, time
    ("Jo", "name", "Jo", None, None),
    ("Sage", "name", "Sage", None, None),
    ("Mary Ann Smith-Jones", "name", "Mary Ann Smith-Jones", None, None),
    ("Dr. Alan Grant", "name", "Dr. Alan Grant", None, None),
    ("hi its maria", "name", "maria", None, None),
    ("my name is Maria Lopez and my number is (310) 555-0147", "name", "Maria Lopez", "(310) 555-0147", None),
    ("Bob, and my cell is 424.555.0116", "name", "Bob", "424.555.0116", None),
    ("it's jo, 310 555 0147, any time after lunch", None, "jo", "310 555 0147", "any time after lunch"),
    ("jo 3105550147 after 5pm", None, "jo", "3105550147", "after 5pm"),
    ("sorry Dan not Jan", "phone", "Dan", None, None),
    ("actually it's Jon", "phone", "Jon", None, None),
    ("213 555 0177", "phone", None, "213 555 0177", None),
    ("oops 310 555 0198", "phone", None, "310 555 0198", None),
    ("her cell is 310 555 0199", "phone", None, "310 555 0199", None),
    ("not 310 555 0147, it's 310 555 0148", "confirm", None, "310 555 0148", None),
    ("+44 20 7946 0958", "phone", None, "+44 20 7946 0958", None),
    ("mornings before 11", "time", None, None, "mornings before 11"),
    ("evenings", "time", None, None, "evenings"),
    ("Tues or Thurs after 3", "time", None, None, "Tues or Thurs after 3"),
    ("9-11", "time", None, None, "9-11"),
    ("whenever", "time", None, None, "whenever"),
    ("anytime but monday", "time", None, None, "anytime but monday"),
    ("not mornings", "time", None, None, "not mornings"),
    ("between 2 and 4 pm on friday", "time", None, None, "between 2 and 4 pm on friday"),
    ("can i get a call tomorrow around 10", None, None, None, "tomorrow around 10"),
]

NOT_FOUND = [
    ("does it hurt", "name"),
    ("wait how much is it", "phone"),
    ("what do you need my name for", "name"),
    ("yes", "confirm"),
    ("no thanks", "phone"),
    ("cancel", "name"),
    ("never mind", "phone"),
    ("i have 5 kids", "phone"),
    ("how many sessions do i need, like 3?", "phone"),
    ("i'm worried", None),
    ("Jo", None),
    ("48 hours", None),
    ("4-6 weeks", None),
]


@pytest.mark.parametrize(("text", "asked", "name", "phone", "time"), FOUND)
def test_finds(text: str, asked: str | None, name: str | None, phone: str | None, time: str | None) -> None:
    found = {detail.kind: detail.of(text) for detail in find_details(text, asked=asked)}
    assert found == {k: v for k, v in (("name", name), ("phone", phone), ("time", time)) if v is not None}


@pytest.mark.parametrize(("text", "asked"), NOT_FOUND)
def test_finds_nothing_where_nothing_is(text: str, asked: str | None) -> None:
    assert find_details(text, asked=asked) == []


@pytest.mark.parametrize("text", ["310 555 01", "5551234", "310 555"])
def test_a_phone_too_short_to_call_is_found_but_not_complete(text: str) -> None:
    (detail,) = find_details(text, asked="phone")
    assert (detail.kind, detail.complete) == ("phone", False)


def test_a_name_before_a_phone_must_stand_alone() -> None:
    text = "ugh I hate typing. have one of the girls give me a buzz? 310 555 0188"
    assert [detail.kind for detail in find_details(text)] == ["phone"]
