"""`prp-guide doctor`: looks at an installation, and says what to do about each thing that is not as it should be."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from prp_guide import clock, keys, model, own_content
from prp_guide.clinic import Clinic, load_clinic
from prp_guide.commands.backup import LAST
from prp_guide.errors import DataError, DeliveryError, PRPGuideError
from prp_guide.home import Home
from prp_guide.processes import Addresses

Level = Literal["well", "look", "fault"]
MARKS: dict[Level, str] = {"well": "ok   ", "look": "look ", "fault": "FAULT"}
BACKUP_DAYS = 7
LITTLE_DISK, NO_DISK = 1_000_000_000, 200_000_000  # bytes
PATIENCE = 5.0  # seconds for what is asked over the network
KEY_NAMES = (keys.SESSION, keys.DRAFT, keys.LOOPBACK, keys.DESK, keys.ACCESS_LOG)


@dataclass(frozen=True)
class Finding:
    """What was found, and for what is not well, what to do."""

    level: Level
    what: str
    do: str = ""


def doctor(home: Home, *, send: bool) -> int:
    """Print every finding. 0 when there is no fault, else 2. With `send`, receivers get a test delivery."""
    findings = list(examine(home, send=send))
    for finding in findings:
        print(f"{MARKS[finding.level]}  {finding.what}" + (f"\n       → {finding.do}" if finding.do else ""))
    faults, looks = (sum(finding.level == level for finding in findings) for level in ("fault", "look"))
    print(f"\n{faults} to put right, {looks} to look at, {len(findings) - faults - looks} well. Home: {home.state}")
    return 2 if faults else 0


def examine(home: Home, *, send: bool = False) -> Iterator[Finding]:
    """All findings on `home`; nothing is changed, but for the test deliveries of `send`."""
    if not home.clinic_file.exists():
        yield Finding("fault", f"There is no clinic in {home.root}.", "prp-guide init")
        return
    try:
        clinic = load_clinic(home.clinic_file)
    except DataError as fault:
        yield Finding("fault", f"clinic.yml: {fault}", "Edit that line; prp-guide check proves the file.")
        return
    yield from _clinic(clinic)
    for look in (_content, _files, _clock, _disk, _model, _backups, _running):
        yield from _guarded(look, home)
    yield from _guarded(lambda given: _deliveries(given, clinic, send), home)
    yield from _public_address(clinic)


def _guarded(look: Callable[[Home], Iterator[Finding]], home: Home) -> Iterator[Finding]:
    """One thing that cannot be looked at does not keep the others from being looked at."""
    try:
        yield from look(home)
    except (PRPGuideError, OSError, sqlite3.Error) as fault:
        yield Finding("fault", str(fault), "Put that right, then ask again.")


def _clinic(clinic: Clinic) -> Iterator[Finding]:
    yield Finding("well", f"clinic.yml: {clinic.name}, {clinic.phone_text}, {clinic.time_zone}.")
    if clinic.hours is None:
        yield Finding("look", "No opening hours: the chat promises no call time.", "Write hours: into clinic.yml.")
    if not clinic.allowed_origins:
        yield Finding("look", "No site may show the chat yet.", "prp-guide embed --origin https://your-clinic.example")


def _content(home: Home) -> Iterator[Finding]:
    from prp_guide.content import Library
    from prp_guide.red_flags import rulebook
    from prp_guide.red_flags.signing import unsigned

    library = Library.load(home)
    today = clock.now().date()
    stands = [(topic.id, topic.status(today)) for topic in library.topics.values()]
    for status, level, say, do in (
        ("overdue", "fault", "past their review date", "Read and approve them anew: docs/content.md."),
        ("review_soon", "look", "due for review within 30 days", "Read and approve them anew: docs/content.md."),
        ("pending", "look", "not approved by you yet", "Approve each in data/topics: docs/content.md."),
    ):
        names = [name for name, found in stands if found == status]
        if names:
            yield Finding(
                "fault" if level == "fault" else "look", f"{len(names)} answers are {say}: {_some(names)}.", do
            )
    rules = unsigned(rulebook.load(home))
    if rules:
        yield Finding("look", f"{len(rules)} red flags are not signed by a clinician.", "docs/safety.md lists them.")
    for name in own_content.waiting(home):
        yield Finding(
            "look",
            f"data/{name} was changed by you and by a new version; yours is in use.",
            f"Compare it with {home.state / own_content.OURS / name}, then delete that one.",
        )
    if not any(status == "overdue" for _, status in stands):
        yield Finding("well", f"Content: {len(stands)} topics, none past its review date.")


def _files(home: Home) -> Iterator[Finding]:
    found = [path for path in (home.state, home.keys, *sorted(home.keys.glob("*.key"))) if path.exists()]
    open_to_others = [path for path in found if path.stat().st_mode & 0o077]
    for path in open_to_others:
        yield Finding("fault", f"{path} can be read by others.", f"chmod go-rwx {path}")
    strangers = [path for path in found if path.stat().st_uid != os.getuid()]
    for path in strangers:
        yield Finding("look", f"{path} belongs to another account than yours.", "Run prp-guide as its owner.")
    missing = [name for name in KEY_NAMES if not (home.keys / name).exists()]
    if len(missing) == len(KEY_NAMES):
        yield Finding("look", "No keys yet.", "The first start makes them.")
    elif not open_to_others:
        yield Finding("well", f"Keys: {len(KEY_NAMES) - len(missing)}, readable by their owner alone.")


def _clock(home: Home) -> Iterator[Finding]:
    now = clock.now()
    if os.environ.get("PRP_TODAY"):
        yield Finding("fault", f"PRP_TODAY holds the date at {now:%Y-%m-%d}.", "Take it out of the environment.")
    shipped = max(datetime.fromtimestamp(path.stat().st_mtime, clock.UTC) for path in _own_code())
    if now < shipped - timedelta(days=1):
        yield Finding("fault", f"The clock says {now:%Y-%m-%d %H:%M} UTC, before this version.", "timedatectl status")
    else:
        yield Finding("well", f"Clock: {now:%Y-%m-%d %H:%M} UTC.")


def _own_code() -> list[Path]:
    return [Path(__file__), Path(clock.__file__)]


def _disk(home: Home) -> Iterator[Finding]:
    place = next(path for path in (home.state, *home.state.parents) if path.exists())
    free = shutil.disk_usage(place).free
    said = f"Disk: {free / 1e9:.1f} GB free at {place}."
    if free < LITTLE_DISK:
        yield Finding("fault" if free < NO_DISK else "look", said, "Make room: nothing can be stored on a full disk.")
    else:
        yield Finding("well", said)
    path = Path(home.database_url.removeprefix("sqlite:///"))
    if home.database_url.startswith("sqlite") and path.exists():
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE)) as database:
            (verdict,) = database.execute("PRAGMA quick_check").fetchone()
        if verdict == "ok":
            yield Finding("well", f"Database: whole, {path.stat().st_size / 1e6:.1f} MB.")
        else:
            yield Finding("fault", f"The database is damaged: {verdict}.", "Stop, copy PRP_HOME, restore a backup.")


def _model(home: Home) -> Iterator[Finding]:
    if model.current(home) is None:
        yield Finding("look", "The model is not of today's phrases.", "A restart trains it; or prp-guide train.")
    else:
        yield Finding("well", f"Model: {model.chosen(home).name}, current.")


def _backups(home: Home) -> Iterator[Finding]:
    try:
        last = json.loads((home.state / LAST).read_text(encoding="utf-8"))
        age = clock.now() - datetime.fromisoformat(last["at"])
    except (FileNotFoundError, ValueError, KeyError):
        yield Finding("look", "There has been no backup.", "prp-guide backup /another/disk/today: docs/operations.md")
        return
    if age > timedelta(days=BACKUP_DAYS) or not Path(last["folder"]).is_dir():
        yield Finding(
            "look", f"The last backup is old or gone: {age.days} days, {last['folder']}.", "docs/operations.md"
        )
    else:
        yield Finding("well", f"Backup: {age.days} days old, {last['folder']}. Try a restore now and then.")


def _running(home: Home) -> Iterator[Finding]:
    import httpx

    url = Addresses.from_env().url
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE, trust_env=False)
    except httpx.HTTPError:
        yield Finding("look", f"Nothing answers at {url}.", "prp-guide start; or set PORT as the service has it.")
        return
    if answer.status_code == 200:
        yield Finding("well", f"It answers at {url}.")
    else:
        yield Finding("fault", f"{url}/readyz says {answer.status_code}.", f"Read the logs in {home.logs}.")


def _deliveries(home: Home, clinic: Clinic, send: bool) -> Iterator[Finding]:
    settings = clinic.deliveries
    if not settings.receivers:
        yield Finding("look", "Nobody is told of requests: they stand in the inbox alone.", "docs/callbacks.md")
    for problem in settings.missing_secrets(home.root):
        yield Finding("fault", f"Deliveries: {problem}", "prp-guide desk test-delivery tries it.")
    if not send:
        if settings.receivers:
            yield Finding("well", f"Deliveries: {len(settings.receivers)} set up.", "doctor --send tries them.")
        return
    from secrets import token_hex

    from prp_guide.frontdesk.letters import Letter
    from prp_guide.frontdesk.outbox import TEST
    from prp_guide.frontdesk.senders import Senders

    senders = Senders(settings, home.root)
    for receiver in settings.receivers:
        try:
            senders.send(receiver, Letter(token_hex(16), TEST, clock.now(), inbox_url=settings.inbox_url))
        except DeliveryError as fault:
            yield Finding("fault", f"{receiver.name} does not take deliveries: {fault}", "docs/callbacks.md")
        else:
            yield Finding("well", f"{receiver.name} took a test delivery.")


def _public_address(clinic: Clinic) -> Iterator[Finding]:
    import httpx

    url = clinic.deliveries.inbox_url
    if url is None:
        yield Finding(
            "look",
            "No public address is known, so TLS was not looked at.",
            "Write deliveries: {inbox_url: https://...} into clinic.yml.",
        )
        return
    if url.startswith("http:"):
        yield Finding("fault", f"{url} has no TLS: patients' words would go in the clear.", "docs/operations.md")
        return
    try:
        trust = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
        answer = httpx.get(f"{url}/healthz", timeout=PATIENCE, verify=trust)
    except (httpx.HTTPError, ssl.SSLError, OSError) as fault:
        yield Finding("fault", f"{url} cannot be reached with TLS: {fault}", "Look at the proxy: docs/operations.md")
        return
    if answer.status_code != 200:
        yield Finding("fault", f"{url}/healthz says {answer.status_code}.", "Does the proxy lead to PRP Guide?")
    elif "strict-transport-security" not in answer.headers:
        yield Finding(
            "look",
            f"{url} has TLS, and PRP Guide does not know it: every patient counts as one address.",
            "Name the proxy in PRP_PROXIES: docs/security.md",
        )
    else:
        yield Finding("well", f"TLS: {url} answers.")


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
