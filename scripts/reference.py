"""Writes docs/reference/commands.md and api.md from the command line and openapi.yml; `--check` only compares.

uv run python scripts/reference.py
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prp_guide.cli import make_parser
from prp_guide.home import PROJECT_ROOT
from prp_guide.web.health import read_openapi

FOLDER = PROJECT_ROOT / "docs" / "reference"
NOTE = "*Written by `scripts/reference.py`; the tests fail when it is not current.*"


def commands() -> str:
    """Every command with its options."""
    lines = ["# Commands", "", NOTE, "", "In a checkout: `uv run prp-guide ...`. `PRP_HOME` says of which clinic.", ""]
    for name, says, parser in leaves(make_parser()):
        lines += [f"## {name}", "", f"{says[:1].upper()}{says[1:]}.", ""]
        rows = [
            (" ".join(action.option_strings) or action.metavar or action.dest, action.help or "")
            for action in parser._actions
            if not isinstance(action, argparse._HelpAction)
        ]
        if rows:
            lines += ["| | |", "|---|---|", *(f"| `{option}` | {escaped(text)} |" for option, text in rows), ""]
    return "\n".join(lines)


def leaves(parser: argparse.ArgumentParser, name: str = "prp-guide", says: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each command that does something: its name, what it says of itself, its parser."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, says, parser
    for group in groups:
        helps = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for word, inner in group.choices.items():
            yield from leaves(inner, f"{name} {word}", helps.get(word, ""))


def api() -> str:
    """Every route and every field."""
    document = read_openapi()
    lines = ["# The chat API, version 1", "", NOTE, "", " ".join(document["info"]["description"].split()), ""]
    lines += ["The description itself: `/api/openapi.json` of a running PRP Guide.", "", "## Routes", ""]
    lines += ["| route | does | answers |", "|---|---|---|"]
    for path, methods in document["paths"].items():
        for method, what in methods.items():
            if method in ("get", "post", "put", "delete"):
                lines.append(f"| `{method.upper()} {path}` | {what['summary']} | {', '.join(what['responses'])} |")
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            lines += ["", f"## {name}", "", "| field | holds | |", "|---|---|---|", *fields(schema)]
    return "\n".join(lines) + "\n"


def fields(schema: dict[str, Any], before: str = "") -> Iterator[str]:
    needed = schema.get("required", [])
    for name, field in schema["properties"].items():
        inner = field.get("items", field)
        kind = inner.get("$ref", "").rpartition("/")[2] or str(inner.get("type", "")) or "one of several"
        if field.get("type") == "array":
            kind = f"list of {kind}"
        values = ", ".join(str(value) for value in field.get("enum", []) if value is not None)
        notes = [field.get("description", ""), values, "" if name in needed else "may be absent"]
        notes.append("may be null" if field.get("nullable") else "")
        yield f"| `{before}{name}` | {kind} | {escaped('; '.join(filter(None, notes)))} |"
        if "properties" in inner:
            yield from fields(inner, f"{before}{name}.")


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """0, or with --check 1 when a file is not current."""
    written = {FOLDER / "commands.md": commands(), FOLDER / "api.md": api()}
    if "--check" in sys.argv:
        old = [path for path, text in written.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        for path in old:
            print(f"{path} is not current: uv run python scripts/reference.py", file=sys.stderr)
        return 1 if old else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
        print(f"Wrote {Path(path).relative_to(PROJECT_ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
