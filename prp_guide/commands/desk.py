"""`prp-guide desk ...`: the front desk from the command line."""

from __future__ import annotations

import json
import sys
from secrets import token_hex

from prp_guide.errors import DeliveryError, DeskError, SetupError
from prp_guide.home import Home


def export(home: Home, *, form: str) -> int:
    """Print every callback request, oldest first, as `form`, json or csv. Raises DataError."""
    from prp_guide.clinic import load_clinic
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk import CallbackStore, export_callbacks, export_csv
    from prp_guide.privacy.access_log import COMMAND, EXPORTED, AccessLog

    migrate(home.database_url)
    store = CallbackStore.of(open_database(home), load_clinic(home.clinic_file))
    AccessLog.of(home).write(COMMAND, EXPORTED, detail="every request")
    if form == "csv":
        sys.stdout.write(export_csv(store))
    else:
        print(json.dumps(export_callbacks(store), indent=2, ensure_ascii=False))
    return 0


def add_user(home: Home, *, name: str, role: str, with_password: bool) -> int:
    """Add a person to the front desk; print a sign-in link for them, or take their password.

    The password is asked for on a terminal, and read from standard input otherwise. Raises DeskError, and then
    nobody was added.
    """
    import getpass

    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.users import Users
    from prp_guide.privacy.access_log import COMMAND, PEOPLE, AccessLog

    migrate(home.database_url)
    users = Users(open_database(home, durable=True))
    password = ""
    if with_password:
        typed = getpass.getpass(f"Password of {name}: ") if sys.stdin.isatty() else sys.stdin.readline()
        password = typed.rstrip("\n")
    user = users.add(name, role)
    AccessLog.of(home).write(COMMAND, PEOPLE, detail=f"added: {user.name} ({user.role})")
    if with_password:
        try:
            users.set_password(user.name, password)
        except DeskError:
            users.remove(user.name)
            raise
        print(f"{user.name} ({user.role}) signs in at /desk/sign-in.")
        return 0
    print(f"{user.name} ({user.role}) signs in with this link, once, within 15 minutes:")
    return sign_in_link(home, name=user.name)


def remove_user(home: Home, *, name: str) -> int:
    """Take a person off, and end their sessions. Raises DeskError."""
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.users import Users
    from prp_guide.privacy.access_log import COMMAND, PEOPLE, AccessLog

    migrate(home.database_url)
    Users(open_database(home, durable=True)).remove(name)
    AccessLog.of(home).write(COMMAND, PEOPLE, detail=f"removed: {name}")
    print(f"{name} is removed. What they did stays in the histories.")
    return 0


def users(home: Home) -> int:
    """Print who is at the front desk: name, role, how they sign in."""
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.users import Users

    migrate(home.database_url)
    for user in Users(open_database(home, durable=True)).every():
        print(f"{user.name}\t{user.role}\t{'password or link' if user.has_password else 'link'}")
    return 0


def sign_in_link(home: Home, *, name: str | None = None) -> int:
    """Print an address that signs `name`, or the first owner, in to the inbox, once. Raises DeskError."""
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.sign_in import link_path, make_link
    from prp_guide.frontdesk.users import Users
    from prp_guide.privacy.access_log import COMMAND, PEOPLE, AccessLog
    from prp_guide.processes import Addresses

    migrate(home.database_url)
    engine = open_database(home, durable=True)
    people = Users(engine)
    user = people.require(name) if name else people.first()
    AccessLog.of(home).write(COMMAND, PEOPLE, detail=f"link: {user.name}")
    print(Addresses.from_env().url + link_path(make_link(engine, user.name)))
    return 0


def test_delivery(home: Home, *, name: str | None) -> int:
    """Send a test to every receiver of clinic.yml, or to the one called `name`; print how each went.

    0 when all have taken it, else 2. Raises DataError, and SetupError when there is nobody to send to.
    """
    from prp_guide import clock
    from prp_guide.clinic import load_clinic
    from prp_guide.frontdesk.letters import Letter
    from prp_guide.frontdesk.outbox import TEST
    from prp_guide.frontdesk.senders import Senders

    settings = load_clinic(home.clinic_file).deliveries
    if not settings.receivers:
        raise SetupError(
            "clinic.yml names no receivers, so requests are seen in the inbox only. See docs/callbacks.md."
        )
    chosen = [receiver for receiver in settings.receivers if name in (None, receiver.name)]
    if not chosen:
        known = ", ".join(receiver.name for receiver in settings.receivers)
        raise SetupError(f"clinic.yml names no receiver {name!r}. It names: {known}")
    senders = Senders(settings, home.root)
    failures = 0
    for receiver in chosen:
        letter = Letter(token_hex(16), TEST, clock.now(), inbox_url=settings.inbox_url)
        try:
            senders.send(receiver, letter)
        except DeliveryError as fault:
            failures += 1
            print(f"{receiver.name}: not delivered. {fault}", file=sys.stderr)
        else:
            print(f"{receiver.name}: delivered.")
    return 2 if failures else 0
