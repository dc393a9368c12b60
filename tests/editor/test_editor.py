"""Editing writes what a text editor would write, checked before, and every change can be taken back."""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.content.checks import check_content
from prp_guide.content.models import LANGUAGES
from prp_guide.editor import Draft, Editor
from prp_guide.editor.document import written
from prp_guide.editor.editor import approvals, unused_facts
from prp_guide.errors import ChangedMeanwhile, EditError, EditRefused
from prp_guide.home import Home
from tests.editor.conftest import PARKING

TODAY = date(2026, 11, 23)
SOONER = (
    "The usual wait before you wash your scalp is 48 hours, and not sooner. Hard exercise and sun on it should wait "
    "just as long. If you want to rinse or wet your hair before that, ask our front desk first at {phone}."
)


def washing(home: Home) -> Path:
    return home.data / "topics" / "washing.yml"


def with_reply(draft: Draft, text: str, lang: str = "en") -> Draft:
    return replace(draft, reply={**draft.reply, lang: text})


def changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_topic_that_is_not_changed_is_written_as_it_stands(home: Home) -> None:
    library = Library.load(home)
    for name, topic in library.topics.items():
        before = (home.data / "topics" / f"{name}.yml").read_text("utf-8")
        given = {lang: topic.approved(lang) for lang in LANGUAGES}
        assert written(before, name, Draft.of(topic), given) == before


def test_only_what_changes_is_written_and_comments_stay(editor: Editor, home: Home) -> None:
    path = washing(home)
    before = "# Ask Dr. Ruiz before changing this.\n" + path.read_text("utf-8").replace(
        "facts: ", "facts: # the list\n  "
    )
    path.write_text(
        before.replace("facts: # the list\n  [first_48_hours]", "facts: [first_48_hours] # the list"), "utf-8"
    )
    before = path.read_text("utf-8")
    opened = editor.open("washing")
    editor.save("washing", with_reply(opened.draft, SOONER), seen=opened.seen, by="Ana")
    after = path.read_text("utf-8")
    lines = changed(before, after)
    assert all(line[2:].startswith("    ") for line in lines), lines
    assert after.startswith("# Ask Dr. Ruiz")
    assert "[first_48_hours] # the list" in after
    assert max(map(len, after.splitlines())) <= 100
    assert Library.load(home).topics["washing"].reply.en == SOONER
    assert check_content(home) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SOONER.replace("48 hours", "24 hours"), "'24' is no value"),
        (SOONER.replace("and not sooner", "it is completely safe"), "'safe' must not be said"),
        ("Wait 48 hours.", "3 words"),
        (SOONER.replace("{phone}", "{fax}"), "{fax} cannot be filled in"),
        ("", "nothing is written here yet"),
    ],
)
def test_what_the_checks_refuse_is_not_written(editor: Editor, home: Home, text: str, problem: str) -> None:
    before, opened = washing(home).read_text("utf-8"), editor.open("washing")
    with pytest.raises(EditRefused, match="reply in English") as refused:
        editor.save("washing", with_reply(opened.draft, text), seen=opened.seen, by="Ana")
    assert problem in str(refused.value)
    assert washing(home).read_text("utf-8") == before
    assert editor.versions.every("washing") == []


def test_the_second_of_two_editors_is_told_by_name_what_changed(editor: Editor) -> None:
    ana, ben = editor.open("washing"), editor.open("washing")
    editor.save("washing", with_reply(ana.draft, SOONER), seen=ana.seen, by="Ana Ruiz")
    label = replace(ben.draft, label={**ben.draft.label, "en": "When may I wash my hair?"})
    with pytest.raises(ChangedMeanwhile, match="Ana Ruiz changed this while you were writing: the reply in English"):
        editor.save("washing", label, seen=ben.seen, by="Ben")
    again = editor.open("washing")
    assert again.draft.reply["en"] == SOONER
    editor.save("washing", replace(again.draft, label=label.label), seen=again.seen, by="Ben")
    assert [version.by for version in editor.versions.every("washing")] == ["Ben", "Ana Ruiz", "a text editor"]


def test_a_text_editor_in_between_is_told_of_too(editor: Editor, home: Home) -> None:
    opened = editor.open("washing")
    path = washing(home)
    path.write_text(path.read_text("utf-8").replace("usual advice", "common advice"), "utf-8")
    with pytest.raises(ChangedMeanwhile, match="Somebody with a text editor"):
        editor.save("washing", with_reply(opened.draft, SOONER), seen=opened.seen, by="Ana")


