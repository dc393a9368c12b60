"""A broken data file is refused with file, line and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.errors import DataError
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.red_flags import Flag, Screen, rulebook, signing
from prp_guide.red_flags.rulebook import Rulebook

SMALL = """\
tiers:
  emergency: {card: call 911, unless: "negation"}
  self_harm: {card: call 988, unless: ""}
  poison: {card: call Poison Control, unless: "negation"}
  same_day: {card: call the clinic, unless: "negation"}
forms:
  cant: cannot
fillers: um, uh
real_words: bread
words:
  breathe: breathe, breath
guards:
  negation:
    reason: It is not there.
    scope: forward
    opens: |
      no|not
    stops: but, now
flags:
- id: breathing
  tier: emergency
  reason: Trouble breathing.
  approval: none
  match: |
    cannot ~2 @breathe
    gasping
  fires: |
    cant breathe
    I am gasping
  look_alikes: |
    not gasping
"""


def home_with(folder: Path, text: str) -> Home:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "red_flags.yml").write_text(text, encoding="utf-8")
    return Home(root=folder, state=folder)


def test_a_small_rulebook_works(tmp_path: Path) -> None:
    screen = Screen.load(home_with(tmp_path, SMALL))
    assert screen.check("um i cant brethe") == Flag("emergency", "breathing")
    assert screen.check("i am not gasping") is None
    assert screen.check("i cant eat bread") is None


@pytest.mark.parametrize(
    ("old", "new", "problem", "line"),
    [
        ("gasping\n  fires", "@lungs\n  fires", "there is no group 'lungs'", 24),
        ("cannot ~2 @breathe", "cannot ~2", "must end in a word", 24),
        ("cannot ~2 @breathe", "~2 @breathe", "must stand between two words", 24),
        ("cannot ~2 @breathe", "Can't breathe", "is no word", 24),
        ("cannot ~2 @breathe", "maybe? cannot", "cannot be optional", 24),
        ("cannot ~2 @breathe", "a + b ++ c", "cannot stand in one pattern", 24),
        ("breathe, breath", "'@breathe'", "in a circle", 11),
        ('{card: call 911, unless: "negation"}', '{card: call 911, unless: "doubt"}', "names the guard 'doubt'", None),
        ("  negation:\n", "  denial:\n", "the guard 'negation' is missing", None),
        ("tier: emergency", "tier: urgent", "unexpected value", 21),
        ("approval: none", "approval: yes", "approval", 23),
        ("  approval: none\n", "", "'flags.0.approval' is missing", None),
        ("scope: forward", "scope: everything", "scope", 15),
        ("id: breathing", "id: Breathing!", "does not match", 20),
        ('  poison: {card: call Poison Control, unless: "negation"}\n', "", "no entry for poison", 1),
        ("  look_alikes: |", "  remark: none\n  look_alikes: |", "is not a known key", None),
        ("words:\n", "words: [\n", "not valid YAML", None),
    ],
)
def test_faults_are_named(tmp_path: Path, old: str, new: str, problem: str, line: int | None) -> None:
    assert old in SMALL
    with pytest.raises(DataError) as caught:
        Screen.load(home_with(tmp_path, SMALL.replace(old, new)))
    assert problem in str(caught.value)
    assert caught.value.path.name == "red_flags.yml"
    if line is not None:
        assert caught.value.line == line


def test_two_rules_with_one_id_are_refused(tmp_path: Path) -> None:
    rule = SMALL[SMALL.index("- id:") :]
    with pytest.raises(DataError, match="two rules have the id 'breathing'"):
        Screen.load(home_with(tmp_path, SMALL + rule))


def test_a_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        Screen.load(Home(root=tmp_path, state=tmp_path))


def test_an_approval_names_who_and_until_when(tmp_path: Path) -> None:
    signed = "approval: {by: Dr. Jane Example, date: 2026-12-01, review_by: 2027-12-01}"
    book = rulebook.load(home_with(tmp_path, SMALL.replace("approval: none", signed)))
    assert signing.unsigned(book) == ()
    assert "Dr. Jane Example, until 2027-12-01" in signing.table(book)


def test_what_we_ship_is_signed_by_nobody(book: Rulebook) -> None:
    assert signing.unsigned(book) == tuple(rule.id for rule in book.flags)


def test_the_safety_document_lists_what_is_unsigned(book: Rulebook) -> None:
    document = (PROJECT_ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    assert signing.renewed(document, book) == document, "run: python -m prp_guide.red_flags.signing"


def test_a_document_without_the_marks_is_refused(book: Rulebook) -> None:
    with pytest.raises(ValueError, match="marks"):
        signing.renewed("# Safety", book)


@pytest.mark.parametrize("mark", ["$", "?", "."])
def test_an_exception_that_ends_on_the_end_of_a_sentence_covers_its_words(tmp_path: Path, mark: str) -> None:
    screen = Screen.load(
        home_with(tmp_path, SMALL.replace("  fires: |", f"  except: |\n    gasping ~1 {mark}\n  fires: |"))
    )
    end = "" if mark == "$" else mark + " hello"
    assert screen.check(f"why am I gasping{end}") is None
    assert screen.check(f"gasping so very much{end}") == Flag("emergency", "breathing")
    assert screen.check(f"gasping and it cannot breathe{end}") == Flag("emergency", "breathing")
