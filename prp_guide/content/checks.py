"""Every rule of the content, proved: what `prp-guide check` runs.

    for problem in check_content(home):
        print(problem)

A rule on wording is in `wording`, one on numbers in `numbers`; here they meet files and lines.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from prp_guide.content import wording
from prp_guide.content.library import Library, read_library
from prp_guide.content.models import LANGUAGES, Fact, Text, Topic
from prp_guide.content.numbers import DIGITS, unproven
from prp_guide.content.placeholders import TOPIC_PLACEHOLDERS, placeholders, stray_brace
from prp_guide.content.texts import CARDS, TEXTS
from prp_guide.errors import DataError
from prp_guide.home import Home
from prp_guide.yaml_file import line_of

# What a reply may name even where clinic.yml is at its shortest; the others belong under `known`.
ALWAYS_KNOWN = ("phone", "name", "kept_days")

# Two staff replies that share more than this of their words read as the same text.
MOST_SHARED = 0.6

INTENT = re.compile(r"\s*- intent: *(\S+)")

CARD_VERBS = {
    "en": ("Call", "Get", "Go", "Text"),
    "es": ("Llame", "Llámenos", "Acuda", "Vaya", "Envíe"),
}
CARD_MUST_SAY: dict[str, dict[str, tuple[str, ...]]] = {
    "emergency": {"en": ("911", "no one"), "es": ("911", "nadie")},
    "self_harm": {"en": ("988", "911", "text"), "es": ("988", "911", "texto")},
    "poison": {"en": ("1-800-222-1222", "911"), "es": ("1-800-222-1222", "911")},
    "same_day": {"en": ("{phone}", "911"), "es": ("{phone}", "911")},
    "same_day_after_hours": {"en": ("{after_hours_phone}", "911"), "es": ("{after_hours_phone}", "911")},
    "same_day_closed": {"en": ("{phone}", "911"), "es": ("{phone}", "911")},
}

Location = list[str | int]


class Finding(NamedTuple):
    """One problem of a topic: where in it (keys and list positions), what is wrong, what to write instead."""

    location: tuple[str | int, ...]
    problem: str
    hint: str


def check_content(home: Home) -> list[DataError]:
    """Every problem of the content of `home`, with file, line and what to write. Empty when all is well."""
    library, problems = read_library(home)
    if library is None:
        return problems
    problems += check_facts(home, library)
    for topic in library.topics.values():
        problems += check_topic(home, library, topic)
    problems += check_all_topics(home, library)
    problems += check_replies(home, library)
    problems += check_phrases(home, library)
    return problems


def check_facts(home: Home, library: Library) -> list[DataError]:
    """Values stand in their claims, and a claim holds no number that is no value."""
    path = home.data / "facts.yml"
    return [
        _at(path, ["facts", place, *found.location], found.problem, found.hint)
        for place, fact in enumerate(library.facts.values())
        for found in fact_findings(fact)
    ]


def fact_findings(fact: Fact) -> Iterator[Finding]:
    """What `check_facts` finds in one fact."""
    for value in fact.values:
        if not DIGITS.match(value) or len(value.split()) < 2:
            yield Finding(
                ("values",), f"{value!r} has no number with a unit", 'Write number and unit, such as "48 hours".'
            )
        elif not _has_words(fact.claim, value):
            yield Finding(
                ("claim",), f"the claim does not say {value!r}", f"Write the claim so that it says {value!r}."
            )
    for number in unproven(fact.claim, fact.values):
        yield Finding(
            ("claim",), f"{number!r} is no value of the fact", "Add it to the values with its unit, in digits."
        )
    for evidence in fact.evidence:
        if len(evidence.split()) > 14:
            yield Finding(("evidence",), "the evidence is too long", "A few words that find it on the page are enough.")


def check_topic(home: Home, library: Library, topic: Topic) -> list[DataError]:
    """The rules of one topic: wording, numbers, hedges, placeholders, languages."""
    path = home.data / "topics" / f"{topic.id}.yml"
    return [_at(path, found.location, found.problem, found.hint) for found in topic_findings(library, topic)]


def topic_findings(library: Library, topic: Topic) -> Iterator[Finding]:
    """What `check_topic` finds, of a topic that need not stand in a file yet; its facts are known to `library`."""
    facts = [library.facts[name] for name in topic.facts]
    for where, text in _texts_of(topic):
        for lang in text.languages():
            for problem, hint in _label_findings(text[lang], lang):
                yield Finding((where, lang), problem, hint)
    for location, text in replies_of(topic):
        allowed = TOPIC_PLACEHOLDERS if location[0] == "known" else ALWAYS_KNOWN
        for lang in text.languages():
            for problem, hint in _reply_findings(topic, text[lang], lang, facts, allowed):
                yield Finding((*location, lang), problem, hint)
    spanish = {text.es is not None for _, text in (*_texts_of(topic), *replies_of(topic))}
    if len(spanish) > 1:
        hint = "Write the Spanish of label, about and reply, or none of them."
        yield Finding(("label",), "some texts have Spanish and some have none", hint)


def check_all_topics(home: Home, library: Library) -> list[DataError]:
    """What holds between topics: average grade, no two staff replies alike, no label twice."""
    folder = home.data / "topics"
    return [
        DataError(folder, None, found.problem, found.hint)
        if topic is None
        else _at(folder / f"{topic}.yml", found.location, found.problem, found.hint)
        for topic, found in shared_findings(library.topics.values())
    ]


def shared_findings(topics: Iterable[Topic]) -> Iterator[tuple[str | None, Finding]]:
    """What `check_all_topics` finds between `topics`, each with the topic to change; None is all of them."""
    every = list(topics)
    answers = [topic for topic in every if topic.kind == "answer"]
    if answers:
        average = sum(wording.reading_grade(topic.reply.en) for topic in answers) / len(answers)
        if average > wording.HIGHEST_AVERAGE_GRADE:
            hint = f"Bring it to {wording.HIGHEST_AVERAGE_GRADE:g} with shorter sentences and words."
            yield None, Finding((), f"the answers read at grade {average:.1f} on average", hint)
    staff = [topic for topic in every if topic.kind == "staff"]
    for lang in LANGUAGES:
        for one, other in itertools.combinations([topic for topic in staff if lang in topic.reply.languages()], 2):
            for problem, hint in _alike(one, other, lang):
                yield other.id, Finding(("reply", lang), problem, hint)
        labels: dict[str, str] = {}
        for topic in every:
            if lang not in topic.label.languages():
                continue
            label = topic.label[lang].casefold()
            if label in labels:
                problem, hint = f"the label is that of {labels[label]} too", "Give each topic a label of its own."
                yield topic.id, Finding(("label", lang), problem, hint)
            labels[label] = topic.id


def check_replies(home: Home, library: Library) -> list[DataError]:
    """The texts that are no topic: placeholders, claims, cards, the length of the greeting, languages."""
    path = home.data / "replies.yml"
    problems = []
    groups: tuple[tuple[str, dict[str, Any], dict[str, frozenset[str]]], ...] = (
        ("texts", dict(library.replies), TEXTS),
        ("cards", dict(library.cards), CARDS),
    )
    for group, texts, allowed in groups:
        for name, text in texts.items():
            for lang in text.languages():
                for problem, hint in (
                    *wording.claims(text[lang], lang),
                    *_placeholder_findings(text[lang], tuple(sorted(allowed[name]))),
                ):
                    problems.append(_at(path, [group, name, lang], problem, hint))
    for name, card in library.cards.items():
        for lang in card.languages():
            for problem, hint in _card_findings(name, card[lang], lang):
                problems.append(_at(path, ["cards", name, lang], problem, hint))
    greeting = library.replies["greeting"]
    for lang in greeting.languages():
        count = wording.words(greeting[lang])
        if count > wording.GREETING_WORDS:
            hint = f"Write {wording.GREETING_WORDS} at most."
            problems.append(_at(path, ["texts", "greeting", lang], f"the greeting has {count} words", hint))
    has_spanish = {text.es is not None for text in (*library.replies.values(), *library.cards.values())}
    has_spanish |= {starter.label.es is not None for starter in library.starters}
    if len(has_spanish) > 1:
        for group, texts, _ in groups:
            for name, text in texts.items():
                if text.es is None:
                    hint = "Add  es: ...  as the other texts have it."
                    problems.append(_at(path, [group, name], f"{name!r} has no Spanish", hint))
        for place, starter in enumerate(library.starters):
            if starter.label.es is None:
                problems.append(_at(path, ["starters", place, "label"], "the label has no Spanish", "Add  es: ..."))
    return problems


def check_phrases(home: Home, library: Library) -> list[DataError]:
    """Each topic has its phrases, under the intent ask_<topic>, and no phrases lack a topic."""
    folder = home.data / "phrases"
    problems = []
    present = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    for name in library.topics:
        if name not in present:
            hint = f"Write {folder / name}.yml with the intent ask_{name}."
            problems.append(DataError(home.data / "topics" / f"{name}.yml", None, "the topic has no phrases", hint))
    for name, path in present.items():
        if name not in library.topics:
            hint = f"Write {home.data / 'topics' / name}.yml, or remove the phrases."
            problems.append(DataError(path, None, f"there is no topic {name!r}", hint))
        # Line by line: Rasa reads these files as YAML, and parsing 200 phrases a topic takes long.
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
            intent = INTENT.match(line)
            if intent and intent[1] != f"ask_{name}":
                hint = f"Write  intent: ask_{name}"
                problems.append(DataError(path, number, f"the intent is {intent[1]!r}", hint))
    return problems


def _texts_of(topic: Topic) -> Iterator[tuple[str, Text]]:
    yield "label", topic.label
    if topic.about is not None:
        yield "about", topic.about


def replies_of(topic: Topic) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    """Each reply of `topic` with its place in it."""
    yield ("reply",), topic.reply
    for place, text in enumerate(topic.known):
        yield ("known", place), text


def _label_findings(text: str, lang: str) -> Iterator[wording.Finding]:
    yield from wording.claims(text, lang)
    yield from _placeholder_findings(text, ())


def _reply_findings(
    topic: Topic, text: str, lang: str, facts: list[Fact], allowed: tuple[str, ...]
) -> Iterator[wording.Finding]:
    answer = topic.kind == "answer"
    yield from wording.claims(text, lang, answer=answer)
    yield from wording.measures(text, lang)
    yield from wording.manner(text, lang)
    yield from _placeholder_findings(text, allowed)
    if lang == "en":
        grade = wording.reading_grade(text)
        if grade > wording.HIGHEST_GRADE:
            yield (
                f"it reads at grade {grade:.1f}",
                f"Bring it to {wording.HIGHEST_GRADE:g}: shorter sentences, words.",
            )
    values = [value for fact in facts for value in fact.values]
    for number in unproven(text, values, lang):
        known = ", ".join(values) or "no numbers"
        yield (
            f"{number!r} is no value of a cited fact",
            f"Cite the fact that says it, in its words. Cited: {known}",
        )
    for fact in facts:
        if fact.hedges is None:
            continue
        hedges = fact.hedges.en if lang == "en" else fact.hedges.es
        if not any(_has_words(text, hedge) for hedge in hedges):
            yield f"the page's caution on {fact.id!r} is lost", f"Use one of: {', '.join(hedges)}"
    if not answer:
        if "phone" not in placeholders(text):
            yield "a staff reply without the phone number", "Write {phone} where the number belongs."
        if not wording.ASKING[lang].search(text):
            yield (
                "a staff reply without a question worth asking",
                "Say what to ask the front desk: 'Ask if ...'",
            )


def _placeholder_findings(text: str, allowed: tuple[str, ...]) -> Iterator[wording.Finding]:
    known = ", ".join(f"{{{name}}}" for name in allowed) or "none"
    for name in placeholders(text):
        if name not in allowed:
            yield f"{{{name}}} cannot be filled in here", f"Known here: {known}"
    if stray_brace(text):
        yield "a brace that belongs to no name", f"Write a name in braces ({known}), or no brace."


def _card_findings(name: str, text: str, lang: str) -> Iterator[wording.Finding]:
    verbs = CARD_VERBS[lang]
    if text.split()[0] not in verbs:
        yield "a card begins with what to do", f"Begin with one of: {', '.join(verbs)}"
    for words in CARD_MUST_SAY[name][lang]:
        if words.casefold() not in text.casefold():
            yield f"the card does not say {words!r}", "Cards are for emergencies: keep what they must say."


def _alike(one: Topic, other: Topic, lang: str) -> Iterator[wording.Finding]:
    first = re.findall(r"\w+", one.reply[lang].casefold())
    second = re.findall(r"\w+", other.reply[lang].casefold())
    shared = difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
    if shared > MOST_SHARED:
        yield f"{shared:.0%} of it is the reply of {one.id}", "Say what is special about this topic."
    if first[:3] == second[:3]:
        opening = " ".join(first[:3])
        yield f"it begins as the reply of {one.id} does: {opening!r}", "Begin in another way."


def _has_words(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.I) is not None


def _at(path: Path, location: Iterable[str | int], problem: str, hint: str) -> DataError:
    return DataError(path, line_of(path, list(location)), problem, hint)
