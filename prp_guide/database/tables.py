"""The tables of all owners: the chat's, Rasa's, the front desk's, the access log."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# Times are UTC, stored as ISO 8601 text with microseconds, so that they sort as text in every engine.
TIME = sa.String(32)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("created", TIME, nullable=False),
    sa.Column("last_seen", TIME, nullable=False, index=True),
    sa.Column("lang", sa.String(2), nullable=False, server_default="en"),
    sa.Column("last_turn", sa.Integer, nullable=False, server_default="0"),
)

# How the ids of sample conversations begin (`prp-guide demo`): patients' ids have no full stop.
SAMPLE = "sample."

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("session", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=True),
    sa.Column("status", sa.String(8), nullable=False),  # running, done, failed
    sa.Column("request", sa.Text, nullable=True),  # redacted
    sa.Column("messages", sa.Text, nullable=True),  # the envelopes as JSON, redacted
    sa.Column("created", TIME, nullable=False, index=True),
    sa.Column("finished", TIME, nullable=True),
    sa.UniqueConstraint("session", "client_id", name="turns_client_id"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("session", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message", sa.String(40), primary_key=True),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("created", TIME, nullable=False),
)

trackers = sa.Table(
    "trackers",
    metadata,
    sa.Column("conversation", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("events", sa.Text, nullable=False),  # Rasa's events as JSON, redacted, the last turns only
    sa.Column("saved", TIME, nullable=False, index=True),
)

drafts = sa.Table(
    "drafts",
    metadata,
    # No foreign key: a draft of `rasa shell` belongs to no session. It expires in any case.
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # encrypted
    sa.Column("expires", TIME, nullable=False, index=True),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(12), nullable=False, unique=True),
    sa.Column("created", TIME, nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("phone", sa.String(20), nullable=False, index=True),  # E.164
    sa.Column("best_time", sa.String(200), nullable=False),
    sa.Column("topic", sa.String(40), nullable=True),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("lang", sa.String(2), nullable=False, server_default="en"),
    sa.Column("voicemail_ok", sa.Boolean, nullable=True),
    sa.Column("priority", sa.String(8), nullable=False),  # urgent, normal
    sa.Column("status", sa.String(12), nullable=False, index=True),  # open, done
    sa.Column("due", TIME, nullable=True, index=True),
    sa.Column("source", sa.String(8), nullable=False),  # chat, form
    sa.Column("consent", sa.String(40), nullable=False),  # version of the consent sentence shown
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # hash of the request that the key came with
    sa.Column("claimed_by", sa.String(80), nullable=True),  # whoever works on it
    sa.Column("claimed_at", TIME, nullable=True),
    sa.Column("sleeps_until", TIME, nullable=True),  # not to be called before
    sa.Column("outcome", sa.String(12), nullable=True),  # of the last call: see prp_guide.frontdesk.outcomes
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # calls that reached nobody
    sa.Column("known_patient", sa.Boolean, nullable=True),  # False: new to the clinic; NULL: nobody has said
    sa.Column("sample", sa.Boolean, nullable=False, server_default=sa.false()),  # made by `prp-guide demo`
)

callback_events = sa.Table(
    "callback_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("event", sa.String(20), nullable=False),  # see prp_guide.frontdesk.callback.Event
    sa.Column("detail", sa.Text, nullable=True),
    sa.Column("before", sa.Text, nullable=True),  # as JSON, how the request stood: what an undo puts back
    sa.Column("once", sa.String(64), nullable=True),  # of the form that asked for it: a repeat acts once
    sa.Index("callback_events_once", "once", unique=True),
)

# What merged into a request that was still open: each has its own key, and keeps what was said.
callback_repeats = sa.Table(
    "callback_repeats",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("best_time", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("consent", sa.String(40), nullable=False),
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    # Nothing of the patient's: what is sent is read from the request when it is sent. NULL for what is of no request.
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=True, index=True),
    sa.Column("event", sa.String(20), nullable=False),  # see prp_guide.frontdesk.outbox
    sa.Column("target", sa.String(80), nullable=False),  # its name in clinic.yml
    sa.Column("status", sa.String(10), nullable=False),  # waiting, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created", TIME, nullable=False),
    sa.Column("next_attempt", TIME, nullable=False),
    sa.Column("give_up", TIME, nullable=False),
    sa.Column("holder", sa.String(40), nullable=True),  # the attempt under way, of one worker
    sa.Column("held_until", TIME, nullable=True),  # from then on another may take it
    sa.Column("finished", TIME, nullable=True),  # when it was sent or given up
    sa.Column("last_error", sa.Text, nullable=True),
    sa.Index("deliveries_to_do", "target", "status", "next_attempt"),
)

# Moments that are remembered, one a name: see prp_guide.frontdesk.attendance and rounds.
desk_moments = sa.Table(
    "desk_moments",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("at", TIME, nullable=False),
)

# Notes that somebody at the front desk has begun and not added yet.
desk_drafts = sa.Table(
    "desk_drafts",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved", TIME, nullable=False, index=True),
)

# Only ever added to: see prp_guide.privacy.access_log.
access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("act", sa.String(20), nullable=False),
    sa.Column("requests", sa.Text, nullable=True),  # references, one blank between two
    sa.Column("detail", sa.Text, nullable=True),  # never a patient's
    sa.Column("mac", sa.String(64), nullable=False),
)

desk_users = sa.Table(
    "desk_users",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("folded", sa.String(160), nullable=False, unique=True),  # so that ana and Ana are one
    sa.Column("role", sa.String(8), nullable=False),  # staff, owner
    sa.Column("password", sa.String(200), nullable=True),  # argon2id; NULL: signs in by link only
    sa.Column("created", TIME, nullable=False),
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("expires", TIME, nullable=False),
    sa.Column("used", TIME, nullable=True),
)

desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("created", TIME, nullable=False),
    sa.Column("last_seen", TIME, nullable=False),
    sa.Column("expires", TIME, nullable=False),
)
