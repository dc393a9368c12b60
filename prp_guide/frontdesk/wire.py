"""Connections to receivers: only to addresses that were checked, and never for longer than is allowed.

The clinic's settings name hosts; what a name stands for is up to whoever owns it, and may change between a look and
the call. So each connection resolves the name itself, refuses it when any of its addresses lies inside, and connects
to one of those that it has just checked. Addresses inside are for hosts that `internal_hosts` names.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from time import monotonic
from types import TracebackType
from typing import Any

from prp_guide.delivery_settings import is_listed
from prp_guide.errors import AddressRefused, DeliveryError

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 10.0, 15.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# Written out: what Python calls global differs from version to version.
# fmt: off
_NOT_PUBLIC = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# What a host named in internal_hosts may stand for. Not link-local: there clouds keep their machines' passwords.
_PRIVATE = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
)
# fmt: on
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether `address` is one of the internet at large."""
    address = _bare(address)
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC)


def is_allowed(host: str, address: Address, internal: tuple[str, ...]) -> bool:
    """Whether `host` may be reached at `address`, with the `internal_hosts` of the settings."""
    address = _bare(address)
    if is_public(address) or is_listed(str(address), internal):
        return True
    return is_listed(host, internal) and any(address in network for network in _PRIVATE)


def _bare(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class Wire:
    """The connections of one attempt: all end, and raise what a broken connection raises, when its time is over.

    with Wire(internal_hosts) as wire:
        connection = wire.connect("hooks.practice.example", 443)
    """

    def __init__(self, internal: tuple[str, ...] = (), *, seconds: float = WHOLE_SECONDS) -> None:
        self._internal = internal
        self._seconds = seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._over = False

    def __enter__(self) -> Wire:
        self._end = monotonic() + self._seconds
        self._timer = threading.Timer(self._seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._watched:
                watched.close()
            self._watched.clear()

    @property
    def over(self) -> bool:
        """Whether the time ran out."""
        return self._over

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to `host`. Raises AddressRefused, DeliveryError."""
        found = self._resolve(host, port)
        for *_, address in found:
            # Every one: with two addresses, one of them inside, somebody is trying something.
            if not is_allowed(host, ipaddress.ip_address(str(address[0]).partition("%")[0]), self._internal):
                raise AddressRefused(
                    f"{host} stands for an address inside ({address[0]}). "
                    f"If it is meant to, name {host} under internal_hosts."
                )
        last: OSError | None = None
        for family, kind, protocol, _, address in found[:4]:
            made = socket.socket(family, kind, protocol)
            made.settimeout(max(0.1, min(CONNECT_SECONDS, self._end - monotonic())))
            self._watch(made)
            try:
                made.connect(address)
                return made
            except OSError as fault:
                made.close()
                last = fault
        why = "did not answer" if isinstance(last, TimeoutError) else "refused the connection"
        raise DeliveryError(f"{host} {why} on port {port}.")

    def _resolve(self, host: str, port: int) -> list[Any]:
        """What the system knows of the name; it takes its time by itself, so it is asked in a thread that is left."""
        found: list[Any] = []

        def ask() -> None:
            with contextlib.suppress(OSError, UnicodeError):
                found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(max(0.1, min(CONNECT_SECONDS, self._end - monotonic())))
        if not found:
            raise DeliveryError(f"{host} has no address that could be found.")
        return list(found)

    def _watch(self, made: socket.socket) -> None:
        # A second handle on the same connection: TLS takes the first one over and hides it.
        with self._lock:
            self._watched.append(made.dup())

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            for watched in self._watched:
                with contextlib.suppress(OSError):
                    watched.shutdown(socket.SHUT_RDWR)
