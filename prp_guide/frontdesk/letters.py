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
from prp_guide.frontdesk.outbox import CREATED, HEAD, RAISED, TEST, UNATTENDED, WAITING

HEADLINES = {
    CREATED: "New callback request",
    RAISED: "A callback request has become urgent",
    WAITING: "An urgent callback request has waited 30 minutes",
    UNATTENDED: "Nobody has opened the callback inbox for two working days",
    HEAD: "The access log's head of today, to be kept",
    TEST: "Test of a delivery, nothing to do",
}


@dataclass(frozen=True)
class Letter:
    """One delivery, ready to be put into words. `callback` is None for an alert that is of no request."""

    id: str
    event: str
    at: datetime
    callback: Callback | None = None
    inbox_url: str | None = None
    words: str | None = None  # what there is to say besides; nothing of a patient's

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
        return f"{self.inbox_url}/desk" + (f"#{self.callback.reference}" if self.callback else "")


def webhook_body(letter: Letter) -> bytes:
    """The JSON for a webhook. Its keys are a contract: docs/callbacks.md."""
    return json.dumps(
        {
            "id": letter.id,
            "event": letter.event,
            "at": letter.at.isoformat(timespec="seconds"),
            "text": f"{letter.headline}." + (f" {letter.words}" if letter.words else ""),
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
    if letter.words:
        parts.append(letter.words)
    if letter.link:
        parts.append(letter.link)
    return json.dumps({"text": " ".join(parts)}).encode()


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
    if letter.words:
        lines.append(letter.words)
    if letter.link:
        lines.append(f"Open the inbox: {letter.link}")
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
