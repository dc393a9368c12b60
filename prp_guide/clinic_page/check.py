"""One look at the clinic's page: fetch it, hold it against the facts, write down what is in doubt, say it in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prp_guide.clinic import Clinic
from prp_guide.clinic_page import source
from prp_guide.content.doubts import Doubt, citing, renew_doubts
from prp_guide.content.evidence import Change, Comparison, compare
from prp_guide.content.library import Library
from prp_guide.content.models import Topic
from prp_guide.errors import PageError, SetupError
from prp_guide.home import Home
from prp_guide.yaml_file import line_of

FEWEST_FOUND = 1 / 3  # with fewer of the facts on it, it is taken for another page


@dataclass(frozen=True)
class Look:
    """What a look at the page found; `doubts` are those that stand after it, None where nothing was written down."""

    where: str
    comparison: Comparison
    doubts: dict[str, Doubt] | None = None


def look(home: Home, library: Library, where: str, *, ignore: Iterable[str] = ()) -> Look:
    """Look at `where`, an address or a file, and write nothing of what it says about the facts. Raises PageError."""
    if source.is_address(where):
        known = source.remembered(home)
        fetched = source.fetch(where, known)
        if fetched is not known:
            source.remember(home, fetched)
    else:
        fetched = source.read_file(Path(where))
    comparison = compare(library, fetched.page, ignore)
    found = comparison.facts - len(comparison.changed)
    if found < comparison.facts * FEWEST_FOUND:
        raise PageError(
            f"{where} has {found} of the {comparison.facts} facts: this seems to be another page. Nothing was changed."
        )
    return Look(where, comparison)


def look_and_record(home: Home, library: Library, where: str, *, withhold: bool, ignore: Iterable[str] = ()) -> Look:
    """The same, and write down which facts are in doubt. With `withhold`, replies that cite them are held back."""
    seen = look(home, library, where, ignore=ignore)
    return Look(where, seen.comparison, renew_doubts(home, library, seen.comparison.changed, withhold=withhold))


def configured(clinic: Clinic) -> str:
    """The address of the clinic's page. Raises SetupError when clinic.yml has none."""
    if clinic.page_check is None:
        raise SetupError(
            "Say which page: prp-guide page check https://your-clinic.example/prp (or a file). "
            "To leave it out, write it into clinic.yml:  page_check: {url: https://your-clinic.example/prp}"
        )
    return clinic.page_check.url


def in_words(home: Home, library: Library, seen: Look) -> list[str]:
    """What was found, line by line, for the person who has to mend it."""
    comparison = seen.comparison
    found = comparison.facts - len(comparison.changed)
    lines = [f"{seen.where}: {found} of {comparison.facts} facts stand on the page."]
    path = home.data / "facts.yml"
    for place, name in enumerate(library.facts):
        changes = comparison.changed.get(name)
        if changes:
            lines += ["", *_changed(library, name, changes), f"  {path}:{line_of(path, ['facts', place, 'evidence'])}"]
    for passage in comparison.new_sections:
        lines += ["", f'New section: "{passage.title}", {passage.words} words. Is there something for data/facts.yml?']
    for title in comparison.lost_sections:
        lines += ["", f'The heading "{title}" is gone: links under answers lead to it. Mend sections in {path}.']
    for name, doubt in (seen.doubts or {}).items():
        if name not in comparison.changed:
            since = f"{doubt.since:%Y-%m-%d}"
            lines += ["", f"{name}: was edited after the page changed on {since}. {_to_approve(library, doubt)}"]
    held = sorted({topic.id for topic, lang in _held(library, seen.doubts)})
    if held:
        lines += ["", f"Held back until approved anew: {', '.join(held)}. Set approval in data/topics/<topic>.yml."]
    if comparison.in_step:
        lines.append("The page and the answers are in step.")
    return lines


def _changed(library: Library, name: str, changes: Sequence[Change]) -> list[str]:
    lines = []
    for change in changes:
        lines.append(f"{name}: {change.words}.")
        if change.now is not None:
            lines.append(f"  The page: {change.now}")
    cited = list(dict.fromkeys(topic.id for topic, _ in citing(library, name)))
    lines.append(f"  Cited by: {', '.join(cited) or 'no topic'}")
    return lines


def _to_approve(library: Library, doubt: Doubt) -> str:
    left = [f"{topic.id} ({lang})" for topic, lang in citing(library, doubt.fact) if not doubt.settled(topic, lang)]
    return f"Yet to approve: {', '.join(left)}."


def _held(library: Library, doubts: dict[str, Doubt] | None) -> Iterable[tuple[Topic, str]]:
    for doubt in (doubts or {}).values():
        for topic, lang in citing(library, doubt.fact):
            if doubt.withhold and not doubt.settled(topic, lang):
                yield topic, lang
