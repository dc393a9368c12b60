"""Imports run one way: from what is started down to what all stand on (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = (
    {
        "cli",
        "__main__",
        "commands",
        "supervisor",
        "processes",
        "publishing",
        "ready",
        "model",
        "model_register",
        "environment",
        "tied",
        "web",
        "lean_rasa",
    },
    {"chat", "frontdesk", "rasa_parts", "actions", "editor", "evaluation", "clinic_page", "insight"},
    {"replies"},
    {"content", "red_flags", "language", "privacy"},
    {
        "clinic",
        "delivery_settings",
        "database",
        "keys",
        "home",
        "own_content",
        "clock",
        "load_run",
        "replicas",
        "request_id",
        "metrics",
        "yaml_file",
        "errors",
        "migrations",
    },
)
KNOWS_NOTHING_OF = {
    "content": {"rasa", "rasa_sdk", "starlette", "httpx", "requests"},
    "red_flags": {"rasa", "rasa_sdk", "starlette", "httpx", "requests"},
    "language": {"rasa", "rasa_sdk", "starlette", "httpx", "requests", "sqlalchemy"},
    "replies": {"rasa", "rasa_sdk", "starlette", "httpx", "requests", "sqlalchemy"},
    "editor": {"rasa", "rasa_sdk", "starlette", "httpx", "requests", "sqlalchemy"},
    "frontdesk": {"rasa", "rasa_sdk", "starlette"},
    "clinic_page": {"rasa", "rasa_sdk", "starlette", "sqlalchemy"},
    "insight": {"rasa", "rasa_sdk", "starlette", "requests"},
}
MODULES = sorted([*(ROOT / "prp_guide").rglob("*.py"), *(ROOT / "actions").rglob("*.py")])


def part_of(path: Path) -> str:
    """The top-level part of the project that a file belongs to."""
    place = path.relative_to(ROOT).with_suffix("").parts
    return place[0] if place[0] == "actions" else place[1]


def level(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def imported(path: Path) -> set[str]:
    """Every module that the file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    own = part_of(path)
    if own == "__init__":
        return
    for module in imported(path):
        names = module.split(".")
        other = names[1] if names[0] == "prp_guide" and len(names) > 1 else names[0]
        if names[0] not in ("prp_guide", "actions") or other in ("__version__", "__init__", "prp_guide"):
            continue
        assert level(own) <= level(other), f"{own} must not import {module}"


@pytest.mark.parametrize("part", KNOWS_NOTHING_OF)
def test_what_a_part_knows_nothing_of(part: str) -> None:
    for path in (ROOT / "prp_guide" / part).rglob("*.py"):
        foreign = {module.split(".")[0] for module in imported(path)} & KNOWS_NOTHING_OF[part]
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"
