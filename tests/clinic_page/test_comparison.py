"""Which facts a changed page still says: exactly the changed ones are named, and what became of them."""

from __future__ import annotations

import pytest

from prp_guide.clinic_page.text import is_markup, read_page
from prp_guide.content import Library
from prp_guide.content.evidence import Comparison, compare
from tests.clinic_page.conftest import SOURCE


def held_against(library: Library, source: str, *, markup: bool = True, **more: list[str]) -> Comparison:
    return compare(library, read_page(source, markup=markup), **more)


def words(comparison: Comparison) -> dict[str, list[str]]:
    return {fact: [change.words for change in changes] for fact, changes in comparison.changed.items()}


def test_the_page_as_it_is(library: Library) -> None:
    comparison = held_against(library, SOURCE)
    assert words(comparison) == {}
    assert comparison.in_step
    assert comparison.facts == 26


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for 48 hours", "for <b>48</b>\n hours"),
        ("for 48 hours", "FOR 48 HRS"),
        ("three sessions", "3 sessions"),
        ("within a day", "within one day"),
        ("4&ndash;6 weeks", "4 to 6 weeks"),
        ("4&ndash;6 weeks", "four to six weeks"),
        ("non-surgical", "non&#8209;surgical"),
        ("patient&rsquo;s", "patient's"),
        ("</table>", "<div></div></p></span></section>"),
        (
            '<div role="heading" aria-level="2">Why PRP for Hair Restoration?</div>',
            "<h4>why prp for hair restoration</h4>",
        ),
        ("<h3>Follow us</h3>", "<h3>Follow us</h3><del>for 24 hours</del>"),
        ("<nav>", "<svg><title>An icon</title></svg><noscript>Switch on scripts.</noscript><nav>"),
        (
            "</main>",
            "<template><h2>Soon to come: a new treatment that is not on the page yet today</h2></template></main>",
        ),
    ],
)
def test_other_writing_is_no_change(library: Library, old: str, new: str) -> None:
    assert SOURCE.count(old) == 1
    comparison = held_against(library, SOURCE.replace(old, new))
    assert words(comparison) == {}
    assert comparison.in_step


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("48 hours", "24 hours", {"first_48_hours": ['"48 hours" is now "24 hours"']}),
        ("for 48 hours", "for <del>48</del> 72 hours", {"first_48_hours": ['"48 hours" is now "72 hours"']}),
        ("within a day", "within three days", {"signs_fade": ['"a day" is now "three days"']}),
        ("three sessions", "four sessions", {"first_series": ['"three sessions" is now "four sessions"']}),
        ("4&ndash;6 weeks", "3&ndash;5 weeks", {"series_spacing": ['"4–6 weeks" is now "3–5 weeks"']}),
        (", then maintenance sessions every 4&ndash;6 months", "", {"maintenance_spacing": None}),
        ("it is non-surgical, ", "", {"non_surgical": None}),
        ("Numerous studies", "Several studies", {"studies": ['"Numerous studies" is now "Several studies"']}),
        (", and washing the scalp", "", {"first_48_hours": ['"and washing the scalp for" is now "for"']}),
    ],
)
def test_a_change_is_named_and_no_other(
    library: Library, old: str, new: str, expected: dict[str, list[str] | None]
) -> None:
    assert SOURCE.count(old) == 1
    comparison = held_against(library, SOURCE.replace(old, new))
    assert set(comparison.changed) == set(expected)
    for fact, changes in comparison.changed.items():
        if expected[fact] is None:
            assert all(change.gone for change in changes)
        else:
            assert [change.words for change in changes] == expected[fact]
            assert all(change.now and change.became in change.now for change in changes)


def test_several_changes_at_once(library: Library) -> None:
    changed = SOURCE.replace("48 hours", "24 hours").replace("every 4&ndash;6 months", "every 3&ndash;4 months")
    assert words(held_against(library, changed)) == {
        "first_48_hours": ['"48 hours" is now "24 hours"'],
        "maintenance_spacing": ['"4–6 months" is now "3–4 months"'],
    }


def test_sections_that_are_new_and_gone(library: Library) -> None:
    price = "<h2>What does it cost?</h2><p>One session is 700 dollars, and a series of three is 1,800.</p></main>"
    comparison = held_against(library, SOURCE.replace("</main>", price))
    assert [(passage.title, passage.words) for passage in comparison.new_sections] == [("What does it cost?", 15)]
    assert not comparison.in_step
    assert held_against(library, SOURCE.replace("</main>", price), ignore=["What does it COST"]).in_step
    renamed = SOURCE.replace("Post-Treatment and Maintenance", "Afterwards")
    assert held_against(library, renamed).lost_sections == ("Post-Treatment and Maintenance",)


def test_plain_text(library: Library) -> None:
    passages = read_page(SOURCE, markup=True).passages
    blocks = [block for passage in passages for block in (passage.title, *passage.blocks) if block]
    text = "\r\n\r\n".join(blocks)
    assert not is_markup(text)
    assert is_markup(SOURCE)
    ignore = ["What to hope for"]  # on a line of its own it looks like a heading
    assert held_against(library, text, markup=False, ignore=ignore).in_step
    more = text + "\n\nParking\n\nThere is a garage behind the house, two hours of it are free for patients."
    assert [one.title for one in held_against(library, more, markup=False, ignore=ignore).new_sections] == ["Parking"]


@pytest.mark.parametrize(
    "source", ["", "<", "<p", "<script>", "<head>", "</p></p>", "<!--", "&#x110000;" * 9, "<svg>" * 2000]
)
def test_any_markup_is_read(library: Library, source: str) -> None:
    assert len(held_against(library, source).changed) == 26
