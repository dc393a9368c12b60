"""The installation's secrets: made once, kept under `PRP_HOME/keys`, readable by their owner only."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from prp_guide.errors import SetupError
from prp_guide.home import Home

SHARED = "PRP_SHARED_SECRET"  # set where Rasa or the action server run on other hosts than web
SHORTEST_SHARED = 32

SESSION = "session.key"  # signs chat sessions
DRAFT = "draft.key"  # encrypts callbacks in progress
LOOPBACK = "loopback.key"  # web proves itself to Rasa with it
DESK = "desk.key"  # signs front desk sessions
ACCESS_LOG = "access-log.key"  # chains the access log


def read_key(home: Home, name: str) -> bytes:
    """The key called `name`, made on first use. All are url-safe base64 of 32 bytes, as Fernet wants them."""
    path = home.keys / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _make(path)


def renew(home: Home, name: str) -> Fernet:
    """Make the key called `name` anew, and give a cipher on it."""
    (home.keys / name).unlink(missing_ok=True)
    return fernet(home, name)


def fernet(home: Home, name: str) -> Fernet:
    """A cipher on the key called `name`."""
    return Fernet(read_key(home, name))


def shared_secret() -> bytes | None:
    """What our processes on several hosts prove themselves with, None on one host. Raises SetupError if it is weak."""
    value = os.environ.get(SHARED, "").encode()
    if not value:
        return None
    if len(value) < SHORTEST_SHARED:
        raise SetupError(
            f"{SHARED} is too short. Give it {SHORTEST_SHARED} characters or more, the same on every host."
        )
    return value


def loopback_secret(home: Home) -> bytes:
    """What web proves itself to Rasa with: the shared secret, or on one host the key of this installation."""
    return shared_secret() or read_key(home, LOOPBACK)


def is_loopback(address: str) -> bool:
    """Whether `address` is one of this machine alone."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address == "localhost"
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = Fernet.generate_key()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails when another process was first, a rename would overwrite its key.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
