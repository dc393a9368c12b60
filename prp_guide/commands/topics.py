"""`prp-guide topics ...`: the owner's editor from the command line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from prp_guide import clock
from prp_guide.clinic import load_clinic
from prp_guide.content.models import LANGUAGES
from prp_guide.editor import Draft, Editor, Version
from prp_guide.editor.document import written
from prp_guide.editor.editor import approvals
from prp_guide.editor.phrase_file import read_lines
from prp_guide.editor.versions import read_file
from prp_guide.errors import EditError
from prp_guide.home import Home


def show(home: Home) -> int:
    """Print every topic: name, kind, how its approval stands in each language, the question."""
    today = clock.now().astimezone(load_clinic(home.clinic_file).zone).date()
    library = Editor(home).library()
    for name, topic in library.topics.items():
        statuses = " ".join(f"{lang}:{topic.status(today, lang)}" for lang in topic.reply.languages())
        held = "  held back" if any(library.withheld(topic, lang) for lang in LANGUAGES) else ""
        print(f"{name:<20} {topic.kind:<7} {statuses:<28} {topic.label.en}{held}")
    return 0


def new(home: Home, *, name: str, by: str, phrases: Path) -> int:
    """Make the topic `name`, written in $EDITOR, or read from standard input. Raises EditError, DataError."""
    said = {"en": read_lines(_text_of(phrases))}
    example = Draft(
        label={"en": "..."},
        about={"en": "..."},
        reply={"en": "What our page does not say. The nearest thing it does. Ask ... Call {phone}."},
    )
    draft = _edited(written(None, name, example, {}), name)
    _say(
        Editor(home).make(name, draft, said, by=by), f"{name} is made. Patients find it once you run: prp-guide publish"
    )
    return 0


def edit(home: Home, *, name: str, by: str, replies: Mapping[str, str]) -> int:
    """Change the topic `name`: its `replies` by language, or without any the whole file, in $EDITOR."""
    editor = Editor(home)
    opened = editor.open(name)
    if replies:
        draft = replace(opened.draft, reply={**opened.draft.reply, **replies})
    else:
        before = read_file(home.data / "topics" / f"{name}.yml")
        draft = _edited(before or "", name)
    _say(editor.save(name, draft, seen=opened.seen, by=by), f"{name} is saved, and in the chat with the next message.")
    return 0


def approve(home: Home, *, name: str, by: str, langs: Sequence[str], until: str | None) -> int:
    """Approve the topic `name` as it stands, in `langs`, a year long or `until` a day."""
    today = clock.now().astimezone(load_clinic(home.clinic_file).zone).date()
    last = until or today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat()
    editor = Editor(home)
    spoken = langs or editor.open(name).topic.reply.languages()
    _say(editor.approve(name, approvals(by, today, last, spoken), by=by), f"{name} is approved by {by} until {last}.")
    return 0


def retire(home: Home, *, name: str, by: str) -> int:
    """Take the topic `name` out; its history stays."""
    Editor(home).retire(name, by=by)
    print(f"{name} is retired. prp-guide topics undo {name} brings it back.")
    return 0


def undo(home: Home, *, name: str, by: str) -> int:
    """Bring back what `name` was before its last change."""
    _say(Editor(home).undo(name, by=by), f"{name} is as it was before.")
    return 0


def _edited(text: str, name: str) -> Draft:
    """The draft that a person makes of `text`, or that comes by standard input. Raises EditError."""
    if sys.stdin.isatty():
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        with tempfile.TemporaryDirectory(prefix="prp-guide-") as folder:
            path = Path(folder) / f"{name}.yml"
            path.write_text(text, encoding="utf-8")
            try:
                code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 (the user's own)
            except OSError as fault:
                raise EditError(f"{command[0]} cannot be started: {fault.strerror}. Set EDITOR.") from None
            if code != 0:
                raise EditError(f"{command[0]} ended with exit code {code}. Nothing was saved.")
            text = path.read_text(encoding="utf-8")
    else:
        text = sys.stdin.read()
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise EditError(f"This is not valid YAML: {getattr(fault, 'problem', fault)}. Nothing was saved.") from None
    if not isinstance(raw, dict):
        raise EditError("There are no keys and values. Nothing was saved.")
    return Draft.from_dict(raw)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise EditError(f"{path} cannot be read: {fault}.") from None


def _say(saved: Version | None, words: str) -> None:
    print(words if saved is not None else "Nothing was changed.")
