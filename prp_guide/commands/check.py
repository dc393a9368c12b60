"""`prp-guide check` and `prp-guide prepare`: is everything as it must be before the assistant starts?"""

from __future__ import annotations

import sys

from prp_guide.clinic import load_clinic
from prp_guide.content import Library
from prp_guide.home import Home


def check(home: Home) -> int:
    """Hold clinic.yml and the content against every rule, print each problem. 0 when none is, else 2."""
    from prp_guide.content.checks import check_content

    clinic = load_clinic(home.clinic_file)
    problems = [*check_content(home), *clinic.deliveries.missing_secrets(home.root)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        print(f"\n{found} in clinic.yml and the content.", file=sys.stderr)
        return 2
    print(f"{clinic.name}: clinic.yml and the content ({len(Library.load(home).topics)} topics) are in order.")
    return 0


def prepare(home: Home) -> int:
    """Bring the clinic's copy of the content up to date, load it, update database and endpoints.

    Raises DataError with the first fault. Rules on wording do not hold up a start, `check` is for them.
    """
    from prp_guide.commands.init import renew_content
    from prp_guide.database import migrate
    from prp_guide.processes import Addresses, write_endpoints

    clinic = load_clinic(home.clinic_file)
    renew_content(home)
    topics = len(Library.load(home).topics)
    home.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate(home.database_url)
    write_endpoints(home, Addresses.from_env())
    for problem in clinic.deliveries.missing_secrets(home.root):
        # No reason to leave the patients without an assistant: requests wait in the inbox and in the outbox.
        print(f"Deliveries: {problem}", file=sys.stderr)
    print(f"{clinic.name}: {topics} topics loaded, database ready.")
    return 0
