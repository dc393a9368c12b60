"""Send a letter to a receiver: by webhook, by e-mail, to a chat channel. What goes wrong is said without a secret."""

from __future__ import annotations

import contextlib
import logging
import os
import smtplib
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.poolmanager import PoolManager

from prp_guide import clock
from prp_guide.delivery_settings import Chat, Deliveries, Email, Receiver, Webhook, is_listed, web_address
from prp_guide.errors import DeliveryError, SetupError
from prp_guide.frontdesk import letters
from prp_guide.frontdesk.letters import Letter
from prp_guide.frontdesk.wire import CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS, Wire

log = logging.getLogger(__name__)
# Its warnings name the whole address, which for a chat channel is a secret.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class Senders:
    """Sends by the settings of clinic.yml; the paths of secrets in files count from `root`."""

    def __init__(self, settings: Deliveries, root: Path, *, seconds: float = WHOLE_SECONDS) -> None:
        self.settings = settings
        self._root = root
        self._seconds = seconds

    def send(self, receiver: Receiver, letter: Letter) -> None:
        """Send `letter`; that it returns means that the receiver has taken it. Raises DeliveryError."""
        try:
            with Wire(self.settings.internal_hosts, seconds=self._seconds) as wire:
                try:
                    self._send(wire, receiver, letter)
                except DeliveryError:
                    if wire.over:
                        raise DeliveryError(self._too_long) from None
                    raise
        except SetupError as fault:  # a secret that is missing
            raise DeliveryError(str(fault)) from None

    @property
    def _too_long(self) -> str:
        return f"It took longer than {self._seconds:g} seconds in all."

    def _send(self, wire: Wire, receiver: Receiver, letter: Letter) -> None:
        if isinstance(receiver, Webhook):
            body = letters.webhook_body(letter)
            headers = letters.webhook_headers(letter, body, receiver.secret.read(self._root), clock.now())
            _post(wire, receiver.url, body, headers)
        elif isinstance(receiver, Chat):
            headers = {"Content-Type": "application/json", "User-Agent": "PRP-Guide"}
            _post(wire, self._chat_url(receiver), letters.chat_body(letter), headers)
        elif isinstance(receiver, Email):
            password = receiver.password.read(self._root) if receiver.password else None
            _mail(wire, receiver, password, letter)
        else:  # a kind that the settings know and nobody has taught to send
            raise DeliveryError(f"{type(receiver).__name__} cannot be sent to.")

    def _chat_url(self, receiver: Chat) -> str:
        url = receiver.url.read(self._root)
        try:
            parts = urlsplit(web_address(url))
        except ValueError:
            raise DeliveryError("What stands where the channel's address should be is no address.") from None
        if parts.scheme != "https" and not is_listed(parts.hostname or "", self.settings.internal_hosts):
            raise DeliveryError("The channel's address begins with http; it must be https, or an internal host.")
        return url


def _post(wire: Wire, url: str, body: bytes, headers: dict[str, str]) -> None:
    """POST `body`; only 2xx is an answer. Raises DeliveryError; none of its texts holds the path, a secret perhaps."""
    host = urlsplit(url).hostname
    with requests.Session() as session:
        # No proxy, no .netrc: the connection goes to the address that was checked.
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(wire))
        try:
            response = session.post(
                url,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,  # nobody reads what comes after the status
                verify=os.environ.get("SSL_CERT_FILE") or True,
            )
        except requests.exceptions.SSLError:
            raise DeliveryError(f"{host} has no certificate that can be trusted.") from None
        except requests.exceptions.Timeout:
            raise DeliveryError(f"{host} did not answer within {READ_SECONDS:g} seconds.") from None
        except (requests.RequestException, OSError, ValueError):
            raise DeliveryError(f"The connection to {host} broke before there was an answer.") from None
        status = response.status_code
        response.close()
    if wire.over:  # cut off in the middle of the headers: what came cannot be relied on
        raise DeliveryError(f"{host} did not finish its answer.")
    if 300 <= status < 400:
        raise DeliveryError(f"{host} answered {status}: it has moved. Write the new address into clinic.yml.")
    if not 200 <= status < 300:
        raise DeliveryError(f"{host} answered {status}.")


def _mail(wire: Wire, receiver: Email, password: str | None, letter: Letter) -> None:
    message = letters.email(letter, receiver, letters.in_lines)
    context = ssl.create_default_context()
    try:
        server = _Smtp(wire, receiver, context)
        try:
            if receiver.security == "starttls":
                server.starttls(context=context)
            if receiver.user is not None and password is not None:
                server.login(receiver.user, password)
            refused = server.send_message(message)
            # It is taken: a farewell that goes wrong must not send it a second time.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()
        if refused:
            log.warning("%s takes mail for some of the addresses of %s only.", receiver.host, receiver.name)
    except smtplib.SMTPRecipientsRefused as fault:
        codes = ", ".join(sorted({str(code) for code, _ in fault.recipients.values()}))
        raise DeliveryError(f"{receiver.host} takes mail for none of the addresses ({codes}).") from None
    except smtplib.SMTPAuthenticationError as fault:
        raise DeliveryError(f"{receiver.host} refused user and password ({fault.smtp_code}).") from None
    except smtplib.SMTPResponseException as fault:
        raise DeliveryError(f"{receiver.host} answered {fault.smtp_code}.") from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(f"{receiver.host} offers no {receiver.security}, or no login.") from None
    except ssl.SSLError:
        raise DeliveryError(f"{receiver.host} has no certificate that can be trusted.") from None
    except TimeoutError:
        raise DeliveryError(f"{receiver.host} did not answer within {READ_SECONDS:g} seconds.") from None
    except (smtplib.SMTPException, OSError):
        raise DeliveryError(f"The connection to {receiver.host} broke before the mail was taken.") from None


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, wire: Wire, **more: Any) -> None:
        super().__init__(*args, **more)
        self._wire = wire

    def _new_conn(self) -> socket.socket:
        return self._wire.connect(self.host, self.port)


class _SecureConnection(HTTPSConnection):
    def __init__(self, *args: Any, wire: Wire, **more: Any) -> None:
        super().__init__(*args, **more)
        self._wire = wire

    def _new_conn(self) -> socket.socket:
        return self._wire.connect(self.host, self.port or 443)


class _Pools(PoolManager):
    def __init__(self, wire: Wire) -> None:
        super().__init__(num_pools=1, maxsize=1)
        self._wire = wire

    def _new_pool(self, scheme: str, host: str, port: int, request_context: Any = None) -> Any:
        pool: Any = super()._new_pool(scheme, host, port, request_context)
        pool.ConnectionCls = _SecureConnection if scheme == "https" else _Connection
        pool.conn_kw["wire"] = self._wire
        return pool


class _Adapter(HTTPAdapter):
    """Connects through a wire, once."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_args: Any, **_more: Any) -> None:
        self.poolmanager = _Pools(self._wire)


class _Smtp(smtplib.SMTP):
    """Connects through a wire; with `security: tls`, encrypted from the first byte."""

    def __init__(self, wire: Wire, receiver: Email, context: ssl.SSLContext) -> None:
        self._wire, self._tls, self._context = wire, receiver.security == "tls", context
        # By default it would ask the name service what this machine is called, for as long as that takes.
        own_name = receiver.sender.rpartition("@")[2]
        super().__init__(receiver.host, receiver.port, local_hostname=own_name, timeout=READ_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self._wire.connect(host, port)
        made.settimeout(timeout)
        return self._context.wrap_socket(made, server_hostname=host) if self._tls else made
