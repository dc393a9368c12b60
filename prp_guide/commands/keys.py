"""`prp-guide rotate-keys`: new secrets in place of those that somebody may have seen."""

from __future__ import annotations

from prp_guide import keys
from prp_guide.home import Home

# What a new key costs.
WHAT_FOLLOWS = {
    keys.SESSION: "chats under way end; patients begin a new one",
    keys.DRAFT: "callbacks in progress are sealed anew",
    keys.LOOPBACK: "nothing that anybody sees",
    keys.DESK: "open forms of the inbox must be opened again; sign out everywhere under People",
}
NOT_ACCESS_LOG = (
    "access-log.key stays: a new one would make the whole log look forged. If somebody has seen it, note the head of\n"
    "prp-guide privacy verify-log, keep a backup as proof, and ask counsel."
)


def rotate(home: Home) -> int:
    """Make every key anew but that of the access log, while nothing runs; print what follows. Raises SetupError."""
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk import DraftStore
    from prp_guide.supervisor import only_one

    with only_one(home.state):
        migrate(home.database_url)
        drafts = DraftStore(open_database(home, durable=True), keys.fernet(home, keys.DRAFT))
        resealed = drafts.reseal(keys.renew(home, keys.DRAFT))
        for name in (keys.SESSION, keys.LOOPBACK, keys.DESK):
            keys.renew(home, name)
    for name, effect in WHAT_FOLLOWS.items():
        print(f"{name}: new; {effect}{f' ({resealed})' if name == keys.DRAFT else ''}.")
    print(NOT_ACCESS_LOG)
    return 0
