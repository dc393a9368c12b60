"""A callback request: as a patient makes it, checked, and as it is stored."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from prp_guide.clinic import phone_text
from prp_guide.errors import CallbackInvalid
from prp_guide.frontdesk import fields
from prp_guide.frontdesk.consent import CONSENT

OPEN, DONE = "open", "done"
URGENT, NORMAL = "urgent", "normal"
CLAIM_HOLDS = timedelta(minutes=30)
# The events that take a request off the list.
CLOSING = ("done", "reached", "booked", "wrong_number")
PUBLIC_FIELDS = ("name", "phone", "best_time", "topic", "note", "lang", "voicemail_ok")
REQUIRED_FIELDS = ("name", "phone", "best_time")


@dataclass(frozen=True)
class CallbackRequest:
    """What a patient asks for. Build it with `checked` or `from_public`; the constructor takes anything."""

    name: str
    phone: str  # E.164
    best_time: str
    topic: str | None = None
    note: str | None = None
    lang: str = "en"
    voicemail_ok: bool | None = None
    priority: str = NORMAL
    source: str = "form"
    consent: str = CONSENT.version

    @classmethod
    def checked(cls, **given: object) -> CallbackRequest:
        """A request of the fields `given`, cleaned. Raises CallbackInvalid, one sentence a field.

        Takes every field but `consent`. What the public sends goes through `from_public`, which lets nobody
        choose a priority.
        """
        lang = _language(given)
        refused = {field: fields.sentence("unknown", lang) for field in given if field not in fields.CHECKS}
        kept: dict[str, Any] = {}
        for field, check in fields.CHECKS.items():
            if field in given or field in REQUIRED_FIELDS:
                try:
                    kept[field] = check(given.get(field), lang)
                except ValueError as fault:
                    refused[field] = str(fault)
        if refused:
            raise CallbackInvalid(refused)
        # The switchboard would not know whom to ring.
        if extension := fields.extension(given["phone"]):
            kept["note"] = "\n".join(filter(None, (f"Extension {extension}.", kept.get("note"))))
        return cls(**kept)

    @classmethod
    def from_public(cls, body: Mapping[str, object]) -> CallbackRequest:
        """A request of the plain form's JSON. Raises CallbackInvalid, for fields that are not public too."""
        hidden = {field: fields.sentence("unknown", _language(body)) for field in body if field not in PUBLIC_FIELDS}
        if hidden:
            raise CallbackInvalid(hidden)
        return cls.checked(**body, source="form")

    @property
    def fingerprint(self) -> str:
        """The same for the same request: what an idempotency key is held against."""
        plain = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Repeat:
    """The same person asked the same again while the request was open."""

    at: datetime
    best_time: str
    note: str | None


@dataclass(frozen=True)
class Callback:
    """A request that is stored. Times are aware, UTC; `due` is None while the clinic has given no hours."""

    id: int
    reference: str
    created: datetime
    name: str
    phone: str
    best_time: str  # as first given; `best_times` has all
    topic: str | None
    note: str | None  # as first given; `notes` has all
    lang: str
    voicemail_ok: bool | None
    priority: str
    status: str
    due: datetime | None
    source: str
    consent: str
    closed: datetime | None = None  # when it was last marked done, by whom; None while it is open
    closed_by: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    sleeps_until: datetime | None = None
    outcome: str | None = None  # of the last call: see prp_guide.frontdesk.outcomes
    attempts: int = 0  # calls that reached nobody
    known_patient: bool | None = None  # False: new to the clinic; None: nobody has said
    sample: bool = False  # made by `prp-guide demo`, of no patient
    repeats: tuple[Repeat, ...] = ()

    @property
    def phone_text(self) -> str:
        """The number as people write it: (310) 555-0147."""
        return phone_text(self.phone)

    @property
    def urgent(self) -> bool:
        return self.priority == URGENT

    @property
    def best_times(self) -> tuple[str, ...]:
        """Every time to call that was given, first to last, each once."""
        return tuple(dict.fromkeys((self.best_time, *(repeat.best_time for repeat in self.repeats))))

    @property
    def notes(self) -> tuple[str, ...]:
        """Every note that was given, first to last, each once."""
        return tuple(dict.fromkeys(filter(None, (self.note, *(repeat.note for repeat in self.repeats)))))

    def overdue(self, now: datetime) -> bool:
        """Whether it waits past its due time at `now`."""
        return self.status == OPEN and self.due is not None and self.due < now

    def asleep(self, now: datetime) -> bool:
        """Whether it is not to be called yet at `now`."""
        return self.status == OPEN and self.sleeps_until is not None and self.sleeps_until > now

    def holder(self, now: datetime) -> str | None:
        """Who works on it at `now`; a claim that is older than CLAIM_HOLDS keeps nobody else away."""
        if self.claimed_by is None or self.claimed_at is None or now - self.claimed_at >= CLAIM_HOLDS:
            return None
        return self.claimed_by


@dataclass(frozen=True)
class Event:
    """One thing that happened to a callback; events are only ever added.

    By patients and PRP Guide: created, merged, raised, waiting, undelivered, resent. By people: claimed, taken_over,
    released, slept, reached, booked, voicemail, no_answer, wrong_number, done, reopened, noted, known, undone.
    """

    at: datetime
    actor: str
    event: str
    detail: str | None


def same_name(one: str, other: str) -> bool:
    """Whether two names are one person's: capitals, blanks and the width of letters make no difference."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _language(given: Mapping[str, object]) -> str:
    lang = given.get("lang")
    return lang if isinstance(lang, str) and lang in fields.LANGUAGES else "en"
