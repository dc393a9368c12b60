"""The documents: built as a site without network, complete, their links good, their commands run."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from prp_guide.clinic import Clinic
from prp_guide.web.health import read_openapi
from tests.support.assistant import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
COMMANDS = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"``` \{\.sh \.run\}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
]
CLINIC = ("--name", "Bay", "--phone", "310 555 0100", "--time-zone", "America/New_York")
# Set by us for our own processes, or the operating system's.
NOT_SETTINGS = {"PATH"}


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_reference_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_setting_of_the_clinic_is_documented() -> None:
    said = text("settings.md")
    missing = [name for name in Clinic.__fields__ if f"`{name}`" not in said]
    for field in Clinic.__fields__.values():
        for inner in getattr(field.type_, "__fields__", {}).values():
            missing += [inner.name] if f"`{inner.name}`" not in said else []
            missing += [
                deep
                for deep in getattr(inner.type_, "__fields__", {})
                if f"`{deep}`" not in said and deep not in ("env", "file")
            ]
    assert not missing


def test_every_variable_is_documented() -> None:
    """What our code reads by name from the environment."""
    found: set[str] = set()
    for path in (ROOT / "prp_guide").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "environ" in source or "given.get" in source:
            strings = {
                node.value
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            found |= {
                word for word in strings if re.fullmatch(r"PRP_[A-Z_]+|HOST|PORT|[A-Z]+_PORT|SSL_CERT_FILE", word)
            }
    said = text("settings.md")
    assert len(found) > 8
    assert not {name for name in found - NOT_SETTINGS if f"`{name}`" not in said}


def test_every_kind_of_topic_is_documented() -> None:
    kinds = read_openapi()["components"]["schemas"]["Message"]["properties"]["kind"]["enum"]
    assert not [kind for kind in kinds if f"| `{kind}` |" not in text("owner.md")]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    said = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", said):
        if "://" in target or target.startswith(("mailto:", "tel:")):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), f"{target} of {page.name} leads nowhere"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{target} of {page.name}: no such heading"


def test_no_more_pictures_than_the_script_makes() -> None:
    made = set(re.findall(r'"([a-z-]+\.png)"', (ROOT / "scripts" / "pictures.py").read_text(encoding="utf-8")))
    assert {path.name for path in (DOCS / "images").iterdir()} == made


@pytest.mark.parametrize(("page", "block"), COMMANDS, ids=lambda value: getattr(value, "stem", ""))
def test_commands_run(page: Path, block: str, tmp_path: Path) -> None:
    """Each line of a block marked `.run`, in a folder with a clinic, as the document says it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRP_HOME": str(tmp_path / "clinic"), "PORT": "1"}
    lines = [line for line in block.splitlines() if line.strip()]
    if "prp-guide init" not in block:
        lines.insert(0, f"prp-guide init {shlex.join(CLINIC)}")
    for line in lines:
        words = shlex.split(line)
        given = dict(environment)
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            given[name] = str(tmp_path / value)
        assert words[0] == "prp-guide", line
        done = subprocess.run(
            [sys.executable, "-m", "prp_guide", *words[1:]],
            cwd=tmp_path,
            env=given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{page.name}: {line}\n{done.stderr}"


def test_the_documents_have_commands() -> None:
    assert len(COMMANDS) >= 4


def test_the_site_is_built_without_network(tmp_path: Path) -> None:
    if importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed; `make test` installs it")
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
        if os.getuid() == 0 and sys.platform == "linux"
        else [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="https?://(?!squidfunk)[^"]*\.(?:js|css|woff2?)', home), (
        "fetched from elsewhere"
    )


@pytest.mark.parametrize("name", ["prp-guide.service", "prp-guide-backup.service", "prp-guide-backup.timer"])
def test_units_are_sound(name: str, tmp_path: Path) -> None:
    said = (DOCS / "server" / name).read_text(encoding="utf-8")
    assert re.search(r"^\[Unit\]$", said, re.M)
    # The programs and the account of a server are not on this machine.
    copy = tmp_path / name
    copy.write_text(
        re.sub(r"^User=.*$", "", said.replace("/opt/prp-guide/.venv/bin/prp-guide", "/bin/true"), flags=re.M)
    )
    (tmp_path / "prp-guide-backup.service").exists() or (tmp_path / "prp-guide-backup.service").write_text(
        "[Service]\nType=oneshot\nExecStart=/bin/true\n"
    )
    try:
        done = subprocess.run(
            ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no systemd-analyze here")
    assert name not in done.stderr, done.stderr
