"""`prp-guide embed`: what a site needs to show the chat."""

from __future__ import annotations

from prp_guide.clinic import load_clinic, parse_origin
from prp_guide.errors import SetupError
from prp_guide.home import Home
from prp_guide.processes import Addresses

STEPS = """\
1. On every page of {origin} that is to show the chat, before </body>:

       <script defer src="{address}/widget.js"></script>

2. If the site sends a Content-Security-Policy, these belong in it (the chat needs nothing else):

       script-src {address};
       connect-src {address};

3. In clinic.yml of PRP Guide{already}:

       allowed_origins: [{allowed}]

{restart}docs/widget.md has WordPress, Wix, Squarespace, colours and languages.
"""
LOCAL = """
{address} is this machine only. Visitors need the public address of this server, with https:
    prp-guide embed --origin {origin} --address https://chat.your-clinic.example
"""


def embed(home: Home, *, origin: str, address: str | None) -> int:
    """Print the tag, the lines for the site's content policy and the line for clinic.yml.

    `address` is where visitors reach the web process; without it, the front desk's address of clinic.yml, else this
    machine's own. Raises DataError, and SetupError for what is no origin.
    """
    clinic = load_clinic(home.clinic_file)
    origin = _origin("--origin", origin)
    local = Addresses.from_env().url
    address = _origin("--address", address) if address else clinic.deliveries.inbox_url or local
    known = origin in clinic.allowed_origins
    allowed = clinic.allowed_origins if known else (*clinic.allowed_origins, origin)
    print(
        STEPS.format(
            origin=origin,
            address=address,
            allowed=", ".join(allowed),
            already=", where it stands already" if known else "",
            restart="" if known else "   Then start PRP Guide again.\n\n",
        ),
        end="",
    )
    if address == local:
        print(LOCAL.format(address=address, origin=origin), end="")
    return 0


def _origin(option: str, value: str) -> str:
    try:
        return parse_origin(value.removesuffix("/"))
    except ValueError as fault:
        raise SetupError(f"{option}: {fault}.") from None
