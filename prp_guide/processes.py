"""The three processes: where each listens, and how it is started.

web      the widget, the chat API, the inbox    HOST:PORT               127.0.0.1:8080
rasa     intents, rules, replies                127.0.0.1:RASA_PORT     127.0.0.1:5005
actions  the callback form                      127.0.0.1:ACTIONS_PORT  127.0.0.1:5055

PRP_RASA and PRP_ACTIONS say how many of them run, at ports in a row: 5005, 5006, ... Two of rasa where there are
processors for them, because understanding is most of the work, and one answers while the other starts again.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from prp_guide import metrics, model, replicas
from prp_guide.environment import environment
from prp_guide.errors import DataError, SetupError
from prp_guide.home import Home
from prp_guide.supervisor import Program

LOOPBACK = "127.0.0.1"
MOST_REPLICAS = 16
LAST_PORT = 65_535
RASA_BY_DEFAULT = min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Addresses:
    """Where the processes listen."""

    host: str = LOOPBACK
    port: int = 8080
    rasa_port: int = 5005
    actions_port: int = 5055
    rasa: int = 1
    actions: int = 1

    @classmethod
    def from_env(cls, given: Mapping[str, str] = os.environ) -> Addresses:
        """As HOST, PORT, RASA_PORT, ACTIONS_PORT, PRP_RASA and PRP_ACTIONS say. Raises SetupError for no number."""
        addresses = cls(
            given.get("HOST") or cls.host,
            _port(given, "PORT", cls.port),
            _port(given, "RASA_PORT", cls.rasa_port),
            _port(given, "ACTIONS_PORT", cls.actions_port),
            _count(given, "PRP_RASA", RASA_BY_DEFAULT),
            _count(given, "PRP_ACTIONS", cls.actions),
        )
        named: dict[int, str] = {}
        for variable, _, port in addresses.all():
            if port > LAST_PORT:
                raise SetupError(f"{variable} is {port} for the last of them. Choose one that is lower.")
            if port in named:
                raise SetupError(f"{named[port]} and {variable} are both {port}. Each process needs its own port.")
            named[port] = variable
        return addresses

    def all(self) -> list[tuple[str, str, int]]:
        """Each port: the variable that sets it, the host, the port."""
        return [
            ("PORT", self.host, self.port),
            *(("RASA_PORT", LOOPBACK, port) for port in self.rasa_ports),
            *(("ACTIONS_PORT", LOOPBACK, port) for port in self.actions_ports),
        ]

    @property
    def rasa_ports(self) -> range:
        return range(self.rasa_port, self.rasa_port + self.rasa)

    @property
    def actions_ports(self) -> range:
        return range(self.actions_port, self.actions_port + self.actions)

    def check_free(self) -> None:
        """Raises SetupError, with what to do, when one of the ports cannot be had."""
        for variable, host, port in self.all():
            _check_free(variable, host, port)

    @property
    def local_only(self) -> bool:
        """Whether nobody but this machine can reach the public process."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def reachable_host(self) -> str:
        """A host under which this machine reaches the public process, whatever it listens on."""
        host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        return f"http://{self.reachable_host}:{self.port}"


def check_limits(addresses: Addresses, given: Mapping[str, str] = os.environ) -> bool:
    """Whether rate limits are on. Raises SetupError when they are switched off where others can come in."""
    wish = given.get("PRP_LIMITS", "on").lower()
    if wish in ("on", ""):
        return True
    if wish != "off":
        raise SetupError(f"PRP_LIMITS is {wish!r}. Write PRP_LIMITS=off, or leave it out.")
    if not addresses.local_only:
        raise SetupError(
            f"PRP_LIMITS=off is for measuring on this machine, and HOST={addresses.host} lets others in.\n"
            "    Leave one of the two out."
        )
    return False


def programs(home: Home, addresses: Addresses) -> list[Program]:
    """The processes of the installation `home`: web, and as many as are wished of rasa and actions."""
    rasa_urls, actions_urls = _urls(addresses.rasa_ports), _urls(addresses.actions_ports)
    replicas.note_running(home, rasa_urls)
    common = environment(
        home,
        HOST=addresses.host,
        PORT=str(addresses.port),
        RASA_PORT=str(addresses.rasa_port),
        ACTIONS_PORT=str(addresses.actions_port),
        PRP_RASA_URL=",".join(rasa_urls),
        PRP_ACTIONS_URL=",".join(actions_urls),
    )

    made = [
        Program("web", _web, common),
        *(
            Program(name, partial(_rasa, home, LOOPBACK, port), common)
            for name, port in _named("rasa", addresses.rasa_ports)
        ),
        *(
            Program(name, partial(_actions, port), {**common, "SANIC_HOST": LOOPBACK})
            for name, port in _named("actions", addresses.actions_ports)
        ),
    ]
    first = common.get(metrics.PORT)
    if not first:
        return made
    port = _port(common, metrics.PORT, 9400)
    return [
        replace(program, environment={**program.environment, metrics.PORT: str(port + number)})
        for number, program in enumerate(made)
    ]


