"""The ids that data/replies.yml must hold, with the placeholders that each text may name."""

from __future__ import annotations

CLINIC = frozenset({"phone", "name"})
NOTHING: frozenset[str] = frozenset()

CARDS: dict[str, frozenset[str]] = {
    "emergency": NOTHING,
    "self_harm": NOTHING,
    "poison": NOTHING,
    "same_day": CLINIC,
    "same_day_after_hours": CLINIC | {"after_hours_phone"},
    "same_day_closed": CLINIC,
}

SMALL_TALK = (
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "bot_challenge",
    "capabilities",
    "insult_or_frustration",
)

# What the assistant may offer when it asks back, besides the topics.
OFFERED = (
    "request_callback",
    "book_appointment",
    "change_appointment",
    "phone",
    "post_treatment_concern",
    "emergency",
    "poison",
    "self_harm",
)

TEXTS: dict[str, frozenset[str]] = {
    "greeting": CLINIC,
    **{f"small_talk_{name}": CLINIC for name in SMALL_TALK},
    "handoff_human": CLINIC,
    "handoff_phone": CLINIC,
    "handoff_missed": CLINIC,
    "handoff_callback_status": CLINIC,
    "handoff_long": CLINIC,
    "other_language": CLINIC | {"languages"},
    "out_of_scope": CLINIC,
    "out_of_scope_part": CLINIC,
    "card_question": NOTHING,
    "clarify": CLINIC,
    "withheld": CLINIC,
    "unavailable": CLINIC,
    "failed": CLINIC,
    "callback_name": CLINIC,
    "callback_name_book_appointment": CLINIC,
    "callback_name_change_appointment": CLINIC,
    "callback_phone": CLINIC,
    "callback_time": CLINIC,
    "callback_confirm": CLINIC | {"details", "consent"},
    "callback_confirm_voicemail": CLINIC | {"details", "consent"},
    "callback_cancelled": CLINIC,
    "callback_many": CLINIC,
    "callback_kept_details": NOTHING,
    "callback_voicemail_yes": NOTHING,
    "callback_voicemail_no": NOTHING,
    "callback_consent": CLINIC,
    "callback_error_name": NOTHING,
    "callback_error_phone": NOTHING,
    "callback_error_time": NOTHING,
    "callback_error_confirm": NOTHING,
    "callback_error_expired": NOTHING,
    "lead_again": NOTHING,
    "label_call": CLINIC,
    "label_call_after_hours": CLINIC | {"after_hours_phone"},
    "label_call_911": NOTHING,
    "label_call_988": NOTHING,
    "label_text_988": NOTHING,
    "label_call_poison": NOTHING,
    "label_book": NOTHING,
    "label_callback": NOTHING,
    "label_callback_about": frozenset({"about"}),
    "label_callback_urgent": NOTHING,
    "label_callback_resume": NOTHING,
    "label_front_desk": NOTHING,
    "label_card_yes": NOTHING,
    "label_card_no": NOTHING,
    "label_yes": NOTHING,
    "label_no_voicemail": NOTHING,
    "label_no": NOTHING,
    **{f"label_topic_{name}": NOTHING for name in OFFERED},
}
