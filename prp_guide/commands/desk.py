"""`prp-guide desk ...`: the front desk from the command line."""

from __future__ import annotations

import json
import sys

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
