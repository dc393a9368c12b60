"""Paragraphs and tables of a document, with what patients typed kept from becoming markup."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120
_MARKUP = re.compile(r"([\\|<`*~\[]|(?<!\w)_|_(?!\w))")  # inside a word, an underscore is itself


def paragraph(words: str) -> str:
    """`words` as lines of a readable width."""
    return textwrap.fill(" ".join(words.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def bullets(items: Iterable[str]) -> str:
    """A list, one point for each of `items`."""
    return "\n".join(textwrap.indent(paragraph(item), "  ").replace("  ", "- ", 1) for item in items)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; "None." where there are no rows."""
    lines = [f"| {' | '.join(str(value) for value in row)} |" for row in rows]
    if not lines:
        return "None."
    return "\n".join((f"| {' | '.join(head)} |", f"|{'|'.join(['---'] * len(head))}|", *lines))


def literal(text: str) -> str:
    """`text` on one line, shown sign for sign."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
