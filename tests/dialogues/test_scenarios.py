"""The scenarios as files: what the loader refuses, what it reads, and how a dialogue off its script is shown."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from prp_guide.errors import DataError
from tests.support.dialogue import OffScript, always, compare_stored, play, shown
from tests.support.scenario import Expected, Filed, load_scenario, load_scenarios

GOOD = """\
title: The price at the name step
why: It is asked just then.
turns:
  - patient: "call me"
    expect: [asks: name]
  - patient: "how much is it"
    expect: [staff:cost, asks: name]
    or: [[staff:insurance, asks: name], [staff:cost]]
    says: [price, "(310) 975-9785"]
    never: free
    lang: en
  - taps: "#1"
    expect:
      - refuses: phone
stored:
  - {name: Jo, phone: "+13105550147", topic: cost}
pending: "issue 5: follow-ups"
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a scenario; gives its path."""

    def write(text: str, name: str = "questions/price.yml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_scenario_is_read_with_all_its_parts(write: Any) -> None:
    filed = load_scenario(write(GOOD))
    assert (filed.id, filed.lines) == ("questions/price", (4, 6, 12))
    scenario = filed.scenario
    assert (scenario.title, scenario.pending) == ("The price at the name step", "issue 5: follow-ups")
    second = scenario.turns[1]
    assert [[one.written for one in reply] for reply in second.accepted] == [
        ["staff:cost", "asks: name"],
        ["staff:insurance", "asks: name"],
        ["staff:cost"],
    ]
    assert (second.says, second.never, second.lang) == (("price", "(310) 975-9785"), ("free",), "en")
    assert scenario.turns[2].taps == "#1"
    assert scenario.stored is not None
    assert scenario.stored[0].dict(exclude_none=True) == {"name": "Jo", "phone": "+13105550147", "topic": "cost"}


def test_stored_nothing_is_not_the_same_as_not_looking(write: Any) -> None:
    assert load_scenario(write(re.sub("stored:.*", "stored: []", GOOD, flags=re.DOTALL))).scenario.stored == ()
    assert load_scenario(write(re.sub("stored:.*", "", GOOD, flags=re.DOTALL))).scenario.stored is None


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("why:", "because: so\nwhy:", 2, "'because' is not a known key"),
        ("why: It is asked just then.\n", "", 1, "'why' is missing"),
        ("    never: free", "    nevr: free", 10, "'turns.1.nevr' is not a known key"),
        ("lang: en", "lang: fr", 11, "lang"),
        ('taps: "#1"', 'taps: "#1"\n    patient: "hi"', 12, "either 'patient' or 'taps'"),
        ('- patient: "call me"\n    expect', "- expect", 4, "either 'patient' or 'taps'"),
        ('patient: "call me"', "patient: yes", 4, "put quotes around True"),
        ("    expect: [asks: name]", "    expect: []", 5, "at least one message"),
        ("    expect: [asks: name]", "", 4, "'turns.0.expect' is missing"),
        ("    expect: [asks: name]", "    expect: [asks: nam]", 5, "is no message"),
        ("    expect: [asks: name]", "    expect: [asked: name]", 5, "is no message"),
        ("[staff:cost, asks: name]\n", "[staff:price, asks: name]\n", 7, "'staff:price' is no message"),
        ("[staff:cost, asks: name]\n", "[answer:cost, asks: name]\n", 7, "'answer:cost' is no message"),
        ("[staff:cost, asks: name]\n", "[offers: [price]]\n", 7, "is no message"),
        ("[staff:cost, asks: name]\n", "[choice: 0]\n", 7, "is no message"),
        ("[[staff:insurance, asks: name], [staff:cost]]", "[[staff:insurance], [finished]]", 8, "no such kind"),
        ('phone: "+13105550147"', "phone: 310 555 0147", 16, "phone"),
        ("topic: cost}", "about: cost}", 16, "'stored.0.about' is not a known key"),
        ('pending: "issue 5: follow-ups"', "pending: later", 17, "pending"),
        ("title: The price at the name step", "title: [", 3, "not valid YAML"),
        ('  - patient: "how', '    patient: "how', 6, "'patient' stands twice"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_line(write: Any, old: str, new: str, line: int, problem: str) -> None:
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(DataError) as refused:
        load_scenario(path)
    assert problem in str(refused.value)
    assert (refused.value.path, refused.value.line) == (path, line)


def test_a_dialogue_has_two_to_nine_turns(write: Any) -> None:
    turn = '  - patient: "hi"\n    expect: [chat:greet]\n'
    for count, fits in ((1, False), (2, True), (9, True), (10, False)):
        path = write("title: A\nwhy: B\nturns:\n" + turn * count)
        if fits:
            load_scenario(path)
        else:
            with pytest.raises(DataError, match="2 to 9 turns"):
                load_scenario(path)


def message(kind: str, topic: str | None = None, **more: Any) -> dict[str, Any]:
    """An envelope of the chat API."""
    return {"kind": kind, "topic": topic, "text": "Call (310) 975-9785.", "lang": "en", "step": None, **more}


def buttons(*topics: str) -> list[dict[str, str]]:
    return [{"id": f"topic:{topic}", "label": topic.capitalize(), "topic": topic} for topic in topics]


NAME = message("callback", "request_callback", step="name")


@pytest.mark.parametrize(
    ("written", "came", "matches"),
    [
        ("answer:washing", message("answer", "washing"), True),
        ("answer:washing", message("answer", "sun"), False),
        ("staff:cost", message("answer", "cost"), False),
        ("out_of_scope", message("out_of_scope", "out_of_scope"), True),
        ({"asks": "name"}, NAME, True),
        ({"asks": "name"}, {**NAME, "error": "Please enter the name."}, False),
        ({"refuses": "name"}, {**NAME, "error": "Please enter the name."}, True),
        ({"refuses": "name"}, NAME, False),
        ({"asks": "phone"}, NAME, False),
        ("done", {**NAME, "step": "done"}, True),
        ("cancelled", {**NAME, "step": "done"}, False),
        ({"offers": []}, message("clarify", choices=buttons("sun", "washing", "human")), True),
        ({"offers": ["sun"]}, message("clarify", choices=buttons("sun", "washing", "human")), True),
        ({"offers": ["pain"]}, message("clarify", choices=buttons("sun", "washing", "human")), False),
        ({"offers": []}, message("clarify", choices=buttons("sun", "washing")), False),
        ({"offers": []}, message("clarify", choices=buttons("sun", "human")), False),
        ({"choice": 2}, message("answer", "washing"), True),
        ({"choice": 1}, message("answer", "washing"), False),
        ({"choice": 3}, message("answer", "washing"), False),
    ],
)
def test_what_matches_a_message(written: Any, came: dict[str, Any], matches: bool) -> None:
    assert Expected.parse(written).matches(came, buttons("sun", "washing")) is matches


def test_a_message_is_shown_as_a_scenario_writes_it() -> None:
    assert [
        shown(message("answer", "washing")),
        shown(NAME),
        shown({**NAME, "error": "Please enter the name."}),
        shown({**NAME, "step": "done"}),
        shown(message("clarify", choices=buttons("sun", "human"))),
        shown(message("out_of_scope", "out_of_scope")),
    ] == ["answer:washing", "asks: name", "refuses: name", "done", "offers: [sun, human]", "out_of_scope"]


def test_what_holds_of_every_reply() -> None:
    card, answer = message("urgent", "emergency"), message("answer", "washing")
    assert always([card, answer]) == []
    assert always([answer, card]) == ["a card does not come first"]
    assert always([answer, answer]) == ["answer:washing comes twice"]
    assert always([message("staff", "cost", text="Prices are not on our page.")]) == [
        "staff:cost does not name the phone"
    ]


class Scripted:
    """A patient whose assistant says what the test says, turn by turn."""

    def __init__(self, *replies: list[dict[str, Any]]) -> None:
        self.opening = {"messages": [message("chat", "greet", choices=buttons("cost"))]}
        self._replies = iter(replies)
        self.tapped: list[str] = []

    def says(self, _text: str) -> list[dict[str, Any]]:
        return next(self._replies)

    def taps(self, choice: str) -> list[dict[str, Any]]:
        self.tapped.append(choice)
        return next(self._replies)


PRICE = message("staff", "cost", text="The price is not here. Call (310) 975-9785.", choices=buttons("pain"))
REFUSED = {**NAME, "step": "phone", "error": "With area code."}


def test_a_dialogue_that_keeps_to_its_script(write: Any) -> None:
    patient = Scripted([NAME], [PRICE, NAME], [REFUSED])
    play(load_scenario(write(GOOD)), patient)
    assert patient.tapped == ["topic:pain"], "#1 is the first button of the reply before"


@pytest.mark.parametrize(
    ("replies", "fault"),
    [
        ([[message("out_of_scope", "out_of_scope")]], "expected asks: name"),
        ([[NAME], [NAME, PRICE]], "expected staff:cost, asks: name\n      or staff:insurance, asks: name"),
        ([[NAME], [message("staff", "cost", text="Call (310) 975-9785."), NAME]], "it does not say 'price'"),
        ([[NAME], [{**PRICE, "text": "The price: FREE. (310) 975-9785"}, NAME]], "it says 'free'"),
        ([[NAME], [{**PRICE, "lang": "es"}, NAME]], "it is not all in 'en'"),
        ([[NAME], [{**PRICE, "choices": []}, NAME]], "there is no such button; shown are 'Cost' (topic:cost)"),
        ([[NAME], [PRICE, NAME], [{**NAME, "step": "phone"}]], "expected refuses: phone"),
    ],
)
def test_a_dialogue_off_its_script_is_shown_so_far(write: Any, replies: Any, fault: str) -> None:
    with pytest.raises(OffScript) as off:
        play(load_scenario(write(GOOD)), Scripted(*replies))
    text = str(off.value)
    assert f"  >>> {fault}" in text
    assert re.match(r"questions/price\.yml:\d+: The price at the name step\n\(It is asked just then\.\)\n", text)
    assert "  patient: call me\n" in text
    assert "  patient: how much is it\n" in text or len(replies) == 1


def test_the_reference_given_before_can_be_asked_for(write: Any) -> None:
    text = re.sub("stored:.*", "", GOOD, flags=re.DOTALL).replace('[price, "(310) 975-9785"]', '"{reference}"')
    filed = load_scenario(write(text))
    named = {**NAME, "text": "Your reference is PRP-7KQX."}
    play(filed, Scripted([named], [{**PRICE, "text": "PRP-7KQX, (310) 975-9785"}, NAME], [REFUSED]))
    with pytest.raises(OffScript, match="it does not say 'PRP-7KQX'"):
        play(filed, Scripted([named], [PRICE, NAME], [REFUSED]))


@pytest.mark.parametrize(
    ("exported", "right"),
    [
        ([("Jo", "+13105550147", "cost")], True),
        ([("Jo", "+13105550147", "cost"), ("Ada", "+13105550100", "pain")], True),  # Ada is of another dialogue
        ([], False),
        ([("Jo", "+13105550147", "pain")], False),
        ([("Jo", "+13105550147", "cost"), ("Jo", "+13105550147", "cost")], False),
    ],
)
def test_what_the_front_desk_has(write: Any, exported: list[tuple[str, str, str]], right: bool) -> None:
    filed = load_scenario(write(GOOD.replace("call me", "call me: 310 555 0147")))
    requests = [{"name": name, "phone": phone, "topic": topic} for name, phone, topic in exported]
    if right:
        compare_stored(filed, requests)
    else:
        with pytest.raises(OffScript, match="the front desk has other requests"):
            compare_stored(filed, requests)


@pytest.fixture(scope="module")
def scenarios() -> list[Filed]:
    return load_scenarios()


def test_there_are_many_and_each_has_a_title_of_its_own(scenarios: list[Filed]) -> None:
    assert len(scenarios) >= 80
    titles = Counter(filed.scenario.title for filed in scenarios)
    assert [title for title, count in titles.items() if count > 1] == []


def test_each_dialogue_has_phone_numbers_of_its_own(scenarios: list[Filed]) -> None:
    """So a request in the front desk is told apart from those of other dialogues, and is never merged with them."""
    owners: dict[str, str] = {}
    for filed in scenarios:
        text = "\n".join(turn.patient or "" for turn in filed.scenario.turns)
        for number in {re.sub(r"\D", "", found) for found in re.findall(r"\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b", text)}:
            assert owners.setdefault(number, filed.id) == filed.id, f"{number} is also in {owners[number]}"
        for request in filed.scenario.stored or ():
            assert request.phone[-10:] in re.sub(r"\D", "", text), f"{filed.id}: nobody said {request.phone}"
