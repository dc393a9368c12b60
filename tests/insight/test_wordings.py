"""Which words of patients are shown: grouped by meaning, from three conversations up, none that could be a name."""

from __future__ import annotations

import json

import pytest

from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.insight.apart import find_wordings_apart
from prp_guide.insight.gaps import Gap
from prp_guide.insight.wordings import LONGEST_GROUPED, find_wordings, group_all

PRICE = ["how much is it", "how much does it cost", "what does one session cost", "price please", "what is the price"]


def pairs(*texts: str, first: int = 0) -> list[tuple[str, str]]:
    return [(f"session {first + number}", words) for number, words in enumerate(texts)]


def test_questions_are_grouped_by_meaning(home: Home) -> None:
    parking = ["where can i park", "is there parking", "do you have parking"]
    found = group_all(home, {"gap": pairs(*PRICE, *parking)})["gap"]
    assert [one.conversations for one in found] == [5, 3]
    assert found[0].words in PRICE
    assert found[1].words in parking


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (pairs(*PRICE[:2]), False),  # two people
        ([("one", words) for words in PRICE], False),  # one person, five times
        (pairs(*PRICE), True),
        (pairs(*(f"{words} asks Xaviera Quimby" for words in PRICE[:2]), "price for Zebulon Okonkwo"), False),
        (pairs(*(words + " tell me" * LONGEST_GROUPED for words in PRICE)), False),
    ],
)
def test_words_are_shown_only_where_they_are_of_many(home: Home, texts: list[tuple[str, str]], shown: bool) -> None:
    assert bool(group_all(home, {"gap": texts})["gap"]) is shown


def test_a_name_is_not_shown_when_others_asked_the_same(home: Home) -> None:
    texts = [f"Xaviera Quimby: {words}" for words in PRICE]
    (found,) = group_all(home, {"gap": [*pairs(*texts[:2]), *pairs(*PRICE, first=2)]})["gap"]
    assert "Xaviera" not in found.words


def test_what_redaction_missed_then_it_finds_now(home: Home) -> None:
    texts = pairs(*(f"how much is it, call 310 555 014{number}" for number in range(4)))
    assert all("555" not in one.words for one in group_all(home, {"gap": texts})["gap"])


def test_a_small_gap_gets_its_share_beside_large_ones(home: Home) -> None:
    large = pairs(*(f"where can i park {number}" for number in range(900)))
    found = group_all(home, {"large": large, "small": pairs(*PRICE, first=1000)})
    assert found["small"]


def test_none(home: Home) -> None:
    assert group_all(home, {}) == {}
    assert group_all(home, {"gap": []}) == {"gap": ()}


def test_in_a_process_apart_it_is_the_same(home: Home) -> None:
    gaps = [Gap("silent", "cost", "What does it cost?", 5, 5, texts=tuple(pairs(*PRICE, "¿cuánto cuesta? 🙏")))]
    assert find_wordings_apart(home, gaps) == find_wordings(home, gaps)


def test_a_process_that_fails_says_nothing_of_the_texts(home: Home) -> None:
    gaps = [Gap("silent", "cost", "What does it cost?", 5, 5, texts=tuple(pairs("a secret")))]
    with pytest.raises(SetupError) as fault:
        find_wordings_apart(home, gaps, lambda command: [*command[:1], "-c", "raise SystemExit(3)"])
    assert "secret" not in str(fault.value)
    assert json.dumps(str(fault.value))
