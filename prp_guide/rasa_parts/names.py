"""The names that config.yml, domain.yml, data/rules.yml and our code must agree on."""

from __future__ import annotations

REPLY = "utter_reply"
FORM = "callback_form"
VALIDATE_FORM = "validate_callback_form"
FINISH = "action_finish_callback"

# The form's steps in the order asked, and the slot of each. A slot holds GIVEN, never the patient's words.
SLOT_OF_STEP = {
    "name": "callback_name",
    "phone": "callback_phone",
    "time": "callback_time",
    "confirm": "callback_confirmed",
}
STEP_OF_SLOT = {slot: step for step, slot in SLOT_OF_STEP.items()}
GIVEN = "given"
VOICEMAIL = "callback_voicemail"  # an entity: GIVEN when a voicemail may be left, REFUSED when not
REFUSED = "refused"
REFERENCE = "callback_reference"  # slot: of the last request that was sent from this conversation
PROBLEM = "callback_problem"  # the step whose entry was refused in this turn
OUTCOME = "callback_outcome"  # how the form ended: sent, cancelled, interrupted

CHANNEL = "prp"
PLAN = "plan"  # key of the parse data: what the turn will say, part by part
TURN = "turn"  # key of a message's metadata: the number of the turn in its conversation
