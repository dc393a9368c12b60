"""What a delivery says: whole and signed for a webhook, without a word of the patient's everywhere else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from prp_guide.delivery_settings import Email
from prp_guide.frontdesk.callback import URGENT, Callback
from prp_guide.frontdesk.outbox import CREATED, HEAD, PAGE, RAISED, TEST, UNATTENDED, WAITING, WEEK

HEADLINES = {
    CREATED: "New callback request",
    RAISED: "A callback request has become urgent",
    WAITING: "An urgent callback request has waited 30 minutes",
    UNATTENDED: "Nobody has opened the callback inbox for two working days",
    HEAD: "The access log's head of today, to be kept",
    PAGE: "Your page no longer says what the answers say",
    WEEK: "What patients asked last week",
    TEST: "Test of a delivery, nothing to do",
}


PLACES = {PAGE: "/desk/insight", WEEK: "/desk/insight"}  # where to see it; all others in the inbox


@dataclass(frozen=True)
class Letter:
    """One delivery, ready to be put into words. `callback` is None for what is of no request.

    `lines` say more than the headline does; nothing of a patient's stands in them.
    """

    id: str
    event: str
    at: datetime
    callback: Callback | None = None
    inbox_url: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def priority(self) -> str | None:
        return self.callback.priority if self.callback else None

    @property
    def headline(self) -> str:
        """What happened, in a line."""
        urgent = self.event == CREATED and self.priority == URGENT
        return f"Urgent: {HEADLINES[self.event].lower()}" if urgent else HEADLINES[self.event]

    @property
    def link(self) -> str | None:
        """Where to see it. In the fragment, no log holds the reference."""
        if self.inbox_url is None:
            return None
        return f"{self.inbox_url}{PLACES.get(self.event, '/desk')}" + (
            f"#{self.callback.reference}" if self.callback else ""
        )


def webhook_body(letter: Letter) -> bytes:
    """The JSON for a webhook. Its keys are a contract: docs/callbacks.md."""
    return json.dumps(
        {
            "id": letter.id,
            "event": letter.event,
            "at": letter.at.isoformat(timespec="seconds"),
            "text": "\n".join((f"{letter.headline}.", *letter.lines)),
            "link": letter.link,
            "request": _fields(letter.callback) if letter.callback else None,
        },
        ensure_ascii=False,
    ).encode()


def webhook_headers(letter: Letter, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows a delivery again, and knows that it is ours and of now."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "PRP-Guide",
        "X-PRP-Delivery": letter.id,
        "X-PRP-Timestamp": timestamp,
        "X-PRP-Signature": f"sha256={signature(secret, timestamp, body)}",
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time, a point, and the body: an old body cannot come with a new time."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def chat_body(letter: Letter) -> bytes:
    """The JSON for a Slack-compatible webhook: what happened, the priority, the link."""
    parts = [f"{letter.headline}."]
    if letter.priority:
        parts.append(f"Priority: {letter.priority}.")
    if letter.link and not letter.lines:
        parts.append(letter.link)
    text = " ".join(parts)
    if letter.lines:
        text = "\n".join((text, *letter.lines, *([letter.link] if letter.link else [])))
    return json.dumps({"text": text}).encode()


def email(letter: Letter, receiver: Email, phrase: Callable[[Callback], str]) -> EmailMessage:
    """The e-mail to `receiver`; `phrase` puts a request into lines where it asks for details."""
    message = EmailMessage()
    message["Subject"] = letter.headline
    message["From"] = receiver.sender
    message["To"] = ", ".join(receiver.to)
    message["Date"] = format_datetime(letter.at)
    # The same at each attempt: mail programs show it once.
    message["Message-ID"] = f"<{letter.id}@{receiver.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [f"{letter.headline}."]
    if letter.callback:
        lines.append(f"Reference: {letter.callback.reference}")
        lines.append(f"Priority: {letter.priority}")
    lines += ["", *letter.lines, ""] if letter.lines else []
    if letter.link:
        lines.append(f"{'See it all' if letter.event in PLACES else 'Open the inbox'}: {letter.link}")
    if letter.callback and receiver.details:
        lines += ["", phrase(letter.callback)]
    message.set_content("\n".join(lines) + "\n")
    return message


def in_lines(callback: Callback) -> str:
    """A request as lines of an e-mail."""
    voicemail = {True: "fine", False: "no", None: "not asked"}[callback.voicemail_ok]
    lines = [
        f"Name: {callback.name}",
        f"Phone: {callback.phone_text}",
        f"When to call: {'; '.join(callback.best_times)}",
        f"Topic: {(callback.topic or 'none').replace('_', ' ')}",
        f"Language: {callback.lang}",
        f"Voicemail: {voicemail}",
        *(f"Note: {note}" for note in callback.notes),
    ]
    return "\n".join(lines)


def _fields(callback: Callback) -> dict[str, Any]:
    return {
        "reference": callback.reference,
        "created": callback.created.isoformat(timespec="seconds"),
        "due": callback.due.isoformat(timespec="seconds") if callback.due else None,
        "priority": callback.priority,
        "status": callback.status,
        "name": callback.name,
        "phone": callback.phone,
        "best_times": list(callback.best_times),
        "topic": callback.topic,
        "notes": list(callback.notes),
        "language": callback.lang,
        "voicemail_ok": callback.voicemail_ok,
    }
