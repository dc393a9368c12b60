"""A supervisor of small programs, to be started and hurt by the tests:

    python -m tests.supervisor.small STATE '{"one": "print(1)", "two": "..."}' [FIRST_DELAY GRACE]

Each program is Python code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from prp_guide.supervisor import Patience, Program, Supervisor, only_one, shown


def main(state: str, codes: str, first_delay: str = "0.1", grace: str = "2") -> None:
    programs = [
        Program(name, lambda code=code: [sys.executable, "-c", code])  # type: ignore[misc]
        for name, code in json.loads(codes).items()
    ]
    patience = Patience(first_delay=float(first_delay), grace=float(grace))
    with only_one(Path(state)):
        supervisor = Supervisor(programs, root=Path(state), state=Path(state), patience=patience)
        supervisor.run(lambda: shown("companion ran"))
    print("all ended")


if __name__ == "__main__":
    main(*sys.argv[1:])
