"""`python -m prp_guide.web`: run the web process."""

from __future__ import annotations

import sys

from prp_guide.errors import PRPGuideError
from prp_guide.home import Home
from prp_guide.web.app import serve


def main() -> int:
    """Run until stopped; returns the exit status, 1 with one clear sentence when it cannot start."""
    try:
        serve(Home.from_env())
    except PRPGuideError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
