"""Opening, saving, approving, undoing, making and retiring topics. Every change is checked, and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import yaml
from pydantic import ValidationError

from prp_guide.content import Library
from prp_guide.content.checks import Finding, fact_findings
from prp_guide.content.models import LANGUAGES, Approval, Fact, Topic
from prp_guide.content.texts import CARDS, OFFERED, SMALL_TALK
from prp_guide.editor import checking, document, phrase_file
from prp_guide.editor.draft import LANGUAGE_WORDS, Draft, approvals_after, place_words
from prp_guide.editor.versions import OUTSIDE, Files, Version, Versions, put_file, read_file, state_of
from prp_guide.errors import ChangedMeanwhile, EditError, EditRefused
from prp_guide.home import Home

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
FACTS = "facts.yml"  # the name of the register's own history: no topic's
# Replies that are no topic of a file have these names.
TAKEN = frozenset((*CARDS, *OFFERED, *SMALL_TALK, "human", "out_of_scope", "cancel", "callback_status"))
FEWEST_PHRASES = 10  # of a new topic: from fewer nothing is learnt

Check = Callable[[Library, str, Draft], Sequence[Finding]]


@dataclass(frozen=True)
class Opened:
    """A topic as it stands in its files. `seen` and `phrases_seen` are what a later saving is held against."""

    name: str
    topic: Topic
    draft: Draft
    phrases: Mapping[str, tuple[str, ...]]
    seen: str
    phrases_seen: str


class Editor:
    """Changes the content of `home`. `check` says what is wrong with a draft; by default the rules, in this process."""

    def __init__(self, home: Home, check: Check = checking.findings) -> None:
        self._home, self._check = home, check
        self.versions = Versions(home)

    def library(self) -> Library:
        """The content on disk now. Raises DataError."""
        return Library.load(self._home)

    def open(self, name: str) -> Opened:
        """The topic `name`. Raises EditError when there is none, DataError when its file is broken."""
        topic = self.library().topics.get(name)
        if topic is None:
            raise EditError(f"There is no topic {name!r}.")
        files = self._files(name)
        phrases = {lang: tuple(phrase_file.phrases_in(files[_phrases(name, lang)])) for lang in LANGUAGES}
        return Opened(name, topic, Draft.of(topic), phrases, *self._seen(name, files))

    def save(
        self, name: str, draft: Draft, *, seen: str, by: str, approve: Mapping[str, Approval] | None = None
    ) -> Version | None:
        """Have `draft` as the topic `name`; a change of words takes their approval, `approve` gives a new one.

        None when nothing has changed. Raises EditRefused, ChangedMeanwhile, EditError, DataError.
        """
        with self.versions.alone():
            self._hold_against(name, seen, phrases=False)
            library = self.library()
            before = library.topics.get(name)
            approvals = {**approvals_after(before, draft), **(approve or {})}
            self._refuse(library, name, draft)
            files = self._files(name)
            text = self._text(files[_topic(name)], name, draft, approvals)
            act = _act(before, draft, bool(approve))
            return self._put(name, {**files, _topic(name): text}, by, act)

    def approve(
        self, name: str, approve: Mapping[str, Approval], *, seen: str | None = None, by: str
    ) -> Version | None:
        """Approve the topic `name` as it stands. Raises as `save` does."""
        opened = self.open(name)
        missing = [LANGUAGE_WORDS[lang] for lang in approve if lang not in opened.topic.reply.languages()]
        if missing:
            raise EditError(f"{name} has no {' and no '.join(missing)} text to approve.")
        return self.save(name, opened.draft, seen=seen or opened.seen, by=by, approve=approve)

    def save_phrases(self, name: str, phrases: Mapping[str, Sequence[str]], *, seen: str, by: str) -> Version | None:
        """Have `phrases`, by language, as what patients say of `name`. They count once a model is published."""
        with self.versions.alone():
            self._hold_against(name, seen, phrases=True)
            if name not in self.library().topics:
                raise EditError(f"There is no topic {name!r}.")
            files = self._files(name)
            self._refuse_phrases(name, phrases, files)
            texts = {
                _phrases(name, lang): phrase_file.with_phrases(files[_phrases(name, lang)], name, phrases.get(lang, ()))
                for lang in LANGUAGES
            }
            return self._put(name, {**files, **texts}, by, "phrases")

    def make(self, name: str, draft: Draft, phrases: Mapping[str, Sequence[str]], *, by: str) -> Version | None:
        """A new topic. Raises as `save` does, and for a name that is taken or no name."""
        with self.versions.alone():
            library = self.library()
            if not NAME.fullmatch(name):
                raise EditRefused([("id", f"{name!r} is no name", "Use small letters, digits and _, such as parking.")])
            if name in library.topics or name in TAKEN:
                raise EditRefused([("id", f"there is {name!r} already", "Choose another name.")])
            self._refuse(library, name, draft)
            files = self._files(name)
            self._refuse_phrases(name, phrases, {})
            texts = {_topic(name): self._text(None, name, draft, dict.fromkeys(LANGUAGES))} | {
                _phrases(name, lang): phrase_file.with_phrases(None, name, phrases.get(lang, ())) for lang in LANGUAGES
            }
            return self._put(name, {**files, **texts}, by, "made")

    def retire(self, name: str, *, by: str) -> Version | None:
        """Take the topic `name` out, its phrases too, and out of the next steps of others.

        Raises EditError when a starter, or the only next step of an answer, leads to it.
        """
        with self.versions.alone():
            return self._retire(name, by)

    def undo(self, name: str, *, by: str) -> Version | None:
        """Bring back what was before the last change. Raises EditError when nothing is kept, EditRefused."""
        newest = self.versions.newest(name)
        earlier = self.versions.find(name, newest.meant - 1) if newest else None
        if earlier is None:
            raise EditError("There is no earlier version.")
        return self.restore(name, earlier.number, by=by)

    def restore(self, name: str, number: int, *, by: str) -> Version | None:
        """Bring back version `number` of `name`, approval and phrases too. Raises EditError, EditRefused."""
        with self.versions.alone():
            version = self.versions.find(name, number)
            if version is None:
                raise EditError(f"Version {number} is not kept.")
            text = version.files.get(_topic(name))
            if text is None:
                return self._retire(name, by, restores=number)
            self._refuse(self.library(), name, Draft.of(_parsed(text)))
            return self._put(name, {**self._files(name), **version.files}, by, "undone", restores=number)

    def add_fact(self, fact: Mapping[str, object], *, by: str) -> Version | None:
        """A new fact of the clinic's page at the end of data/facts.yml. Raises EditRefused, EditError."""
        with self.versions.alone():
            library = self.library()
            made = _fact(fact)
            faults = [(checking.place(one), one.problem, one.hint) for one in fact_findings(made)]
            if made.id in library.facts:
                faults.append(("id", f"there is {made.id!r} already", "Choose another name."))
            if made.section not in library.sections:
                faults.append(("section", f"there is no section {made.section!r}", "Choose one of the page's."))
            if faults:
                raise EditRefused(faults)
            path = f"data/{FACTS}"
            before = read_file(self._home.root / path) or ""
            raw = {"id": made.id, "section": made.section, "claim": made.claim}
            lists = {"values": list(made.values), "evidence": list(made.evidence)}
            text = document.with_fact(before, {**raw, **{key: value for key, value in lists.items() if value}})
            self.versions.note_outside(FACTS, {path: before})
            return self._write(FACTS, {path: text}, by, f"fact {made.id}")

    def remove_fact(self, name: str, *, by: str) -> Version:
        """Take the fact `name` out of data/facts.yml. Raises EditError where an answer uses it, or there is none."""
        with self.versions.alone():
            library = self.library()
            if name not in library.facts:
                raise EditError(f"There is no fact {name!r}.")
            if name not in [fact.id for fact in unused_facts(library)]:
                users = [topic.label.en for topic in library.topics.values() if name in topic.facts]
                raise EditError(f"{' and '.join(map(repr, users))} uses it. Take it out there first.")
            path = f"data/{FACTS}"
            before = read_file(self._home.root / path) or ""
            self.versions.note_outside(FACTS, {path: before})
            return self._write(FACTS, {path: document.without_fact(before, name)}, by, f"fact {name} taken out")

    def retired(self) -> list[tuple[str, Version]]:
        """The topics that were retired, each with its newest version."""
        folder = self._home.state / "versions"
        names = sorted(path.name for path in folder.glob("*") if path.is_dir() and NAME.fullmatch(path.name))
        newest = [(name, self.versions.newest(name)) for name in names]
        return [(name, one) for name, one in newest if one is not None and one.files.get(_topic(name)) is None]

    def _refuse(self, library: Library, name: str, draft: Draft) -> None:
        faults = self._check(library, name, draft)
        if faults:
            raise EditRefused([(place_words(checking.place(one)), one.problem, one.hint) for one in faults])

    def _refuse_phrases(self, name: str, phrases: Mapping[str, Sequence[str]], files: Files) -> None:
        count = len(phrases.get("en", ()))
        if count < FEWEST_PHRASES:
            hint = f"Write {FEWEST_PHRASES} at least, as patients would type them; a hundred is good."
            raise EditRefused([("phrases", f"{count} in English", hint)])
        present = {phrase for text in files.values() for phrase in phrase_file.phrases_in(text)}
        taken = self._said_elsewhere(
            name, {phrase.casefold() for lang in phrases for phrase in phrases[lang] if phrase not in present}
        )
        if taken:
            hint = "Keep each phrase under one topic: the same words cannot mean two things."
            raise EditRefused([("phrases", f"{phrase!r} stands under {other}", hint) for phrase, other in taken[:10]])

    def _said_elsewhere(self, name: str, phrases: Collection[str]) -> list[tuple[str, str]]:
        found = []
        for path in sorted((self._home.data / "phrases").rglob("*.yml")):
            if path.stem == name:
                continue
            for phrase in phrase_file.phrases_in(read_file(path)):
                if phrase.casefold() in phrases:
                    found.append((phrase, path.stem))
        return found

    def _retire(self, name: str, by: str, *, restores: int | None = None) -> Version | None:
        library = self.library()
        topic = library.topics.get(name)
        if topic is None:
            raise EditError(f"There is no topic {name!r}.")
        if any(starter.topic == name for starter in library.starters):
            raise EditError(
                f"A button of the first view leads to {topic.label.en!r}. Change `starters` in data/replies.yml first."
            )
        others = [other for other in library.topics.values() if name in other.next]
        stuck = [other.label.en for other in others if other.kind == "answer" and len(other.next) == 1]
        if stuck:
            raise EditError(
                f"It is the only next step of {' and '.join(map(repr, stuck))}. Give that another one first."
            )
        for other in others:
            draft = replace(Draft.of(other), next=tuple(step for step in other.next if step != name))
            files = self._files(other.id)
            approvals = {lang: other.approved(lang) for lang in LANGUAGES}
            text = self._text(files[_topic(other.id)], other.id, draft, approvals)
            self._put(other.id, {**files, _topic(other.id): text}, by, f"{name} retired")
        return self._put(name, dict.fromkeys(self._files(name)), by, "retired", restores=restores)

    def _hold_against(self, name: str, seen: str, *, phrases: bool) -> None:
        files = self._files(name)
        now = self._seen(name, files)[phrases]
        if seen == now:
            return
        newest, before = self.versions.newest(name), self._version_seen(name, seen, phrases=phrases)
        by = newest.by if newest is not None and newest.files == files else OUTSIDE
        raise ChangedMeanwhile(_somebody(by), _changes(name, before.files, files) if before else ())

    def _version_seen(self, name: str, seen: str, *, phrases: bool) -> Version | None:
        return next((one for one in self.versions.every(name) if self._seen(name, one.files)[phrases] == seen), None)

    def _put(self, name: str, files: Files, by: str, act: str, *, restores: int | None = None) -> Version | None:
        before = self._files(name)
        if before == files:
            return None
        self.versions.note_outside(name, before)
        return self._write(name, files, by, act, restores=restores)

    def _write(self, name: str, files: Files, by: str, act: str, *, restores: int | None = None) -> Version:
        # The phrases first: a topic's file is what makes it a topic.
        for path in sorted(files, reverse=files.get(_topic(name)) is not None):
            if read_file(self._home.root / path) != files[path]:
                put_file(self._home.root / path, files[path])
        return self.versions.add(name, by, act, files, restores=restores)

    def _text(self, before: str | None, name: str, draft: Draft, approvals: Mapping[str, Approval | None]) -> str:
        text = document.written(before, name, draft, approvals)
        wanted, _ = draft.topic(name)
        given = {key: approvals.get(lang) or "none" for lang, key in (("en", "approval"), ("es", "approval_es"))}
        if wanted is None or _parsed(text) != wanted.copy(update=given):
            raise EditError(f"data/topics/{name}.yml cannot be written so that it reads the same. Nothing was saved.")
        return text

    def _files(self, name: str) -> Files:
        paths = (_topic(name), *(_phrases(name, lang) for lang in LANGUAGES))
        return {path: read_file(self._home.root / path) for path in paths}

    def _seen(self, name: str, files: Mapping[str, str | None]) -> tuple[str, str]:
        paths = [_phrases(name, lang) for lang in LANGUAGES]
        return state_of({_topic(name): files.get(_topic(name))}), state_of({path: files.get(path) for path in paths})


