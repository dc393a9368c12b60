"""`deliveries:` in clinic.yml: what is taken, and what is refused with the line and what to write."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from prp_guide.clinic import load_clinic
from prp_guide.delivery_settings import Chat, Deliveries, Email, Secret, Webhook
from prp_guide.errors import DataError, SetupError

HEAD = 'name: The Clinic\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\n'


def read(tmp_path: Path, text: str) -> Deliveries:
    path = tmp_path / "clinic.yml"
    path.write_text(f"{HEAD}deliveries:\n{indent(dedent(text), '  ')}", encoding="utf-8")
    return load_clinic(path).deliveries


def test_none(tmp_path: Path) -> None:
    path = tmp_path / "clinic.yml"
    path.write_text(HEAD)
    assert load_clinic(path).deliveries.receivers == ()


def test_all_kinds(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        inbox_url: https://chat.clinic.example/
        internal_hosts: [mail.clinic.lan, 192.168.4.0/24]
        webhooks:
          - {name: practice, url: "https://hooks.practice.example/cb?x=1", secret: {env: PRACTICE_SECRET}}
          - {name: inner, url: "http://mail.clinic.lan:8080/", secret: {file: inner.key}, gets: [requests]}
        emails:
          - name: mail
            to: [desk@clinic.example]
            sender: chat@clinic.example
            server: mail.clinic.lan:25
            security: none
        chats:
          - {name: channel, url: {file: /run/secrets/chat}, gets: [alerts]}
        """,
    )
    assert [type(receiver) for receiver in found.receivers] == [Webhook, Webhook, Email, Chat]
    assert found.inbox_url == "https://chat.clinic.example"
    assert found.names("requests") == ("practice", "inner", "mail")
    assert found.names("alerts") == ("practice", "mail", "channel")
    mail = found.emails[0]
    assert (mail.host, mail.port, mail.details) == ("mail.clinic.lan", 25, False)


WEBHOOK = "webhooks: [{{name: a, url: {url}, secret: {secret}}}]"
MAIL = "inbox_url: https://c.example\nemails: [{{name: a, to: {to}, sender: {sender}, server: {server}{more}}}]"
GOOD_MAIL = {"to": "[d@c.example]", "sender": "c@c.example", "server": '"m.example:587"', "more": ""}
ENV = "{env: A}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WEBHOOK.format(url="hooks.example", secret=ENV), "this is no address of the web"),
        (WEBHOOK.format(url='"ftp://hooks.example"', secret=ENV), "this is no address of the web"),
        (WEBHOOK.format(url='"https://u:p@hooks.example"', secret=ENV), "leave user, password and fragment out"),
        (WEBHOOK.format(url='"https://hooks.example/#x"', secret=ENV), "leave user, password and fragment out"),
        (WEBHOOK.format(url='"https://hooks.example:99999/"', secret=ENV), "this is no address of the web"),
        (WEBHOOK.format(url='"http://hooks.example/"', secret=ENV), "would send in the clear; write an https address"),
        (WEBHOOK.format(url='"http://192.168.4.4/"', secret=ENV), "name it under internal_hosts"),
        (WEBHOOK.format(url='"https://h.example"', secret="hunter2"), "a secret never stands in clinic.yml"),
        (WEBHOOK.format(url='"https://h.example"', secret='{env: "hunter 2"}'), "the name of an environment variable"),
        (WEBHOOK.format(url='"https://h.example"', secret="{env: A, file: b}"), "name one place"),
        ("webhooks: [{name: a, url: https://h.example, secret: {env: A}, gets: []}]", "leave the receiver out"),
        ("webhooks: [{name: a, url: https://h.example, secret: {env: A}, gets: [all]}]", "gets"),
        ("webhooks: [{url: https://h.example, secret: {env: A}}]", "name' is missing"),
        ("faxes: []", "'deliveries.faxes' is not a known key"),
        ("chats: [{name: a, url: {env: A}}]", "write where staff open it"),
        ("inbox_url: chat.clinic.example", "is no site"),
        ("inbox_url: https://chat.clinic.example/desk", "is no site"),
        ("internal_hosts: [http://mail]", "is no host"),
        (MAIL.format(**{**GOOD_MAIL, "to": "[]"}), "at least one address"),
        (MAIL.format(**{**GOOD_MAIL, "to": "[desk]"}), "is no e-mail address"),
        (MAIL.format(**{**GOOD_MAIL, "to": '["a@b.example, c@d.example"]'}), "is no e-mail address"),
        (MAIL.format(**{**GOOD_MAIL, "sender": '"a@b.example\\nBcc: c@d.example"'}), "is no e-mail address"),
        (MAIL.format(**{**GOOD_MAIL, "server": "m.example"}), "write host and port"),
        (MAIL.format(**{**GOOD_MAIL, "more": ", user: u"}), "'user' and 'password' go together"),
        (MAIL.format(**{**GOOD_MAIL, "more": ", security: none"}), "would send in the clear"),
        (
            MAIL.format(**{**GOOD_MAIL, "more": ", security: none, user: u, password: {env: A}"}),
            "not sent in the clear",
        ),
        (
            "webhooks: [{name: a, url: https://h.example, secret: {env: A}}]\n"
            "inbox_url: https://c.example\nchats: [{name: a, url: {env: A}}]",
            "two receivers are called 'a'",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=r"clinic\.yml:[4-9]") as fault:
        read(tmp_path, text)
    assert sentence in str(fault.value)
    assert "hunter" not in str(fault.value), "it may be the secret itself"


def test_secrets(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("  from a file\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert Secret(env="A").read(tmp_path, {"A": "from here"}) == "from here"
    assert Secret(file="key").read(tmp_path) == "from a file"
    assert Secret(file=str(tmp_path / "key")).read(tmp_path) == "from a file"
    for secret, sentence in (
        (Secret(env="A"), "the environment variable A is missing or empty"),
        (Secret(file="none"), "none cannot be read"),
        (Secret(file="empty"), "empty is missing or empty"),
        (Secret(file="binary"), "binary cannot be read"),
    ):
        with pytest.raises(SetupError, match=sentence):
            secret.read(tmp_path, {})


def test_missing_secrets_are_listed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        inbox_url: https://chat.clinic.example
        webhooks: [{name: practice, url: https://h.example, secret: {file: there}}]
        chats: [{name: channel, url: {env: NOT_SET_ANYWHERE}}]
        """,
    )
    (tmp_path / "there").write_text("secret")
    (sentence,) = found.missing_secrets(tmp_path)
    assert sentence.startswith("channel (url): the environment variable NOT_SET_ANYWHERE is missing")
