"""`deliveries:` in clinic.yml: where callback requests go besides the inbox, and what may be reached.

deliveries:
  inbox_url: https://chat.your-clinic.example
  internal_hosts: [mail.clinic.lan]
  webhooks:
    - name: practice system
      url: https://hooks.practice.example/callbacks
      secret: {env: PRACTICE_SECRET}
  emails:
    - name: front desk mail
      to: [desk@your-clinic.example]
      sender: chat@your-clinic.example
      server: mail.clinic.lan:587
  chats:
    - name: front desk channel
      url: {file: /run/secrets/chat-url}
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, root_validator, validator

from prp_guide.errors import SetupError
from prp_guide.yaml_file import Strict

REQUESTS, ALERTS, REPORT, LOG = "requests", "alerts", "report", "log"
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.I)
ADDRESS = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\",;:]+")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Secret(Strict):
    """Where a secret lies: never in clinic.yml itself, which is copied, mailed and kept in version control."""

    env: str | None = None
    file: str | None = None

    @root_validator(pre=True)
    def _one_place(cls, given: dict[str, object]) -> dict[str, object]:  # noqa: N805
        if len(given) != 1:
            raise ValueError("name one place: {env: A_VARIABLE} or {file: /path/to/file}")
        return given

    @validator("env")
    def _variable(cls, value: str | None) -> str | None:  # noqa: N805
        if value is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            # Not repeated: it may be the secret itself.
            raise ValueError("write the name of an environment variable, such as PRACTICE_SECRET, not the secret")
        return value

    def read(self, root: Path, environment: Mapping[str, str] = os.environ) -> str:
        """The secret; a file's path counts from `root`. Raises SetupError when it is missing or empty."""
        if self.env is not None:
            found, place = environment.get(self.env, ""), f"the environment variable {self.env}"
        else:
            path = root / (self.file or "")
            place = f"the file {path}"
            try:
                found = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise SetupError(f"{place} cannot be read as text; put the secret there.") from None
        if not found:
            raise SetupError(f"{place} is missing or empty; put the secret there.")
        return found


class Receiver(Strict):
    """What every receiver has: its name, and which of requests, alerts, weekly report and access log's head it gets."""

    name: str = Field(min_length=1, max_length=60)
    gets: tuple[Literal["requests", "alerts", "report", "log"], ...] = ("requests", "alerts")

    @validator("name")
    def _plain_name(cls, value: str) -> str:  # noqa: N805
        if not value.isprintable():
            raise ValueError("write the name in one line")
        return value

    @validator("gets")
    def _something(cls, value: tuple[str, ...]) -> tuple[str, ...]:  # noqa: N805
        if not value:
            raise ValueError("write some of [requests, alerts, report, log]; leave the receiver out if it gets nothing")
        return value


class Webhook(Receiver):
    """Gets every request whole, as signed JSON."""

    url: str
    secret: Secret

    @validator("url")
    def _web_address(cls, value: str) -> str:  # noqa: N805
        return web_address(value)

    @validator("secret", pre=True)
    def _place(cls, value: object) -> object:  # noqa: N805
        return _place_of_secret(value)


class Email(Receiver):
    """Gets an e-mail: reference, priority and link, and with `details` what the patient gave too."""

    to: tuple[str, ...]
    sender: str
    server: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    details: bool = False

    @validator("to")
    def _to(cls, value: tuple[str, ...]) -> tuple[str, ...]:  # noqa: N805
        if not value:
            raise ValueError("write at least one address, such as [desk@clinic.example]")
        return tuple(_mail_address(address) for address in value)

    @validator("sender")
    def _sender(cls, value: str) -> str:  # noqa: N805
        return _mail_address(value)

    @validator("server")
    def _server(cls, value: str) -> str:  # noqa: N805
        host, _, port = value.rpartition(":")
        if not (_is_host(host) and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError(f"{value!r} is no mail server; write host and port, such as mail.clinic.example:587")
        return value

    @validator("password", pre=True)
    def _place(cls, value: object) -> object:  # noqa: N805
        return None if value is None else _place_of_secret(value)

    @root_validator(skip_on_failure=True)
    def _login(cls, values: dict[str, object]) -> dict[str, object]:  # noqa: N805
        if (values["user"] is None) != (values["password"] is None):
            raise ValueError("'user' and 'password' go together; write both or neither")
        if values["user"] is not None and values["security"] == "none":
            raise ValueError("a password is not sent in the clear; write security: starttls, or tls")
        return values

    @property
    def host(self) -> str:
        return self.server.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.server.rpartition(":")[2])


def has_details(receiver: Receiver) -> bool:
    """Whether what goes to `receiver` holds what patients gave."""
    return isinstance(receiver, Webhook) or (isinstance(receiver, Email) and receiver.details)


