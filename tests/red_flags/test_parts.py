"""The reader, the speller and the pattern language, each alone."""

from __future__ import annotations

import pytest

from prp_guide.red_flags import Screen
from prp_guide.red_flags.patterns import Message, Vocabulary, kinds_of
from prp_guide.red_flags.spelling import Speller, one_slip
from prp_guide.red_flags.text import Reader, fold

GROUPS = {"throat": ("throat", "voice box", "@lips"), "lips": ("lip", "lips"), "swell": ("swelling", "swollen")}


def reader(*known: str) -> Reader:
    forms = {"cant": "cannot", "can not": "cannot", "a bit": "", "im": "i am"}
    return Reader(forms, ["um", "really"], Speller(known, known, ["bread"]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't, um, breathe!", "^ i cannot , breathe $"),
        ("can not   BREATHE", "^ cannot breathe $"),
        ("I’m really a bit off", "^ i am off $"),
        ("no no no", "^ no $"),
        ("my dog's ball", "^ my dog ball $"),
        ("wait... what?!", "^ wait , what ? $"),
        ("at 3 p.m. ok", "^ at 3 pm ok $"),
        ("fever 101.4", "^ fever 101.4 $"),
        ("uno\n\ndos", "^ uno . dos $"),
        ("hinchó", "^ hincho $"),
        ("", "^ $"),
        ("...", "^ $"),
    ],
)
def test_reading(text: str, words: str) -> None:
    assert " ".join(reader("breathe").words(text)) == words


def test_folding_drops_what_cannot_be_seen() -> None:
    assert fold("Ca\u200bfÉ\u0301 \u202eX") == "cafe x"


@pytest.mark.parametrize(
    ("word", "mended"),
    [
        ("brethe", "breathe"),
        ("braethe", "breathe"),
        ("swellling", "swelling"),
        ("sweling", "swelling"),
        ("bread", "bread"),
        ("swellings", "swelling"),
        ("wreathe", "wreathe"),
        ("brd", "brd"),
        ("b" * 400, "b" * 400),
        ("breathe", "breathe"),
    ],
)
def test_mending(word: str, mended: str) -> None:
    assert Speller(["breathe", "swelling"], [], ["bread"]).mend(word) == mended


def test_a_stem_is_left_alone() -> None:
    assert Speller(["hinchado"], [], [], lambda word: word.startswith("hinch")).mend("hinchad") == "hinchad"


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("ab", "ba", True),
        ("abc", "abd", True),
        ("abc", "abxc", True),
        ("abc", "bc", True),
        ("", "ab", False),
        ("a", "a", False),
        ("abc", "cba", False),
        ("abcd", "badc", False),
    ],
)
def test_one_slip(left: str, right: str, one: bool) -> None:
    assert one_slip(left, right) is one
    assert one_slip(right, left) is one


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("@throat ~2 @swell", "my throat is so swollen", True),
        ("@throat ~1 @swell", "my throat is so swollen", False),
        ("@throat ~2 @swell", "voice box swelling", True),
        ("@throat ~3 @swell", "my throat . swelling", False),
        ("@throat %3 @swell", "my throat . swelling", True),
        ("woke up? on", "woke up on", True),
        ("woke up? on", "woke on", True),
        ("woke up? on", "woke me on", False),
        ("lips + swollen", "swollen are my lips", True),
        ("lips + swollen", "swollen . my lips", False),
        ("lips ++ swollen", "swollen . my lips", True),
        ("^ numb $", "numb", True),
        ("^ numb $", "so numb", False),
        ("does_not|cannot stop", "it does not stop", True),
        ("does_not|cannot stop", "it does stop", False),
        ("swel* ~1 shut", "swells right shut", True),
        ("fever ~2 #temperature", "fever of 101.4", True),
        ("fever ~2 #temperature", "fever of 12", False),
        ("day #day", "day 3", True),
        ("day #day", "day 1", False),
        ("in #year", "in 2019", True),
        ("took ~1 #many", "took 8", True),
        ("took ~1 #many", "took 2", False),
        ("lips ~9 swollen", "lips a b c d e f g h i swollen", True),
        ("lips ~9 swollen", "lips a b c d e f g h i j swollen", False),
        ("lips ~9 swollen", "lips a b c d . e f g swollen", False),
        ("lips %9 swollen", "lips a b c d . e f g swollen", True),
        ("voice_box ~7 swollen|swelling", "voice box a b c d e f g swelling", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    vocabulary = Vocabulary(GROUPS)
    compiled = vocabulary.pattern(pattern)
    assert bool(Message(["^", *text.split(), "$"], vocabulary).find(compiled)) is found


def test_vetoed_words_do_not_count_unless_the_pattern_names_the_negator() -> None:
    vocabulary = Vocabulary(GROUPS, ["not"])
    plain, literal, spared = (vocabulary.pattern(p) for p in ("swollen", "not swollen", "!swollen"))
    message = Message(["^", "it", "is", "not", "swollen", "$"], vocabulary)
    veto = 1 << 4
    assert message.find(plain)
    assert not message.find(plain, veto, 0)
    assert message.find(literal, veto, 0)
    assert not message.find(literal, veto, veto)
    assert message.find(spared, veto, veto)


def test_a_pattern_that_ends_with_its_sentence_marks_that_sentence() -> None:
    """A guard such as `any risk ?` reaches the sentence whose end it names, and no other."""
    words = ["^", "my", "lip", ".", "any", "risk", "?", "yes", "$"]
    message = Message(words, Vocabulary(GROUPS))
    covered = message.sentences(1 << words.index("?"))
    assert [word for at, word in enumerate(words) if covered >> at & 1] == ["any", "risk"]


@pytest.mark.parametrize(
    ("word", "kind"), [("three", "#day"), ("2020", "#year"), ("38.6", "#temperature"), ("40", "#many")]
)
def test_kinds_of_numbers(word: str, kind: str) -> None:
    assert kind in kinds_of(word)


def test_a_number_is_no_typo_of_another(screen: Screen) -> None:
    """One slip makes "cuarto", which rules name, of "cuatro"."""
    assert screen.check("todavía me duele la cabeza después de cuatro días") is not None


def test_thirty_eight_is_no_fever_but_an_age() -> None:
    assert "#temperature" not in kinds_of("38")
    assert kinds_of("1.2.3") == ("#number",)
