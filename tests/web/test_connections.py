"""Clients that dawdle, flood, or talk nonsense below HTTP: each is cut off, and nobody else notices."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from prp_guide.web import connections, gate
from prp_guide.web.connections import make_connection, room_for_connections
from prp_guide.web.proxies import Proxies
from tests.support.waiting import wait_for
from tests.web.web_process import Web, check_problem

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@contextlib.contextmanager
def wire(web: Web, source: str = "127.0.0.1") -> Iterator[socket.socket]:
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=15, source_address=(source, 0)) as made:
        yield made


def all_of(made: socket.socket) -> bytes:
    """What comes until the other side ends."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while piece := made.recv(65_536):
            heard += piece
    return heard


def fine(web: Web) -> None:
    assert web.http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "begun", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"\r\n", HEALTH + b"\r\n", b"POST /desk"]
)
def test_a_head_that_never_ends(shared_web: Web, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    with wire(shared_web) as slow:
        slow.sendall(begun)
        begin = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in range(40):  # a byte now and then keeps nothing open
                time.sleep(0.1)
                slow.sendall(b"\r\n" if begun.endswith(b"\n\r\n") else b"x")
        all_of(slow)
        assert time.monotonic() - begin < 4
    fine(shared_web)


def test_a_body_that_drips(shared_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The front desk's forms set no time of their own."""
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.4)
    head = b"POST /desk/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
    with wire(shared_web) as slow:
        slow.sendall(head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        begin = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in range(40):
                time.sleep(0.1)
                slow.sendall(b"x")
        assert all_of(slow) == b""
        assert time.monotonic() - begin < 4
    fine(shared_web)


def test_a_client_that_does_not_read(shared_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_SECONDS", 0.4)
    host, port = shared_web.url.removeprefix("http://").split(":")
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.settimeout(0.3)
        deaf.connect((host, int(port)))
        ended = False
        with contextlib.suppress(TimeoutError):
            for _ in range(1500):
                try:
                    deaf.sendall(b"GET /widget.js HTTP/1.1\r\nHost: x\r\n\r\n")
                except ConnectionError:
                    ended = True
                    break
                time.sleep(0.01)
        # Either it was cut off while it asked on, or it is soon after.
        wait_for(lambda: ended or is_reset(deaf), "the end of a client that does not read", seconds=10)
    fine(shared_web)


def is_reset(made: socket.socket) -> bool:
    try:
        made.sendall(b"x")
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 20_000,
        b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % number for number in range(80)) + b"\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % number for number in range(80)),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/callbacks HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/callbacks HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /api/callbacks HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_head_that_is_none(shared_web: Web, head: bytes) -> None:
    with wire(shared_web) as odd:
        odd.sendall(head)
        odd.shutdown(socket.SHUT_WR)
        heard = all_of(odd)
    assert heard == b"" or heard.split()[1][:1] == b"4", heard[:200]
    fine(shared_web)


def test_requests_in_one_piece_are_not_queued(shared_web: Web) -> None:
    """Ten thousand in 350 KB would be ten thousand tasks."""
    with wire(shared_web) as eager:
        with contextlib.suppress(ConnectionError):
            eager.sendall(HEALTH * 10_000)
        assert all_of(eager).count(b"HTTP/1.1") <= 2
    fine(shared_web)


def test_one_after_the_other_goes_on(shared_web: Web) -> None:
    with wire(shared_web) as patient:
        for _ in range(50):
            patient.sendall(HEALTH)
            assert patient.recv(65_536).startswith(b"HTTP/1.1 200")


def test_one_address_holds_a_number_of_connections(limited_web: Web) -> None:
    most = connections.MOST_OF_ONE_ADDRESS
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(wire(limited_web, "127.0.0.7")) for _ in range(most)]
        over = stack.enter_context(wire(limited_web, "127.0.0.7"))
        assert all_of(over) == b""
        fine(limited_web)  # another address
        held[0].sendall(HEALTH)
        assert held[0].recv(100).startswith(b"HTTP/1.1 200")
        held.pop().close()
        wait_for(lambda: answers(limited_web, "127.0.0.7"), "room for one more")


def answers(web: Web, source: str) -> bool:
    with wire(web, source) as made, contextlib.suppress(ConnectionError):
        made.sendall(HEALTH)
        return made.recv(100).startswith(b"HTTP/1.1 200")
    return False


def test_all_together_hold_a_number_of_connections(limited_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections.Connection, "most", 100, raising=False)
    for kind in connections.Connection.__subclasses__():
        monkeypatch.setattr(kind, "most", 100)
    with contextlib.ExitStack() as stack:
        for number in range(150):
            stack.enter_context(wire(limited_web, f"127.0.1.{number % 5 + 1}"))
        over = stack.enter_context(wire(limited_web, "127.0.1.9"))
        assert all_of(over) == b""
    wait_for(lambda: answers(limited_web, "127.0.1.9"), "room again")


def test_many_that_hang_up_hard_leave_nothing(limited_web: Web) -> None:
    (kind,) = [kind for kind in connections.Connection.__subclasses__() if kind.open_of]
    for number in range(300):
        with wire(limited_web, "127.0.0.8") as gone:
            gone.sendall(HEALTH[: number % len(HEALTH)])
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_for(lambda: "127.0.0.8" not in kind.open_of, "the end of the connections")


def test_a_proxy_may_have_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRP_PROXIES", "127.0.0.1")
    kind = make_connection(Proxies.from_env())
    assert "127.0.0.1" in kind.proxies
    assert make_connection(Proxies()).of_one_address == connections.MOST_OF_ONE_ADDRESS
    assert make_connection(Proxies(), limited=False).of_one_address == room_for_connections()


def test_a_refusal_is_a_problem_document(limited_web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far above the limits, nothing of a request is read any more; below, an emergency always is."""
    monkeypatch.setattr(gate, "LATE", 0.05)
    token = limited_web.open()
    statuses = [limited_web.http.get("/healthz").status_code for _ in range(170)]
    assert 429 in statuses
    refused = limited_web.say(token, "hi")
    for _ in range(20):
        if refused.status_code == 429 and "session" not in refused.json()["detail"]:
            break
        limited_web.http.get("/healthz")
        refused = limited_web.say(token, "hi")
    problem = check_problem(refused, 429)
    assert problem["type"].endswith("too-many-requests")
    assert int(refused.headers["retry-after"]) >= 1
    assert "content-security-policy" in refused.headers