class Chat(Receiver):
    """A Slack-compatible incoming webhook: reference, priority and link, nothing of the patient's.

    Its address is a secret: whoever knows it can write to the channel.
    """

    url: Secret

    @validator("url", pre=True)
    def _place(cls, value: object) -> object:  # noqa: N805
        return _place_of_secret(value)


class Deliveries(Strict):
    """All receivers, in the order of clinic.yml."""

    inbox_url: str | None = None
    internal_hosts: tuple[str, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    emails: tuple[Email, ...] = ()
    chats: tuple[Chat, ...] = ()

    @validator("inbox_url")
    def _origin(cls, value: str | None) -> str | None:  # noqa: N805
        if value is not None and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", value):
            raise ValueError(
                f"{value!r} is no site; write where staff open the inbox, such as https://chat.clinic.example"
            )
        return value.rstrip("/") if value else None

    @validator("internal_hosts", each_item=True)
    def _host(cls, value: str) -> str:  # noqa: N805
        if network(value) is None and not HOST_NAME.fullmatch(value):
            raise ValueError(f"{value!r} is no host; write a name, an address or a network such as 192.168.4.0/24")
        return value.lower()

    @root_validator(skip_on_failure=True)
    def _fit_together(cls, values: dict[str, object]) -> dict[str, object]:  # noqa: N805
        seen: set[str] = set()
        internal = values["internal_hosts"]
        assert isinstance(internal, tuple)
        for receiver in _receivers(values):
            name = receiver.name
            if name in seen:
                raise ValueError(f"two receivers are called {name!r}; deliveries are kept by name, so change one")
            seen.add(name)
            if isinstance(receiver, Email | Chat) and values["inbox_url"] is None:
                raise ValueError(
                    f"{name!r} sends a link to the inbox; write where staff open it, "
                    "such as  inbox_url: https://chat.clinic.example"
                )
            # What is sent in the clear may not leave the house.
            plain = None
            if isinstance(receiver, Webhook) and receiver.url.startswith("http:"):
                plain = urlsplit(receiver.url).hostname
            elif isinstance(receiver, Email) and receiver.security == "none":
                plain = receiver.host
            if plain is not None and not is_listed(plain, internal):
                wanted = "an https address" if isinstance(receiver, Webhook) else "security: starttls, or tls"
                raise ValueError(
                    f"{name!r} would send in the clear; write {wanted}, "
                    f"or, if {plain} is in your own network, name it under internal_hosts"
                )
        return values

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        return tuple(_receivers(self.__dict__))

    def names(self, what: str) -> tuple[str, ...]:
        """The names of those that get `what`, requests or alerts."""
        return tuple(receiver.name for receiver in self.receivers if what in receiver.gets)

    def missing_secrets(self, root: Path) -> Iterator[str]:
        """A sentence for each secret that cannot be read, paths counting from `root`."""
        for receiver in self.receivers:
            for field in ("secret", "password", "url"):
                place = getattr(receiver, field, None)
                if isinstance(place, Secret):
                    try:
                        place.read(root)
                    except SetupError as fault:
                        yield f"{receiver.name} ({field}): {fault}"


def web_address(text: str) -> str:
    """`text`, an http or https address without user, password or fragment. Raises ValueError with what to write."""
    wanted = "write one such as https://hooks.practice.example/callbacks"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"this is no address of the web; {wanted}") from None
    if parts.scheme not in ("http", "https") or not _is_host(parts.hostname or "") or not text.isascii() or port == 0:
        raise ValueError(f"this is no address of the web; {wanted}")
    if parts.username is not None or parts.password is not None or parts.fragment or not text.isprintable():
        raise ValueError(f"leave user, password and fragment out of the address; {wanted}")
    return text


def network(text: str) -> Network | None:
    """`text` as an address or a network of addresses; None when it is neither."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def is_listed(host: str, internal: tuple[str, ...]) -> bool:
    """Whether `host`, a name or an address, is among the `internal` hosts and networks."""
    if host.lower().rstrip(".") in (name.rstrip(".") for name in internal):
        return True
    own = network(host)
    return own is not None and any(
        own.version == listed.version and own.subnet_of(listed)  # type: ignore[arg-type]
        for listed in map(network, internal)
        if listed is not None
    )


def _receivers(values: Mapping[str, object]) -> Iterator[Receiver]:
    for kind in ("webhooks", "emails", "chats"):
        found = values[kind]
        assert isinstance(found, tuple)
        yield from found


def _is_host(text: str) -> bool:
    bare = text.strip("[]")
    if ":" in bare:
        return network(bare) is not None
    return bool(HOST_NAME.fullmatch(bare))


def _mail_address(text: str) -> str:
    if not ADDRESS.fullmatch(text) or not text.isascii():
        raise ValueError(f"{text!r} is no e-mail address; write one such as desk@clinic.example")
    return text


def _place_of_secret(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("a secret never stands in clinic.yml; write {env: A_VARIABLE} or {file: /path/to/file}")
    return value
