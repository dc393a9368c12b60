"""Tools that cannot be installed beside Rasa, each in an environment of its own that uv makes from its cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from tests.support.assistant import ROOT


def run_tool(packages: Sequence[str], *command: str) -> subprocess.CompletedProcess[str]:
    """`command` with `packages`. Left out where uv has them not in its cache: `make deploy-check` fetches them."""
    uv = shutil.which("uv", path=f"{os.environ['PATH']}:{ROOT / '.tools/uv/bin'}")
    if uv is None:
        pytest.skip("there is no uv here; `make test` gets one")
    online = bool(os.environ.get("PRP_FETCH_TOOLS"))
    named = [word for package in packages for word in ("--with", package)]
    start = [uv, "run", "--no-project", "--quiet", "--python", "3.10", *([] if online else ["--offline"]), *named]
    ours = ("PYTHONPATH", "VIRTUAL_ENV")
    done = subprocess.run(
        [*start, *command],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key not in ours},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode and not online and ("--offline" in done.stderr or "network was disabled" in done.stderr.lower()):
        pytest.skip("uv's cache lacks the tool; `make deploy-check` fetches it")
    return done
