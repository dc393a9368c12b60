"""The proxies in front, whose word on a client's address is taken: those that `PRP_PROXIES` names, nobody else's.

    PRP_PROXIES=127.0.0.1            a proxy on the same machine
    PRP_PROXIES=10.0.3.0/28,::1      any of several

A proxy must add the address that it sees to X-Forwarded-For; uvicorn takes the last one there that is no proxy.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from prp_guide.errors import SetupError

log = logging.getLogger(__name__)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """The networks of the proxies."""

    def __init__(self, networks: tuple[Network, ...] = ()) -> None:
        self.networks = networks

    @classmethod
    def from_env(cls, given: Mapping[str, str] = os.environ) -> Proxies:
        """Those that `PRP_PROXIES` names. Raises SetupError for what is no address, and for all addresses."""
        found = []
        for text in filter(None, (part.strip() for part in given.get("PRP_PROXIES", "").split(","))):
            try:
                network = ipaddress.ip_network(text)
            except ValueError:
                raise SetupError(
                    f"PRP_PROXIES has {text!r}, which is no address. "
                    "Write addresses or networks of your proxies, such as PRP_PROXIES=127.0.0.1,10.0.3.0/28."
                ) from None
            if network.prefixlen == 0:
                raise SetupError(
                    f"PRP_PROXIES={text} would believe everybody. Write the addresses of your own proxies."
                )
            found.append(network)
        return cls(tuple(found))

    def __contains__(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.networks)

    @property
    def names(self) -> list[str]:
        """As uvicorn takes them."""
        return [str(network) for network in self.networks]


class UnknownProxy:
    """Says once in the log that a proxy seems to be in front that nobody has named: all its clients count as one."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self.app = app
        self._looking = not proxies.networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._looking and any(name == b"x-forwarded-for" for name, _ in scope.get("headers", ())):
            self._looking = False
            log.warning(
                "A request came with X-Forwarded-For and PRP_PROXIES is not set. If a proxy is in front, name its "
                "address there: until then all patients behind it share one address's limits."
            )
        await self.app(scope, receive, send)
