"""`prp-guide privacy ...`: what is kept of a number, its erasure, what outlived its time, proof of the access log."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from prp_guide.errors import DataError
from prp_guide.home import Home

if TYPE_CHECKING:
    from prp_guide.frontdesk import DraftStore
    from prp_guide.frontdesk.dossier import Dossier


def purge(home: Home) -> int:
    """Remove what has outlived its time, from the disk as well; print how much. Raises DataError."""
    from prp_guide.clinic import load_clinic
    from prp_guide.database import open_database
    from prp_guide.frontdesk import sign_in
    from prp_guide.privacy.retention import clear_copies, purge_conversations

    dossier = _dossier(home)
    kept = load_clinic(home.clinic_file).privacy
    engine = open_database(home, durable=True)
    conversations = purge_conversations(engine, kept.conversation_days)
    requests = dossier.purge(kept.request_days)
    _drafts(home).purge()
    sign_in.purge(engine)
    copies = clear_copies(engine, kept.conversation_days)
    print(
        f"Removed: {conversations} conversations older than {kept.conversation_days} days, "
        f"{len(requests)} requests done for {kept.request_days} days, {copies} old copies of the database."
    )
    return _wiped(home)


def export(home: Home, *, phone: str) -> int:
    """Print all that is kept of `phone`, as JSON. Raises CallbackInvalid."""
    from prp_guide.privacy.access_log import COMMAND

    print(json.dumps(_dossier(home).export(phone, COMMAND), indent=2, ensure_ascii=False))
    return 0


def erase(home: Home, *, phone: str) -> int:
    """Erase all that is kept of `phone`, from the disk as well; print which requests. Raises CallbackInvalid."""
    from prp_guide.clinic import load_clinic
    from prp_guide.database import open_database
    from prp_guide.privacy.access_log import COMMAND
    from prp_guide.privacy.retention import clear_copies

    erased = _dossier(home).erase(phone, COMMAND)
    clear_copies(open_database(home, durable=True), load_clinic(home.clinic_file).privacy.conversation_days)
    names = ", ".join(erased.references) or "no request"
    print(f"Erased: {names}; {erased.conversations} conversations under way.")
    return _wiped(home)


def verify_log(home: Home, *, heads: list[str]) -> int:
    """Prove the access log, with `heads` and those in web's log; print its head. Raises AccessLogBroken, DataError."""
    from prp_guide.database import migrate
    from prp_guide.privacy.access_log import HEAD_LINE, AccessLog, Head

    known = []
    for text in heads:
        found = list(Head.found_in(text))
        if not found:
            raise DataError(
                "--head", None, f"{text!r} is no head of the log", "Write number:hmac, as the e-mail has it."
            )
        known += found
    for path in sorted(home.logs.glob("web.log*")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        known += [head for line in lines if HEAD_LINE in line for head in Head.found_in(line)]
    migrate(home.database_url)
    head = AccessLog.of(home).verify(known)
    if head is None:
        print("The access log is empty.")
    else:
        print(f"The access log is whole: {head.number} entries, {len(known)} heads kept of them fit.\nHead: {head}")
    return 0


def _dossier(home: Home) -> Dossier:
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.dossier import Dossier
    from prp_guide.privacy.access_log import AccessLog

    migrate(home.database_url)
    return Dossier(open_database(home, durable=True), _drafts(home), AccessLog.of(home))


def _drafts(home: Home) -> DraftStore:
    from prp_guide import keys
    from prp_guide.database import open_database
    from prp_guide.frontdesk import DraftStore

    return DraftStore(open_database(home), keys.fernet(home, keys.DRAFT))


def _wiped(home: Home) -> int:
    from prp_guide.database import open_database
    from prp_guide.privacy.retention import wipe_soon

    if wipe_soon(open_database(home, durable=True), whole=True, seconds=30):
        return 0
    print(
        "It is erased, but the database is too busy to take it off the disk. Run: prp-guide privacy purge",
        file=sys.stderr,
    )
    return 1