def unused_facts(library: Library) -> list[Fact]:
    """The facts that no topic cites."""
    used = {fact for topic in library.topics.values() for fact in topic.facts}
    return [fact for fact in library.facts.values() if fact.id not in used]


def approvals(by: str, today: date, review_by: str, langs: Iterable[str]) -> dict[str, Approval]:
    """The same approval for each of `langs`. Raises EditRefused for a name or a date that cannot be."""
    try:
        approval = Approval.parse_obj({"by": by.strip(), "date": today, "review_by": review_by})
    except ValidationError as fault:
        words = {"by": "whose approval it is", "review_by": "when it is to be looked at again"}
        hints = {"by": "Write the name of who approves.", "review_by": "Write a day after today, such as 2027-11-23."}
        places = [str(error["loc"][0]) for error in fault.errors()]
        raise EditRefused([(words.get(one, one), "cannot be taken", hints.get(one, "")) for one in places]) from None
    return dict.fromkeys(langs, approval)


def changed_fields(before: Topic | None, after: Topic | None) -> list[str]:
    """What differs between two states of a topic, in a person's words."""
    if before is None or after is None:
        return [] if before is after else ["the whole topic"]
    places = []
    old, new = Draft.of(before), Draft.of(after)
    for key in ("kind", "facts", "next"):
        if getattr(old, key) != getattr(new, key):
            places.append(key)
    for key in ("label", "about", "reply"):
        one, other = getattr(old, key), getattr(new, key)
        places += [f"{key}.{lang}" for lang in LANGUAGES if one.get(lang) != other.get(lang)]
    if old.known != new.known:
        places.append("known")
    for lang, key in (("en", "approval"), ("es", "approval_es")):
        if before.approved(lang) != after.approved(lang):
            places.append(key)
    return list(map(place_words, places))


