"""`prp-guide desk ...`: the front desk from the command line."""

from __future__ import annotations

import json
import sys
from secrets import token_hex

from prp_guide.errors import DeliveryError, SetupError
from prp_guide.home import Home


def export(home: Home, *, form: str) -> int:
    """Print every callback request, oldest first, as `form`, json or csv. Raises DataError."""
    from prp_guide.clinic import load_clinic
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk import CallbackStore, export_callbacks, export_csv

    migrate(home.database_url)
    store = CallbackStore.of(open_database(home), load_clinic(home.clinic_file))
    if form == "csv":
        sys.stdout.write(export_csv(store))
    else:
        print(json.dumps(export_callbacks(store), indent=2, ensure_ascii=False))
    return 0


def sign_in_link(home: Home) -> int:
    """Print an address that signs its first visitor in to the inbox, once."""
    from prp_guide.database import migrate, open_database
    from prp_guide.frontdesk.sign_in import link_path, make_link
    from prp_guide.processes import Addresses

    migrate(home.database_url)
    print(Addresses.from_env().url + link_path(make_link(open_database(home, durable=True))))
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
