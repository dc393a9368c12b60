"""Grouping in a process of its own: python -m prp_guide.insight.apart ROOT STATE. Texts as JSON in, wordings out.

The web process answers patients; the encoder and scikit-learn would stay in its memory for a page that is
opened now and then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.insight.gaps import Gap, Wording

SECONDS = 30.0


def find_wordings_apart(
    home: Home, gaps: Iterable[Gap], tie: Callable[[Sequence[str]], Sequence[str]] = lambda command: command
) -> dict[str, tuple[Wording, ...]]:
    """As prp_guide.insight.wordings.find_wordings, by a child that ends after SECONDS. Raises SetupError.

    `tie` makes of its command one that ends with this process.
    """
    texts = json.dumps({gap.id: gap.texts for gap in gaps})
    command = tie([sys.executable, "-m", "prp_guide.insight.apart", str(home.root), str(home.state)])
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            command,
            input=texts.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as fault:
        # Not its words: they could hold a patient's.
        raise SetupError(f"The questions could not be grouped ({type(fault).__name__}).") from None
    return {gap: tuple(Wording(words, number) for words, number in pairs) for gap, pairs in found.items()}


def main() -> None:
    from prp_guide.insight.wordings import group_all

    home = Home(*map(Path, sys.argv[1:3]))
    texts = {gap: [(session, words) for session, words in pairs] for gap, pairs in json.load(sys.stdin).items()}
    found = group_all(home, texts)
    json.dump(
        {gap: [(one.words, one.conversations) for one in wordings] for gap, wordings in found.items()}, sys.stdout
    )


if __name__ == "__main__":
    main()