def single(home: Home, addresses: Addresses, kind: str) -> Program:
    """One process, web, rasa or actions, as it runs where nothing of ours watches it: it listens on HOST.

    Where the others are stands in PRP_RASA_URL and PRP_ACTIONS_URL. Raises SetupError when others could speak to it.
    """
    from prp_guide import keys

    if kind != "web" and not addresses.local_only and keys.shared_secret() is None:
        raise SetupError(
            f"HOST={addresses.host} lets others speak to {kind}. Set {keys.SHARED} to the same secret in all processes."
        )
    common = environment(home, HOST=addresses.host, PORT=str(addresses.port))
    if kind == "web":
        return Program(kind, _web, common)
    if kind == "rasa":
        return Program(kind, partial(_rasa, home, addresses.host, addresses.rasa_port), common)
    return Program(kind, partial(_actions, addresses.actions_port), {**common, "SANIC_HOST": addresses.host})


def _web() -> list[str]:
    return [sys.executable, "-m", "prp_guide.web"]


def _rasa(home: Home, host: str, port: int) -> list[str]:
    # fmt: off
    return [
        sys.executable, "-m", "prp_guide.lean_rasa", "run",
        "--model", str(model.chosen(home)),
        "--endpoints", str(endpoints_file(home)),
        "--credentials", str(home.program_file("credentials.yml")),
        "-i", host, "-p", str(port),
    ]
    # fmt: on


def _actions(port: int) -> list[str]:
    return [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]


def _named(kind: str, ports: Sequence[int]) -> list[tuple[str, int]]:
    """rasa, rasa-2, rasa-3: the first keeps the name that it has alone."""
    return [(kind if number == 1 else f"{kind}-{number}", port) for number, port in enumerate(ports, start=1)]


def _urls(ports: Sequence[int]) -> list[str]:
    return [f"http://{LOOPBACK}:{port}" for port in ports]


def endpoints_file(home: Home) -> Path:
    """The endpoints that Rasa is started with: the project's, or those adapted to other ports."""
    adapted = adapted_endpoints(home)
    return adapted if adapted.exists() else home.program_file("endpoints.yml")


def adapted_endpoints(home: Home) -> Path:
    return home.state / "run" / "endpoints.yml"


def write_endpoints(home: Home, addresses: Addresses) -> None:
    """Adapt endpoints.yml to the port of the actions, or remove an earlier adaptation. Raises DataError."""
    import yaml  # the supervisor's process stays small without these

    from prp_guide import keys
    from prp_guide.yaml_file import read_plain

    source, target = home.program_file("endpoints.yml"), adapted_endpoints(home)
    endpoints = read_plain(source)
    entry = endpoints.get("action_endpoint") if isinstance(endpoints, dict) else None
    url = entry.get("url") if isinstance(entry, dict) else None
    if not isinstance(url, str):
        raise DataError(
            source,
            None,
            "no address of the action server",
            "Add: action_endpoint: {url: http://127.0.0.1:5055/webhook}",
        )
    parts = urlsplit(url)
    shared = keys.shared_secret() is not None
    if parts.port == addresses.actions_port and not shared:
        target.unlink(missing_ok=True)
        return
    endpoints["action_endpoint"]["url"] = parts._replace(netloc=f"{LOOPBACK}:{addresses.actions_port}").geturl()
    if shared:  # Rasa reads it from the environment, so that it stands in no file
        endpoints["action_endpoint"]["headers"] = {"Authorization": f"Bearer ${{{keys.SHARED}}}"}
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")  # others may read it at the same time
    part.write_text(yaml.safe_dump(endpoints, sort_keys=False), encoding="utf-8")
    part.replace(target)


def _port(given: Mapping[str, str], variable: str, default: int) -> int:
    text = given.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise SetupError(f"{variable} is {text!r}. Write a number from 1 to 65535, such as {variable}={default}.")
    return int(text)


def _count(given: Mapping[str, str], variable: str, default: int) -> int:
    text = given.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST_REPLICAS:
        raise SetupError(f"{variable} is {text!r}. Write how many are to run, from 1 to {MOST_REPLICAS}: {variable}=2.")
    return int(text)


def _check_free(variable: str, host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise SetupError(f"HOST={host} is no address of this machine. Write HOST=127.0.0.1 or 0.0.0.0.") from None
    other = port + 10 if port + 10 < 65_536 else 8090
    taken = SetupError(
        f"Port {port} on {host} is taken by another program.\n"
        f"    Stop that one, or choose another port: {variable}={other} make start"
    )
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except PermissionError:
            raise SetupError(
                f"Port {port} may only be opened by root. Choose one above 1023: {variable}=8080 make start"
            ) from None
        except OSError as fault:
            if fault.errno == errno.EADDRINUSE:
                raise taken from None
            raise SetupError(f"HOST={host} cannot be listened on: {fault.strerror}.") from None
    local = ({"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, address[0]), *address[1:])  # noqa: S104
    with socket.socket(family, kind, protocol) as caller:
        caller.settimeout(1)
        if caller.connect_ex(local) == 0:  # macOS lets us bind beside one who listens on all addresses
            raise taken
