"""How long the owner's report takes: python -m benchmarks.report [how many conversations, 10000 by default]

An SQLite file in a temporary folder, `prp-guide report` as a process of its own, three times.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from prp_guide import database
from prp_guide.clinic import load_clinic
from prp_guide.home import PROJECT_ROOT, Home
from tests.support.conversations import many


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(root=PROJECT_ROOT, state=Path(folder))
        database.migrate(home.database_url)
        turns = many(database.open_database(home), home, load_clinic(home.clinic_file), number)
        print(f"{number} conversations, {turns} turns")
        for _ in range(3):
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "prp_guide", "report", "--output", f"{folder}/report.html"]
            subprocess.run(command, env={**os.environ, "PRP_HOME": folder}, check=True)  # noqa: S603
            after, size = resource.getrusage(resource.RUSAGE_CHILDREN), Path(folder, "report.html").stat().st_size
            worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"{time.perf_counter() - begun:.1f} s, {worked:.1f} s of a processor, {size // 1000} kB")
        if len(sys.argv) > 2:
            Path(sys.argv[2]).write_bytes(Path(folder, "report.html").read_bytes())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
