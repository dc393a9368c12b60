"""What a clinician has yet to sign, from the data: the table in docs/safety.md.

`python -m prp_guide.red_flags.signing` writes it anew; a test fails while it is out of date.
"""

from __future__ import annotations

from collections import Counter

from prp_guide.errors import DataError
from prp_guide.home import Home
from prp_guide.red_flags import rulebook
from prp_guide.red_flags.rulebook import TIERS, Rulebook

BEGIN, END = "<!-- from data/red_flags.yml -->", "<!-- end of data/red_flags.yml -->"


def unsigned(book: Rulebook) -> tuple[str, ...]:
    """The ids of the rules that no clinician has approved."""
    return tuple(rule.id for rule in book.flags if rule.approval == "none")


def table(book: Rulebook) -> str:
    """The rules by tier, each with its reason and who signed it, as Markdown."""
    lines = [f"{len(unsigned(book))} of {len(book.flags)} rules are unsigned.", ""]
    lines += ["| tier | rule | why it is a flag | examples | signed |", "|---|---|---|---|---|"]
    for tier in TIERS:
        for rule in book.flags:
            if rule.tier == tier:
                signed = "no" if rule.approval == "none" else f"{rule.approval.by}, until {rule.approval.review_by}"
                examples = f"{len(rule.fires)} / {len(rule.look_alikes)}"
                lines.append(f"| {tier} | {rule.id} | {rule.reason} | {examples} | {signed} |")
    counts = Counter(rule.tier for rule in book.flags)
    tally = ", ".join(f"{tier} {counts[tier]}" for tier in TIERS)
    lines += ["", f"Rules: {tally}. Examples: messages that must raise it / look-alikes that must not."]
    lines += ["", "| guard | what takes the alarm out of words |", "|---|---|"]
    lines += [f"| {name} | {guard.reason} |" for name, guard in book.guards.items()]
    return "\n".join(lines)


def renewed(document: str, book: Rulebook) -> str:
    """`document` with the table between its two marks replaced. Raises ValueError when a mark is missing."""
    before, _, rest = document.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the marks '{BEGIN}' and '{END}' must stand in the document")
    return f"{before}{BEGIN}\n{table(book)}\n{END}{after}"


def main() -> None:
    home = Home.from_env()
    path = home.root / "docs" / "safety.md"
    try:
        path.write_text(renewed(path.read_text(encoding="utf-8"), rulebook.load(home)), encoding="utf-8")
    except ValueError as fault:
        raise DataError(path, None, str(fault)) from None


if __name__ == "__main__":
    main()
