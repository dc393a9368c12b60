"""What a patient may send in one turn, and what is taken out of it."""

import pytest

from prp_guide.chat import Entry, EntryInvalid
from prp_guide.chat.entry import clean


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ({"text": "hi"}, Entry(text="hi")),
        ({"text": "  hi\u202e \u0000"}, Entry(text="hi")),
        ({"text": "x" * 2000}, Entry(text="x" * 2000)),
        ({"text": "hi", "id": "m-1"}, Entry(text="hi", id="m-1")),
        ({"text": "hi", "choice": None, "id": None}, Entry(text="hi")),
        ({"choice": "topic:session_count"}, Entry(choice="topic:session_count")),
        ({"choice": "confirm:yes", "more": 1}, Entry(choice="confirm:yes")),
        ({"choice": "lang:es"}, Entry(choice="lang:es")),
        ({"text": "/restart"}, Entry(text="/restart")),
    ],
)
def test_good_entries(body: dict[str, object], entry: Entry) -> None:
    assert Entry.checked(body) == entry


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"text"}),
        ({"text": None}, {"text"}),
        ({"text": "hi", "choice": "topic:cost"}, {"text"}),
        ({"text": ""}, {"text"}),
        ({"text": " \u200b\u202e\n"}, {"text"}),
        ({"text": "x" * 2001}, {"text"}),
        ({"text": 1}, {"text"}),
        ({"text": ["hi"]}, {"text"}),
        ({"choice": "cost"}, {"choice"}),
        ({"choice": "topic:"}, {"choice"}),
        ({"choice": "topic:cost\n"}, {"choice"}),
        ({"choice": "topic:COST"}, {"choice"}),
        ({"choice": "intent:cost"}, {"choice"}),
        ({"choice": "/inform"}, {"choice"}),
        ({"choice": "lang:fr"}, {"choice"}),
        ({"choice": "topic:" + "x" * 41}, {"choice"}),
        ({"choice": 7}, {"choice"}),
        ({"text": "hi", "id": ""}, {"id"}),
        ({"text": "hi", "id": "a b"}, {"id"}),
        ({"text": "hi", "id": "x" * 65}, {"id"}),
        ({"text": "hi", "id": 5}, {"id"}),
        ({"text": "", "id": 5}, {"text", "id"}),
    ],
)
def test_bad_entries(body: dict[str, object], fields: set[str]) -> None:
    with pytest.raises(EntryInvalid) as caught:
        Entry.checked(body)
    assert set(caught.value.fields) == fields
    assert all(sentence.endswith(".") for sentence in caught.value.fields.values())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("tab\tand\r\nlines\rhere", "tab and\nlines\nhere"),
        ("a\u2028b", "a\nb"),
        ("bell\x07 null\x00 escape\x1b[2J c1\x9b", "bell null escape[2J c1"),
        ("safe\u202etxt\u202c \u2066x\u2069 \u200eq\u200f", "safetxt x q"),
        ("in\u200bvis\ufeffible\u2060", "invisible"),
        ("family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"),
        ("¿cuánto cuesta? 价格", "¿cuánto cuesta? 价格"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
