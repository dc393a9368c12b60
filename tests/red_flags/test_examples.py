"""The data file proves itself: every example beside a rule, and the phrases that the intent model learns from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from prp_guide.evaluation.rows import RED_FLAGS, read_rows
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.red_flags import TIERS, Screen, rulebook
from prp_guide.red_flags.rulebook import Rulebook, RuleData

RULES = rulebook.load(Home(root=PROJECT_ROOT, state=Path("unused"))).flags
PHRASES = PROJECT_ROOT / "data" / "phrases"
# Written without sight of the rules, then read to mend them: later edits must lose nothing here. No measure.
MESSAGES = Path(__file__).parent / "messages"
TIER_OF = {"emergency": 0, "self_harm": 1, "poison": 2, "post_treatment_concern": 3}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_reports_raise_their_tier_or_a_graver_one(screen: Screen, rule: RuleData) -> None:
    missed = []
    for message in rule.fires:
        flag = screen.check(message)
        if flag is None or TIERS.index(flag.tier) > TIERS.index(rule.tier):
            missed.append((message, flag))
    assert not missed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_look_alikes_do_not_raise_the_rule(screen: Screen, rule: RuleData) -> None:
    raised = [m for m in rule.look_alikes if rule.id in {flag.rule for flag in screen.all_flags(m)}]
    assert not raised


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_catches_an_example_of_its_own(screen: Screen, rule: RuleData) -> None:
    assert any(rule.id in {flag.rule for flag in screen.all_flags(m)} for m in rule.fires)


@pytest.mark.parametrize("tier", TIERS)
def test_each_tier_has_a_report_with_a_phone_number_and_one_in_spanish(book: Rulebook, tier: str) -> None:
    fires = [message for rule in book.flags if rule.tier == tier for message in rule.fires]
    assert any("310-555-0147" in message for message in fires)
    assert any(set(message.split()) & {"me", "mi", "desde", "tengo", "hijo", "quiero"} for message in fires)


def test_no_word_of_a_pattern_is_rewritten_before_it_could_match(book: Rulebook) -> None:
    """A filler, or a spelling that `forms` turns into another, can never be found: such a pattern is dead."""
    gone = set(book.fillers) | {
        source for source, target in book.forms.items() if " " not in source and source != target
    }
    dead = {
        (owner, word)
        for owner, sources in _patterns(book)
        for source in sources
        for part in source.split()
        for choice in part.lstrip("!").rstrip("?").split("|")
        for word in choice.split("_")
        if word in gone
    }
    assert not dead


def _patterns(book: Rulebook) -> Iterator[tuple[str, tuple[str, ...]]]:
    for rule in book.flags:
        yield rule.id, rule.match + rule.excepting + rule.excepting_sentences
    for name, guard in book.guards.items():
        yield name, guard.opens + guard.ignore + guard.cancelled_by


def _phrases() -> Iterator[tuple[str, bool, str]]:
    for path in sorted(PHRASES.rglob("*.yml")):
        spanish = "es" in path.relative_to(PHRASES).parts
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            for line in entry["examples"].splitlines():
                if line.strip().startswith("- "):
                    yield path.stem, spanish, line.strip()[2:]


def test_recall_and_false_alarms_over_the_phrases(screen: Screen) -> None:
    """Floors against regressions, no measure of the screen: most phrases were read when the rules were written.

    They count catches, of 1,649, 1,601, 720 and 2,154 reports: a share would fall with each report that is added.

    The newest 6,300 reports and look-alikes never were, and pull the figures down: self-harm told without any of its
    words above all, and reports in the middle of long routine messages.
    """
    caught: dict[str, list[bool]] = {intent: [] for intent in TIER_OF}
    harmless = grave = mild = 0
    for number, (intent, spanish, phrase) in enumerate(_phrases()):
        if intent in TIER_OF:
            flag = screen.check(phrase)
            if not spanish:
                caught[intent].append(flag is not None and TIERS.index(flag.tier) <= TIER_OF[intent])
        elif number % 4 == 0:
            flag = screen.check(phrase)
            harmless += 1
            grave += flag is not None and flag.tier != "same_day"
            mild += flag is not None and flag.tier == "same_day"
    found = {intent: sum(hits) for intent, hits in caught.items()}
    assert found["emergency"] >= 1460
    assert found["self_harm"] >= 1210
    assert found["poison"] >= 655
    assert found["post_treatment_concern"] >= 1875
    assert grave / harmless <= 0.0015
    assert mild / harmless <= 0.0008


def test_reports_and_look_alikes_that_the_rules_were_mended_on(screen: Screen) -> None:
    rows = read_rows(MESSAGES).singles
    reports = [row.text for row in rows if row.kind in RED_FLAGS]
    harmless = [row.text for row in rows if row.kind not in RED_FLAGS]
    assert len(reports) >= 150
    assert len(harmless) >= 600
    assert [text for text in reports if screen.check(text) is None] == []
    assert sum(screen.check(text) is not None for text in harmless) / len(harmless) <= 0.02
