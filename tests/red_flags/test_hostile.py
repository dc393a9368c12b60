"""Text that no patient would send, and how long it takes. Times are ten times looser than the targets."""

from __future__ import annotations

import random
import time

import pytest

from prp_guide.red_flags import Screen

LONG = 4096
NASTY = {
    "one word": "swelling " * 512,
    "one letter": "x" * LONG,
    "no spaces": "cantbreathe" * 372,
    "negators": "no " * 1365,
    "sentences": "a. " * 1365,
    "commas": "no," * 1365,
    "digits": "9" * LONG,
    "near misses": "brethe swelin thrat " * 204,
    "triggers": "cannot my throat is and it not swelling or if i was numb " * 72,
    "combining": "a" + "\u0301" * (LONG - 1),
    "nested unicode": "\u202a\u202b\u2066" * 1300,
    "unfolds eighteenfold": "\ufdfa" * 1365,
    "right to left": "\u202e" + "عاجل " * 800,
    "astral": "😭" * 1024,
    "controls": "\x00\x01\n\r\t" * 800,
    "quotes": "'\"`´’" * 800,
    "lone surrogate": "\ud800" * 100,
    "empty": "",
    "blank": " \n\t ",
    "stops": "....???!!!",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_hostile_text_is_screened_in_time(screen: Screen, text: str) -> None:
    begin = time.perf_counter()
    screen.check(text)
    screen.all_flags(text)
    assert time.perf_counter() - begin < 0.4


def test_random_text_never_raises(screen: Screen) -> None:
    dice = random.Random(7)
    for _ in range(200):
        screen.check("".join(chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x250)))) for _ in range(120)))


def test_a_message_of_forty_words_takes_under_thirty_milliseconds(screen: Screen) -> None:
    words = "hi i had my second session last week and everything is fine i only wanted to ask whether i can go swimming"
    message = " ".join((words + " " + words).split()[:40])
    times = []
    for number in range(100):
        begin = time.perf_counter()
        screen.check(f"{message} {number}")
        times.append(time.perf_counter() - begin)
    assert sorted(times)[94] < 0.03


@pytest.mark.parametrize(
    ("message", "tier"),
    [
        ("ｉ ｃａｎｔ ｂｒｅａｔｈｅ", "emergency"),
        ("i can\u200bt bre\u200bathe", "emergency"),
        ("I CAN’T BREATHE!!!", "emergency"),
        ("i cant breeeeathe", "emergency"),
        ("\u202ei cant breathe", "emergency"),
        ("i cánt bréathe", "emergency"),
        ("k1ll myself", "self_harm"),
        ("i wanna d1e", "self_harm"),
        ("cant brethe " + "x" * 3000, "emergency"),
        ("blah " * 700 + "my throat is closing", "emergency"),
    ],
)
def test_disguised_reports_are_found(screen: Screen, message: str, tier: str) -> None:
    flag = screen.check(message)
    assert flag is not None
    assert flag.tier == tier
