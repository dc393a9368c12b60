"""A topic's file: what changes is written, all else stays as it is, comments and line breaks too."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import FoldedScalarString

from prp_guide.content.models import NO_APPROVAL, Approval
from prp_guide.editor.draft import Draft

WIDTH = 100  # of the lines of a text
_ORDER = ("id", "kind", "label", "about", "reply", "known", "facts", "next", "approval", "approval_es")
_TEXTS = ("label", "about", "reply")
_LISTS = ("facts", "next")
_NO_FOLD = 1 << 20  # only what we fold is folded


def written(before: str | None, name: str, draft: Draft, approvals: Mapping[str, Approval | None]) -> str:
    """The file of the topic `name` as `draft` says, from the text of the file `before`, None for a new one."""
    yaml = _yaml()
    document = yaml.load(before) if before else CommentedMap()
    wanted = draft.as_dict()
    _set(document, "id", name)
    _set(document, "kind", wanted["kind"])
    for key in _TEXTS:
        _put_text(document, key, wanted.get(key) or {})
    _put_known(document, wanted.get("known") or [])
    for key in _LISTS:
        _put_list(document, key, wanted[key])
    for lang, key in (("en", "approval"), ("es", "approval_es")):
        _put_approval(document, key, approvals.get(lang))
    return _dumped(yaml, document)


def with_fact(before: str, fact: Mapping[str, Any]) -> str:
    """data/facts.yml with one `fact` more, at its end."""
    yaml = _yaml()
    document = yaml.load(before)
    made = CommentedMap()
    for key, value in fact.items():
        made[key] = _flow(value) if isinstance(value, list) else value
    document["facts"].append(made)
    return _dumped(yaml, document)


def without_fact(before: str, name: str) -> str:
    """data/facts.yml without the fact `name`."""
    yaml = _yaml()
    document = yaml.load(before)
    places = [place for place, fact in enumerate(document["facts"]) if fact["id"] == name]
    for place in places:
        del document["facts"][place]
    return _dumped(yaml, document)


def _put_text(parent: CommentedMap, key: str, words: Mapping[str, str]) -> None:
    if not words:
        parent.pop(key, None)
        return
    if not isinstance(parent.get(key), CommentedMap):
        _set(parent, key, CommentedMap())
    _fill(parent[key], words, long=key == "reply")


def _put_known(document: CommentedMap, known: list[Mapping[str, str]]) -> None:
    if not known:
        document.pop("known", None)
        return
    if not isinstance(document.get("known"), CommentedSeq) or len(document["known"]) != len(known):
        _set(document, "known", CommentedSeq([CommentedMap() for _ in known]))
    for place, words in enumerate(known):
        _fill(document["known"][place], words, long=True)


def _fill(text: CommentedMap, words: Mapping[str, str], *, long: bool) -> None:
    for lang in [lang for lang in text if lang not in words]:
        del text[lang]
    for lang, said in words.items():
        # Written only where it changes: the line breaks of all else stay where a person put them.
        if " ".join(str(text.get(lang, "")).split()) != said:
            text[lang] = _folded(said) if long else said


def _folded(said: str) -> FoldedScalarString:
    folded, lines = FoldedScalarString(said), textwrap.wrap(said, WIDTH - 4, break_long_words=False)
    folds, at = [], -1
    for line in lines[:-1]:
        at = said.index(line, at + 1) + len(line)
        if said[at] == " ":  # elsewhere, after a hyphen, a line break would become a space
            folds.append(at)
    folded.fold_pos = folds
    return folded


def _put_list(document: CommentedMap, key: str, values: list[str]) -> None:
    if list(document.get(key) or []) != values or key not in document:
        _set(document, key, _flow(values))


def _put_approval(document: CommentedMap, key: str, approval: Approval | None) -> None:
    value: Any = NO_APPROVAL
    if approval is not None:
        value = CommentedMap(by=approval.by, date=approval.date, review_by=approval.review_by)
        value.fa.set_flow_style()
    present = document.get(key)
    same = dict(present) == dict(value) if isinstance(present, dict) and isinstance(value, dict) else present == value
    if not same:
        _set(document, key, value)


def _flow(values: list[str]) -> CommentedSeq:
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made


def _set(document: CommentedMap, key: str, value: Any) -> None:
    """Set `key`, at its usual place if it is new."""
    if key in document:
        if document[key] != value:
            document[key] = value
        return
    before = _ORDER[: _ORDER.index(key)]
    place = max((list(document).index(other) + 1 for other in before if other in document), default=0)
    document.insert(place, key, value)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = _NO_FOLD
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(yaml: YAML, document: CommentedMap) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