def topic_of(name: str, version: Version) -> Topic | None:
    """The topic `name` as `version` holds it; None where it was retired."""
    text = version.files.get(_topic(name))
    return _parsed(text) if text is not None else None


def _changes(name: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    old, new = before.get(_topic(name)), after.get(_topic(name))
    try:
        changes = changed_fields(_parsed(old) if old else None, _parsed(new) if new else None)
    except EditError:
        changes = []
    phrases = [_phrases(name, lang) for lang in LANGUAGES]
    return [*changes, *(["the phrases"] if any(before.get(one) != after.get(one) for one in phrases) else [])]


def _act(before: Topic | None, draft: Draft, approved: bool) -> str:
    if before is not None and before.kind != draft.kind:
        act = "made an answer" if draft.kind == "answer" else "given to the front desk"
    elif before is not None and Draft.of(before) == draft:
        return "approved"
    else:
        act = "edited"
    return f"{act} and approved" if approved else act


def _parsed(text: str) -> Topic:
    try:
        return Topic.parse_obj(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError):
        raise EditError("This version can no longer be read as a topic.") from None


def _fact(raw: Mapping[str, object]) -> Fact:
    try:
        return Fact.parse_obj(raw)
    except ValidationError as fault:
        places = {".".join(map(str, error["loc"][:1])) for error in fault.errors()}
        raise EditRefused([(one, "cannot be taken as it is", "") for one in sorted(places)]) from None


def _somebody(by: str) -> str:
    return "Somebody with a text editor" if by == OUTSIDE else by


def _topic(name: str) -> str:
    return f"data/topics/{name}.yml"


def _phrases(name: str, lang: str) -> str:
    return f"data/phrases/{'' if lang == 'en' else f'{lang}/'}{name}.yml"
