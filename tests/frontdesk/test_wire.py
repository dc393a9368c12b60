"""Where a delivery may go: nowhere inside, unless the settings name the host; and not for longer than is allowed."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time as real_time
from collections.abc import Iterator
from typing import Any

import pytest

from prp_guide.errors import AddressRefused, DeliveryError
from prp_guide.frontdesk.wire import Wire, is_allowed, is_public

INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.3.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("text", INSIDE)
def test_inside(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    assert not is_allowed("hooks.example", ipaddress.ip_address(text), ("other.example", "192.0.2.77"))


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))
    assert is_allowed("hooks.example", ipaddress.ip_address(text), ())


@pytest.mark.parametrize(
    ("host", "address", "internal", "allowed"),
    [
        ("mail.clinic.lan", "192.168.4.5", ("mail.clinic.lan",), True),
        ("MAIL.clinic.lan.", "192.168.4.5", ("mail.clinic.lan",), True),
        ("mail.clinic.lan", "192.168.4.5", ("clinic.lan",), False),
        ("mail.clinic.lan", "192.168.4.5", ("192.168.4.0/24",), True),
        ("mail.clinic.lan", "192.168.5.5", ("192.168.4.0/24",), False),
        ("mail.clinic.lan", "::ffff:192.168.4.5", ("192.168.4.5",), True),
        ("mail.clinic.lan", "fd00::5", ("mail.clinic.lan",), True),
        ("localhost", "127.0.0.1", ("localhost",), True),
        # A name stands for what its owner wants: where clouds keep passwords must be named by its address.
        ("mail.clinic.lan", "169.254.169.254", ("mail.clinic.lan",), False),
        ("mail.clinic.lan", "169.254.169.254", ("169.254.169.254",), True),
        ("mail.clinic.lan", "0.0.0.0", ("mail.clinic.lan",), False),
        ("mail.clinic.lan", "fe80::1", ("mail.clinic.lan",), False),
    ],
)
def test_hosts_of_the_settings(host: str, address: str, internal: tuple[str, ...], allowed: bool) -> None:
    assert is_allowed(host, ipaddress.ip_address(address), internal) is allowed


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(0.2)
        yield made


# Other ways to write 127.0.0.1 that the system's resolver knows.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1"])
def test_nobody_connects_inside(host: str, listener: socket.socket) -> None:
    with Wire() as wire, pytest.raises(DeliveryError, match=r"address inside|could be found"):
        wire.connect(host, listener.getsockname()[1])
    with pytest.raises(TimeoutError):
        listener.accept()


def test_unless_the_settings_say_so(listener: socket.socket) -> None:
    with Wire(("127.0.0.1",)) as wire:
        wire.connect("127.0.0.1", listener.getsockname()[1]).close()
        listener.accept()[0].close()


def answers(*addresses: str) -> Any:
    """The name service's answer."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]


def test_one_address_inside_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("8.8.8.8", "10.0.0.1"))
    with Wire() as wire, pytest.raises(AddressRefused, match=r"hooks\.example .*10\.0\.0\.1.*internal_hosts"):
        wire.connect("hooks.example", 80)


def test_a_name_that_changes_is_asked_once(monkeypatch: pytest.MonkeyPatch, listener: socket.socket) -> None:
    """The address that was checked is the one that is called: no second look can bring another."""
    asked: list[str] = []

    def once(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with Wire(("127.0.0.1",)) as wire:
        made = wire.connect("hooks.example", listener.getsockname()[1])
        assert made.getpeername()[0] == "127.0.0.1"
        made.close()
    assert asked == ["hooks.example"]


def test_a_name_service_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [release.wait(20)][:0])
    started = real_time.monotonic()
    with Wire(seconds=0.3) as wire, pytest.raises(DeliveryError, match="no address"):
        wire.connect("hooks.example", 80)
    release.set()
    assert real_time.monotonic() - started < 10


def test_when_the_time_is_over_the_connection_ends(listener: socket.socket) -> None:
    with Wire(("127.0.0.1",), seconds=0.3) as wire:
        made = wire.connect("127.0.0.1", listener.getsockname()[1])
        made.settimeout(20)
        assert made.recv(1) == b""
        assert wire.over
        made.close()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Wire(("127.0.0.1",)) as wire, pytest.raises(DeliveryError, match=f"refused the connection on port {port}"):
        wire.connect("127.0.0.1", port)