def test_an_approval_is_lost_with_the_words_it_was_for(editor: Editor) -> None:
    editor.approve("washing", approvals("Dr. Ruiz", TODAY, "2027-11-23", LANGUAGES), by="Ana")
    opened = editor.open("washing")
    assert opened.topic.status(TODAY) == opened.topic.status(TODAY, "es") == "approved"
    editor.save("washing", with_reply(opened.draft, SOONER), seen=opened.seen, by="Ana")
    opened = editor.open("washing")
    assert opened.topic.approval == "none"
    assert opened.topic.status(TODAY, "es") == "approved"
    again = approvals("Dr. Ruiz", TODAY, "2027-05-01", ["en"])
    editor.approve("washing", again, by="Ana")
    assert editor.open("washing").topic.approval == again["en"]
    acts = [version.act for version in editor.versions.every("washing")]
    assert acts == ["approved", "edited", "approved", "as it was"]


@pytest.mark.parametrize(("by", "until"), [("", "2027-11-23"), ("Dr. Ruiz", "2026-11-23"), ("Dr. Ruiz", "soon")])
def test_an_approval_needs_a_name_and_a_day_to_come(by: str, until: str) -> None:
    with pytest.raises(EditRefused, match="cannot be taken"):
        approvals(by, TODAY, until, ["en"])


def test_undo_goes_back_step_by_step(editor: Editor, home: Home) -> None:
    first = washing(home).read_text("utf-8")
    texts = [SOONER, SOONER.replace("and not sooner", "no sooner than that"), SOONER.replace("just as", "as")]
    for text in texts:
        opened = editor.open("washing")
        editor.save("washing", with_reply(opened.draft, text), seen=opened.seen, by="Ana")
    for text in (texts[1], texts[0]):
        editor.undo("washing", by="Ben")
        assert editor.open("washing").draft.reply["en"] == text
    editor.undo("washing", by="Ben")
    assert washing(home).read_text("utf-8") == first
    with pytest.raises(EditError, match="no earlier version"):
        editor.undo("washing", by="Ben")
    editor.restore("washing", 4, by="Ben")
    assert editor.open("washing").draft.reply["en"] == texts[2]


def test_a_staff_topic_becomes_an_answer(editor: Editor, home: Home) -> None:
    fact = {
        "id": "visit_time",
        "section": "post-treatment-and-maintenance",
        "claim": "A visit takes about 45 minutes.",
        "values": ["45 minutes"],
        "evidence": ["about 45 minutes"],
    }
    editor.add_fact(fact, by="Ana")
    opened = editor.open("visit_length")
    en = (
        "A visit takes about 45 minutes. We draw a little blood, spin it in a centrifuge, and then give you the shots. "
        "If you need to be back at a set time, tell our front desk when you book at {phone}."
    )
    es = (
        "Una visita dura unos 45 minutos. Le sacamos un poco de sangre, la pasamos por la centrífuga y luego le "
        "ponemos las inyecciones. Si tiene que volver a una hora fija, dígalo en recepción al reservar, al {phone}."
    )
    draft = replace(opened.draft, kind="answer", reply={"en": en, "es": es}, facts=("visit_time", "blood_sample"))
    editor.save("visit_length", draft, seen=opened.seen, by="Ana")
    assert check_content(home) == []
    assert Library.load(home).topics["visit_length"].kind == "answer"
    assert editor.versions.every("visit_length")[0].act == "made an answer"
    with pytest.raises(EditRefused, match="there is 'visit_time' already"):
        editor.add_fact(fact, by="Ana")
    with pytest.raises(EditRefused, match="the claim does not say '50 minutes'"):
        editor.add_fact({**fact, "id": "visit_two", "values": ["50 minutes"]}, by="Ana")


