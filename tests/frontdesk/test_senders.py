"""Letters on their way: to a real HTTP server and a real mail server, well-behaved and not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time as real_time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from prp_guide import clock
from prp_guide.delivery_settings import Deliveries, Receiver
from prp_guide.errors import DeliveryError
from prp_guide.frontdesk.callback import Callback, Repeat
from prp_guide.frontdesk.letters import Letter
from prp_guide.frontdesk.senders import Senders
from tests.frontdesk.conftest import START
from tests.support.certificate import make_certificate
from tests.support.machine import free_ports
from tests.support.receiver import running_receiver

SECRET = "the secret of the practice"
OF_THE_PATIENT = ("Zoë", "Ünal", "555", "0147", "noon", "after 5", "hair", "pain")
CALLBACK = Callback(
    id=1,
    reference="PRP-2345",
    created=START,
    name="Zoë Ünal",
    phone="+13105550147",
    best_time="noon",
    topic="pain",
    note="my hair",
    lang="es",
    voicemail_ok=False,
    priority="urgent",
    status="open",
    due=START + timedelta(minutes=30),
    source="chat",
    consent="callback-1",
    repeats=(Repeat(START, "after 5", None),),
)
LETTER = Letter("d" * 32, "created", START, CALLBACK, "https://chat.clinic.example")


def settings(**kinds: Any) -> Deliveries:
    return Deliveries.parse_obj(
        {"inbox_url": "https://chat.clinic.example", "internal_hosts": ["127.0.0.1", "localhost"], **kinds}
    )


def webhook(url: str) -> Deliveries:
    return settings(webhooks=[{"name": "practice", "url": url, "secret": {"file": "secret"}}])


@pytest.fixture
def send(tmp_path: Path) -> Callable[..., None]:
    (tmp_path / "secret").write_text(SECRET + "\n")

    def send(deliveries: Deliveries, letter: Letter = LETTER, *, seconds: float = 10.0) -> None:
        receiver: Receiver = deliveries.receivers[0]
        Senders(deliveries, tmp_path, seconds=seconds).send(receiver, letter)

    return send


def test_a_webhook_gets_the_request_whole_and_signed(send: Callable[..., None]) -> None:
    with running_receiver() as receiver:
        send(webhook(receiver.url))
        (got,) = receiver.got
    assert got.json == {
        "id": LETTER.id,
        "event": "created",
        "at": "2026-11-23T18:00:00+00:00",
        "text": "Urgent: new callback request.",
        "link": "https://chat.clinic.example/desk#PRP-2345",
        "request": {
            "reference": "PRP-2345",
            "created": "2026-11-23T18:00:00+00:00",
            "due": "2026-11-23T18:30:00+00:00",
            "priority": "urgent",
            "status": "open",
            "name": "Zoë Ünal",
            "phone": "+13105550147",
            "best_times": ["noon", "after 5"],
            "topic": "pain",
            "notes": ["my hair"],
            "language": "es",
            "voicemail_ok": False,
        },
    }
    assert got.headers["X-PRP-Delivery"] == LETTER.id
    assert abs(int(got.headers["X-PRP-Timestamp"]) - clock.now().timestamp()) < 60
    signed = got.headers["X-PRP-Timestamp"].encode() + b"." + got.body
    assert got.headers["X-PRP-Signature"] == "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert got.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (500, "127.0.0.1 answered 500."),
        (404, "127.0.0.1 answered 404."),
        ("redirect", "127.0.0.1 answered 302: it has moved."),
        ("drop", "The connection to 127.0.0.1 broke before there was an answer."),
        ("hang", "It took longer than 0.7 seconds in all."),
        ("drip", "It took longer than 0.7 seconds in all."),
    ],
)
def test_a_webhook_that_does_not_take_it(send: Callable[..., None], behaviour: int | str, sentence: str) -> None:
    with running_receiver(lambda _: behaviour) as receiver:
        started = real_time.monotonic()
        with pytest.raises(DeliveryError) as fault:
            send(webhook(receiver.url), seconds=0.7)
        assert real_time.monotonic() - started < 10
        assert len(receiver.got) == 1, "a redirect is not followed, nothing is tried twice here"
    assert str(fault.value).startswith(sentence)


def test_a_url_inside_is_refused(send: Callable[..., None]) -> None:
    with running_receiver() as receiver:
        deliveries = webhook(receiver.url.replace("http:", "https:"))
        closed = deliveries.copy(update={"internal_hosts": ()})
        with pytest.raises(DeliveryError, match="address inside"):
            send(closed)
        assert receiver.got == []


def test_proxies_of_the_environment_are_not_used(send: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    with running_receiver() as proxy, running_receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        send(webhook(receiver.url))
        assert (len(receiver.got), proxy.got) == (1, [])


def test_https_wants_a_certificate_that_is_trusted(
    send: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = make_certificate(tmp_path)
    with running_receiver(tls=context) as receiver:
        secure = webhook(f"https://127.0.0.1:{receiver.port}/hook")
        with pytest.raises(DeliveryError, match="no certificate that can be trusted"):
            send(secure)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        send(secure)
        assert len(receiver.taken) == 1


def test_a_chat_channel_gets_nothing_of_the_patients(send: Callable[..., None], tmp_path: Path) -> None:
    with running_receiver() as receiver:
        (tmp_path / "channel").write_text(f"{receiver.url}/T000/key-of-the-channel")
        deliveries = settings(chats=[{"name": "channel", "url": {"file": "channel"}}])
        for letter in (LETTER, Letter("e", "unattended", START, None, "https://chat.clinic.example")):
            send(deliveries, letter)
        first, second = (json.loads(got.body) for got in receiver.got)
    assert first == {
        "text": "Urgent: new callback request. Priority: urgent. https://chat.clinic.example/desk#PRP-2345"
    }
    assert second == {
        "text": "Nobody has opened the callback inbox for two working days. https://chat.clinic.example/desk"
    }


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("not an address", "is no address"),
        ("http://chat.example/key-of-the-channel", "must be https"),
        ("", "missing or empty"),
        ("https://127.0.0.1:1/key-of-the-channel", "refused the connection"),
    ],
)
def test_a_channels_address_is_told_to_nobody(
    send: Callable[..., None], tmp_path: Path, written: str, sentence: str
) -> None:
    (tmp_path / "channel").write_text(written)
    with pytest.raises(DeliveryError, match=sentence) as fault:
        send(settings(chats=[{"name": "channel", "url": {"file": "channel"}}]))
    assert "key-of-the-channel" not in str(fault.value)


# E-mail


class Mailbox:
    """What a mail server took; `refuse` names addresses that it takes nothing for."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.refuse: set[str] = set()
        self.delay = 0.0
        self.logins: list[bytes] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio

        await asyncio.sleep(self.delay)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.to.append(envelope.rcpt_tos)
        return "250 taken"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        self.logins.append(data.login)
        return AuthResult(success=(data.login, data.password) == (b"clinic", b"mail password"), handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that offers STARTTLS and then wants a login, with a certificate that is trusted here."""
    certificate, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (tmp_path / "mail").write_text("mail password")
    server = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_ports(1)[0],
        tls_context=context,
        authenticator=mailbox.authenticate,
        auth_required=True,
    )
    server.start()
    try:
        yield f"localhost:{server.port}"
    finally:
        server.stop()


def by_mail(server: str, **changes: Any) -> Deliveries:
    receiver = {
        "name": "desk mail",
        "to": ["desk@clinic.example"],
        "sender": "chat@clinic.example",
        "server": server,
        "user": "clinic",
        "password": {"file": "mail"},
    }
    return settings(emails=[{**receiver, **changes}])


def test_a_mail_without_details(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    send(by_mail(mail_server, to=["desk@clinic.example", "owner@clinic.example"]))
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Urgent: new callback request"
    assert (mail["From"], mail["To"]) == ("chat@clinic.example", "desk@clinic.example, owner@clinic.example")
    assert mail["Message-ID"] == f"<{LETTER.id}@clinic.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    for wanted in ("PRP-2345", "Priority: urgent", "https://chat.clinic.example/desk#PRP-2345"):
        assert wanted in text
    for secret in OF_THE_PATIENT:
        assert secret not in mail.as_string()
        assert secret not in text
    assert mailbox.to == [["desk@clinic.example", "owner@clinic.example"]]
    assert mailbox.logins == [b"clinic"]


def test_a_mail_with_details(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    send(by_mail(mail_server, details=True))
    text = mailbox.mails[0].get_content()
    for line in ("Name: Zoë Ünal", "Phone: (310) 555-0147", "When to call: noon; after 5", "Note: my hair"):
        assert line in text.splitlines()
    assert "555" not in str(mailbox.mails[0]["Subject"])


def test_an_address_that_is_refused(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    mailbox.refuse = {"desk@clinic.example"}
    with pytest.raises(DeliveryError, match=r"localhost takes mail for none of the addresses \(550\)"):
        send(by_mail(mail_server))
    # One of two has it: sending again would give that one a second.
    send(by_mail(mail_server, to=["desk@clinic.example", "owner@clinic.example"]))
    assert mailbox.to == [["owner@clinic.example"]]


def test_a_wrong_password(send: Callable[..., None], mail_server: str, mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("another password")
    with pytest.raises(DeliveryError, match=r"refused user and password \(535\)") as fault:
        send(by_mail(mail_server))
    assert "another" not in str(fault.value)
    assert mailbox.mails == []


def test_a_server_that_is_not_who_it_says(
    send: Callable[..., None], mail_server: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DeliveryError, match="no certificate that can be trusted"):
        send(by_mail(mail_server))
    assert (mailbox.mails, mailbox.logins) == ([], [])


def test_a_mail_server_that_hangs(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    mailbox.delay = 20
    started = real_time.monotonic()
    with pytest.raises(DeliveryError, match="longer than 1 seconds in all"):
        send(by_mail(mail_server), seconds=1)
    assert real_time.monotonic() - started < 10


def test_encrypted_from_the_first_byte(
    send: Callable[..., None], mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = make_certificate(tmp_path)
    server = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0], ssl_context=context)
    # Its own look at whether it has started trusts nobody: it is told whom to trust.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.start()
    try:
        deliveries = by_mail(f"localhost:{server.port}", security="tls", user=None, password=None)
        send(deliveries)
        assert len(mailbox.mails) == 1
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(DeliveryError, match="no certificate that can be trusted"):
            send(deliveries)
    finally:
        server.stop()


def test_a_mail_server_inside_is_refused(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    with pytest.raises(DeliveryError, match="address inside"):
        send(by_mail(mail_server).copy(update={"internal_hosts": ()}))
    assert mailbox.mails == []


def test_a_server_without_encryption_gets_no_mail(send: Callable[..., None], mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("mail password")
    plain = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0])
    plain.start()
    try:
        server = f"localhost:{plain.port}"
        with pytest.raises(DeliveryError, match="offers no starttls"):
            send(by_mail(server))
        assert mailbox.mails == []
        send(by_mail(server, security="none", user=None, password=None))
        assert len(mailbox.mails) == 1
    finally:
        plain.stop()


def test_words_are_not_hidden_in_the_encoding(send: Callable[..., None], mail_server: str, mailbox: Mailbox) -> None:
    """The check above looks for words; base64 would hide them from it."""
    send(by_mail(mail_server))
    raw = mailbox.mails[0].as_bytes()
    for secret in OF_THE_PATIENT:
        assert base64.b64encode(secret.encode()).rstrip(b"=") not in raw
