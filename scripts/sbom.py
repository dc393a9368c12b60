"""What the product is made of: `make sbom` writes build/sbom.cdx.json (CycloneDX 1.5) and docs/licences.md.

Packages, versions and hashes are those of uv.lock, as uv lists them; licences are those that the installed packages
state. The models that lie in the repository or in a package are added, with their hashes.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SBOM, LICENCES = ROOT / "build" / "sbom.cdx.json", ROOT / "docs" / "licences.md"
MODELS = ("encoder.onnx", "tokenizer.json", "vectors.npz")
# What a package states in too many words, or not at all; looked up in its own files.
STATED = {
    "tensorflow-cpu-aws": "Apache-2.0",  # as tensorflow, for other processors than this one
    "tensorflow-macos": "Apache-2.0",
}
# The same licence under its many names.
ALIASES = {
    "Apache-2.0": r"apache( software)?( license)?,?( version)?( 2(\.0)?)?",
    "BSD-3-Clause": r"(3-clause bsd|bsd 3-clause|new bsd)( license)?",
    "BSD": r"bsd license",
    "MIT": r"mit( license)?(;.*)?",
    "MPL-2.0": r"mpl 2\.0",
    "PSF-2.0": r"psf|python software foundation license",
}
HEADING = """\
# Licences

Every package that `make start` installs, from `uv.lock`, with the licence that it states. Written by `make sbom`; a
test holds it against the lock. Tools for tests only are left out. PRP Guide's own: [LICENSE](../LICENSE).

"""


def lock() -> dict[str, Any]:
    """The lock as CycloneDX, by uv itself."""
    command = ["uv", "export", "--locked", "--no-dev", "--no-emit-project", "--format", "cyclonedx1.5", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"uv could not list the packages:\n{done.stderr}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def licence(name: str) -> str:
    """The licence that the installed package states, in a line."""
    if name in STATED:
        return STATED[name]
    try:
        stated = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f"{name} is not installed here; add its licence to STATED in {__file__}.") from None
    expression = stated.get("License-Expression")
    classes = [each.split(" :: ")[-1] for each in stated.get_all("Classifier") or [] if each.startswith("License")]
    words = (stated.get("License") or "").strip()
    short = words if len(words) <= 60 and "\n" not in words and words != "UNKNOWN" else ""
    found = expression or short or ", ".join(sorted(each for each in classes if each != "OSI Approved"))
    if not found:
        found = first_line_of_licence(name)
    found = re.sub(r"\s+", " ", found).replace("|", "/")
    return next((name for name, aliases in ALIASES.items() if re.fullmatch(aliases, found, re.I)), found)


def first_line_of_licence(name: str) -> str:
    """The first line of the licence's text that comes with the package."""
    for file in importlib.metadata.files(name) or []:
        if re.search(r"licen[cs]e|copying", file.name, re.I):
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace").strip()
            if text:
                return text.splitlines()[0].strip(" #")
    return "not stated"


def model(name: str) -> dict[str, Any]:
    path = ROOT / "models" / "encoder" / name
    return {
        "type": "machine-learning-model" if path.suffix == ".onnx" else "data",
        "bom-ref": f"models/encoder/{name}",
        "name": f"models/encoder/{name}",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "licenses": [{"license": {"name": "Apache-2.0, from all-MiniLM-L6-v2; see models/encoder/README.md"}}],
    }


def main() -> int:
    document = lock()
    by_licence: dict[str, list[str]] = defaultdict(list)
    for component in document["components"]:
        stated = licence(component["name"])
        component["licenses"] = [{"license": {"name": stated}}]
        by_licence[stated].append(f"{component['name']} {component['version']}")
    document["components"] += [model(name) for name in MODELS]
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    rows = [f"| {stated} | {', '.join(names)} |" for stated, names in sorted(by_licence.items(), key=by_name)]
    LICENCES.write_text(HEADING + "\n".join(["| licence | packages |", "|---|---|", *rows]) + "\n", encoding="utf-8")
    print(f"{len(document['components'])} components: {SBOM.relative_to(ROOT)}, {LICENCES.relative_to(ROOT)}")
    return 0


def by_name(entry: tuple[str, list[str]]) -> str:
    return entry[0].lower()


if __name__ == "__main__":
    sys.exit(main())