def test_a_fact_that_no_answer_uses_can_be_taken_out(editor: Editor, home: Home) -> None:
    path = home.data / "facts.yml"
    before = path.read_text("utf-8")
    fact = {
        "id": "visit_time",
        "section": "post-treatment-and-maintenance",
        "claim": "A visit is short.",
        "evidence": ["short visit"],
    }
    editor.add_fact(fact, by="Ana")
    assert [one.id for one in unused_facts(editor.library())] == ["visit_time"]
    editor.remove_fact("visit_time", by="Ben")
    assert path.read_text("utf-8") == before
    assert [version.act for version in editor.versions.every("facts.yml")][:2] == [
        "fact visit_time taken out",
        "fact visit_time",
    ]
    with pytest.raises(EditError, match="There is no fact 'visit_time'"):
        editor.remove_fact("visit_time", by="Ben")
    with pytest.raises(EditError, match=r"uses it\. Take it out there first"):
        editor.remove_fact("first_48_hours", by="Ben")
    assert path.read_text("utf-8") == before


def parking() -> Draft:
    return Draft(
        kind="staff",
        label={"en": "Where can I park?"},
        about={"en": "parking"},
        reply={
            "en": "Parking is not described on our page, but our team knows the garages close by. Ask which one is the "
            "nearest and if we can stamp your ticket. Call us at {phone} before you set out, or ask for a call here."
        },
        next=("location_hours",),
    )


def test_a_new_topic_and_its_end(editor: Editor, home: Home) -> None:
    spanish = {"label": "¿Dónde puedo estacionar?", "about": "estacionar"}
    draft = replace(
        parking(),
        label={**parking().label, "es": spanish["label"]},
        about={**parking().about, "es": spanish["about"]},
        reply={
            **parking().reply,
            "es": "El estacionamiento no aparece en nuestra página, pero la recepción conoce los garajes cercanos. "
            "Pregunte cuál queda más cerca y si sellamos su boleto. Llámenos al {phone} antes de salir o pida aquí "
            "que le llamemos nosotros.",
        },
    )
    editor.make("parking", draft, {"en": PARKING, "es": ["donde me estaciono"]}, by="Ana")
    assert check_content(home) == []
    assert (
        (home.data / "phrases" / "parking.yml")
        .read_text("utf-8")
        .startswith('version: "3.1"\nnlu:\n- intent: ask_parking')
    )
    opened = editor.open("location_hours")
    editor.save("location_hours", replace(opened.draft, next=("languages", "parking")), seen=opened.seen, by="Ana")
    editor.retire("parking", by="Ben")
    assert check_content(home) == []
    assert not (home.data / "phrases" / "es" / "parking.yml").exists()
    assert editor.open("location_hours").draft.next == ("languages",)
    assert [(name, version.by) for name, version in editor.retired()] == [("parking", "Ben")]
    editor.undo("parking", by="Ben")
    assert editor.open("parking").phrases["en"] == tuple(PARKING)
    assert editor.retired() == []


def test_what_makes_no_new_topic(editor: Editor) -> None:
    for name in ("Parking Place", "washing", "human"):
        with pytest.raises(EditRefused):
            editor.make(name, parking(), {"en": PARKING}, by="Ana")
    with pytest.raises(EditRefused, match="3 in English"):
        editor.make("parking", parking(), {"en": PARKING[:3]}, by="Ana")
    with pytest.raises(EditRefused, match="'shampoo' stands under washing"):
        editor.make("parking", parking(), {"en": [*PARKING, "shampoo"]}, by="Ana")


def test_a_topic_that_is_needed_is_not_retired(editor: Editor) -> None:
    with pytest.raises(EditError, match="button of the first view"):
        editor.retire("cost", by="Ana")


def test_phrases_are_added_and_taken_out(editor: Editor, home: Home) -> None:
    path = home.data / "phrases" / "washing.yml"
    before = path.read_text("utf-8")
    opened = editor.open("washing")
    phrases = [*(phrase for phrase in opened.phrases["en"] if phrase != "shampoo"), "my girls bath night is tonight"]
    editor.save_phrases("washing", {**opened.phrases, "en": phrases}, seen=opened.phrases_seen, by="Ana")
    lines = changed(before, path.read_text("utf-8"))
    assert lines == ["-     - shampoo", "+     - my girls bath night is tonight"]
    # An answer's words and its phrases do not get in each other's way.
    editor.save("washing", with_reply(opened.draft, SOONER), seen=opened.seen, by="Ben")
    with pytest.raises(ChangedMeanwhile, match="Ben changed this"):
        editor.save_phrases("washing", opened.phrases, seen=opened.phrases_seen, by="Carl")
