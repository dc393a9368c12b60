"""Our content passes every check; each check catches what it is for, with file, line and what to write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.content.checks import check_content
from prp_guide.errors import DataError
from prp_guide.home import PROJECT_ROOT, Home
from tests.content.conftest import Edit

OURS = Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")

ANSWERS = [
    "what_is_prp",
    "how_it_works",
    "procedure_steps",
    "surgery",
    "own_blood",
    "downtime",
    "side_effects",
    "safety",
    "aftercare",
    "washing",
    "exercise",
    "sun",
    "session_count",
    "session_spacing",
    "maintenance",
    "effectiveness",
    "expectations",
    "candidacy",
    "dermatologist",
    "personal_plan",
    "benefits",
]
STAFF = [
    "cost",
    "insurance",
    "billing",
    "pain",
    "visit_length",
    "preparation",
    "results_timing",
    "results_duration",
    "medications",
    "health_conditions",
    "alternatives",
    "other_prp_uses",
    "other_services",
    "hair_styling",
    "alcohol_smoking",
    "location_hours",
    "provider",
    "languages",
    "photos",
    "privacy",
    "fda_status",
    "hair_loss_advice",
]


def test_our_content_has_no_problem() -> None:
    assert [str(problem) for problem in check_content(OURS)] == []


def test_our_topics_are_those_of_the_design() -> None:
    topics = Library.load(OURS).topics
    assert {name: topic.kind for name, topic in topics.items()} == {
        **dict.fromkeys(ANSWERS, "answer"),
        **dict.fromkeys(STAFF, "staff"),
    }


def test_we_ship_nothing_as_approved_and_everything_in_spanish() -> None:
    library = Library.load(OURS)
    signed = [*library.topics.values(), *library.cards.values(), library.replies_file]
    assert {(one.approval, one.approval_es) for one in signed} == {("none", "none")}
    assert all(topic.label.es and topic.reply.es for topic in library.topics.values())


WASHING = "Wait 48 hours after PRP before you wash your scalp."

# file, old, new, words of the problem, words of the hint
BROKEN = [
    # numbers
    ("topics/washing.yml", WASHING, WASHING.replace("48", "24"), "'24' is no value", "48 hours"),
    ("topics/washing.yml", WASHING, WASHING.replace("48 hours", "48 days"), "'48' is no value", "48 hours"),
    ("topics/washing.yml", "Espere 48 horas", "Espere 72 horas", "'72' is no value", "48 hours"),
    ("topics/washing.yml", "[first_48_hours]", "[normal_signs]", "'48' is no value", "no numbers"),
    ("topics/washing.yml", WASHING, WASHING.replace("48 hours", "two days"), "'two' is no value", "48 hours"),
    (
        "topics/sun.yml",
        "for 48 hours after PRP",
        "for a day after PRP",
        "'for a day' is no value",
        "48 hours",
    ),
    (
        "facts.yml",
        "for 48 hours afterwards",
        "for a while afterwards",
        "does not say '48 hours'",
        "Write the claim",
    ),
    ("facts.yml", 'values: ["48 hours"]', 'values: ["48"]', "no number with a unit", "48 hours"),
    ("facts.yml", "A small sample of blood", "A sample of 20 ml of blood", "'20' is no value", "digits"),
    # hedges
    (
        "topics/downtime.yml",
        "you can usually go back",
        "you go back",
        "caution on 'minimal_downtime'",
        "usually",
    ),
    ("topics/how_it_works.yml", "personas, y un", "gentes, y un", "caution on 'studies'", "ciertas personas"),
    # claims
    ("topics/safety.yml", "No treatment is without risk, though.", "It is safe.", "'safe' must not", "risks"),
    ("topics/cost.yml", "Prices are not", "At $900 a visit, prices are not", "'$900' must not", "money"),
    ("topics/surgery.yml", "Downtime is minimal", "It is painless", "'painless' must not", "comfort"),
    ("topics/benefits.yml", "needs no surgery", "has a low price", "'price' must not", "front desk"),
    ("topics/fda_status.yml", "FDA status is", "It is FDA approved, which is", "'FDA approved'", "page"),
    ("topics/washing.yml", WASHING, WASHING[:-1] + "!", "exclamation mark", "period"),
    ("replies.yml", "Hello. What would", "Hello! What would", "exclamation mark", "period"),
    ("replies.yml", "Call 911 now. Do not", "Call 911 now. Don't worry. Do not", "worry", "reassurance"),
    # length and manner
    (
        "topics/washing.yml",
        WASHING,
        "Good question. " + WASHING,
        "first sentence says nothing",
        "answer itself",
    ),
    (
        "topics/own_blood.yml",
        "Yes, PRP is",
        "Yes, as all of us here like to say to whoever asks about it, PRP is",
        "a sentence of",
        "Split it",
    ),
    (
        "topics/location_hours.yml",
        "This chat does not have our opening hours, so please check before you come.",
        "",
        "words",
        "30 to 60",
    ),
    # staff replies
    (
        "topics/billing.yml",
        "at hand and call {phone}",
        "at hand and call us",
        "without the phone number",
        "{phone}",
    ),
    (
        "topics/billing.yml",
        "Ask what each charge is for",
        "See what each charge is for",
        "question worth asking",
        "Ask if",
    ),
    (
        "topics/photos.yml",
        "There are no before and after photos",
        "There is nothing on our photos",
        "it begins as",
        "another way",
    ),
    # placeholders
    ("topics/washing.yml", "first at {phone}", "first at {fone}", "{fone} cannot", "{phone}"),
    (
        "topics/languages.yml",
        "This chat itself",
        "This chat in {languages} itself",
        "{languages} cannot",
        "{kept_days}",
    ),
    (
        "replies.yml",
        "All right, nothing was sent.",
        "All right, {details} was not sent.",
        "{details} cannot",
        "{phone}",
    ),
    ("topics/washing.yml", "first at {phone}", "first at {phone", "brace", "name in braces"),
    # cards
    (
        "replies.yml",
        "Call 911 now. Do not drive",
        "Now call 911. Do not drive",
        "begins with what to do",
        "Call",
    ),
    (
        "replies.yml",
        "an emergency, and no one is watching it",
        "an emergency",
        "does not say 'no one'",
        "keep",
    ),
    # languages and labels
    ("topics/sun.yml", "  es: ¿Cuándo puedo tomar sol?\n", "", "some have none", "Spanish"),
    ("replies.yml", "    es: ¿A cuál de estas se refiere?\n", "", "'clarify' has no Spanish", "es:"),
    (
        "topics/sun.yml",
        "When can I be in the sun?",
        "When can I exercise?",
        "label is that of exercise",
        "own",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "problem", "hint"), BROKEN)
def test_a_broken_rule_is_found(home: Home, edit: Edit, file: str, old: str, new: str, problem: str, hint: str) -> None:
    path = edit(file, old, new)
    found = check_content(home)
    fitting = [one for one in found if problem in one.problem and one.path == path]
    assert fitting, [str(one) for one in found]
    assert hint in fitting[0].hint
    assert fitting[0].line
    assert fitting[0].line <= len(path.read_text("utf-8").splitlines())


def test_a_problem_names_the_line_of_its_text(home: Home, edit: Edit) -> None:
    path = edit("topics/washing.yml", "Espere 48 horas", "Espere 72 horas")
    (problem,) = check_content(home)
    lines = path.read_text("utf-8").splitlines()
    assert lines[(problem.line or 0) - 1].startswith("  es: >-")


def test_two_staff_replies_alike_are_found(home: Home) -> None:
    cost, photos = (home.data / "topics" / f"{name}.yml" for name in ("cost", "photos"))
    text = cost.read_text("utf-8").replace("id: cost", "id: photos").replace("next: [insurance", "next: [washing")
    photos.write_text(text.replace("What does it cost?", "Any photos?").replace("¿Cuánto cuesta?", "¿Fotos?"))
    problems = " ".join(problem.problem for problem in check_content(home))
    assert "100% of it is the reply of cost" in problems


def test_the_average_grade_is_held(home: Home) -> None:
    long = "Individualized dermatological consideration of your follicular situation is recommended by us. "
    for path in sorted((home.data / "topics").glob("*.yml")):
        text = path.read_text("utf-8")
        if "kind: answer" in text:
            path.write_text(text.replace("  en: >-\n", f"  en: >-\n    {long * 2}\n"), "utf-8")
    problems = " ".join(problem.problem for problem in check_content(home))
    assert "on average" in problems


def test_a_topic_without_phrases_and_phrases_without_a_topic_are_found(home: Home) -> None:
    phrases = home.data / "phrases"
    phrases.unlink()
    shutil.copytree(PROJECT_ROOT / "data" / "phrases", phrases)
    (phrases / "washing.yml").rename(phrases / "rinsing.yml")
    found = {problem.problem for problem in check_content(home)}
    assert found == {
        "the topic has no phrases",
        "there is no topic 'rinsing'",
        "the intent is 'ask_washing'",
    }


def test_every_fault_that_keeps_content_from_loading_is_named(home: Home, edit: Edit) -> None:
    edit("topics/washing.yml", "kind: answer", "kind: asnwer")
    edit("topics/sun.yml", "facts: [first_48_hours]", "fatcs: [first_48_hours]")
    assert {problem.path.name for problem in check_content(home)} == {"washing.yml", "sun.yml"}


def test_check_content_gives_data_errors(tmp_path: Path) -> None:
    problems = check_content(Home(root=tmp_path, state=tmp_path))
    assert problems
    assert all(isinstance(problem, DataError) for problem in problems)


def test_a_staff_topic_becomes_an_answer_by_editing_its_file(home: Home, edit: Edit) -> None:
    """The steps of docs/content.md."""
    document = (PROJECT_ROOT / "docs" / "content.md").read_text("utf-8")
    fact = document.split("```yaml\n", 1)[1].split("```", 1)[0]
    facts = home.data / "facts.yml"
    facts.write_text(facts.read_text("utf-8") + "\n" + fact, "utf-8")
    edit("topics/visit_length.yml", "kind: staff", "kind: answer")
    path = edit("topics/visit_length.yml", "facts: [blood_sample,", "facts: [visit_time, blood_sample,")
    assert check_content(home)[0].path == path  # the caution of the new fact is not yet in the reply
    edit("topics/visit_length.yml", "We have no published time for a visit.", "Plan for about 45 minutes.")
    edit("topics/visit_length.yml", "No hemos publicado cuánto dura una cita.", "Cuente con unos 45 minutos.")
    assert [str(problem) for problem in check_content(home)] == []
    assert Library.load(home).topics["visit_length"].kind == "answer"
