"""Several processes of one kind: where they are, and which of them a conversation belongs to.

A conversation goes to the first in an order of its own (rendezvous hashing), and to the next one while that is away:
no other conversation moves with it, and all web processes agree without talking to each other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from urllib.parse import urlsplit

from prp_guide.errors import SetupError
from prp_guide.home import Home

RASA, ACTIONS = "PRP_RASA_URL", "PRP_ACTIONS_URL"
DEFAULT_URLS = {RASA: "http://127.0.0.1:5005", ACTIONS: "http://127.0.0.1:5055"}


def addresses(variable: str, given: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The addresses in `variable`, with commas between them; the default one where it is not set.

    Raises SetupError for what is no address, and for one elsewhere where no shared secret is set.
    """
    from prp_guide import keys  # the supervisor, which stays small, needs none

    text = given.get(variable) or DEFAULT_URLS[variable]
    found = tuple(dict.fromkeys(part.rstrip("/") for part in re.split(r"[,\s]+", text) if part))
    for url in found:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in ("http", "https"):
            raise SetupError(f"{variable} holds {url!r}, which is no address. Write {DEFAULT_URLS[variable]}.")
        if not keys.is_loopback(host) and keys.shared_secret() is None:
            raise SetupError(
                f"{variable}={url} is another machine. Set {keys.SHARED} to the same secret on both, or leave it out."
            )
    return found


def order(conversation: str, names: Iterable[str]) -> list[str]:
    """`names` in the order in which `conversation` turns to them."""
    return sorted(names, key=lambda name: blake2b(f"{conversation}\0{name}".encode(), digest_size=8).digest())


def note_running(home: Home, urls: Iterable[str]) -> None:
    """Write down where the Rasa processes of `home` listen, for commands that are given in another terminal."""
    path = home.state / "run" / "rasa-urls"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(",".join(urls), encoding="utf-8")


def running(home: Home) -> tuple[str, ...]:
    """Where the Rasa processes of `home` listen: as the environment says, else as they were started last."""
    if os.environ.get(RASA):
        return addresses(RASA)
    try:
        noted = (home.state / "run" / "rasa-urls").read_text(encoding="utf-8")
    except OSError:
        noted = f"http://127.0.0.1:{os.environ.get('RASA_PORT') or 5005}"
    return addresses(RASA, {RASA: noted})
